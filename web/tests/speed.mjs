// How long a reader waits: cold start, page weight, and for each interaction the time until the page is at rest again.
//
//   node tests/speed.mjs --forelay PATH --study FOLDER [--times 20] [--run ID]
//
// The study needs a finished run. Prints a table; decides nothing.

import { spawn } from 'node:child_process';
import { chromium } from 'playwright-core';

const argument = (name, otherwise) => {
  const at = process.argv.indexOf(`--${name}`);
  return at < 0 ? otherwise : process.argv[at + 1];
};
const program = argument('forelay', '../target/debug/forelay');
const study = argument('study');
const times = Number(argument('times', '20'));
// A run of some steps is no `latest`.
const which = argument('run', '') ? `?run=${argument('run')}` : '';
if (!study) throw new Error('--study FOLDER is needed');

const born = performance.now();
const child = spawn(program, ['--study', study, 'serve', '--port', '0'], { stdio: ['ignore', 'pipe', 'inherit'] });
const address = await new Promise((resolve, reject) => {
  child.once('error', reject);
  child.once('exit', (code) => reject(new Error(`forelay serve ended with ${code}`)));
  child.stdout.once('data', (text) => resolve(String(text).split('\n')[0].trim()));
});
const listening = performance.now() - born;
const answered = await fetch(`${address}api/overview${which}`).then((r) => r.text()).then(() => performance.now() - born);
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-gpu', '--no-first-run', '--use-angle=swiftshader', '--enable-unsafe-swiftshader'],
});

/** At rest: no request is under way, nothing is busy, and two frames later that is still so. Gives the moment when it was so first. */
const underWay = new Map();
function watch(page) {
  let n = 0;
  const change = (by) => (request) => request.url().includes('/api/') && underWay.set(page, (n += by));
  page.on('request', change(1));
  page.on('requestfinished', change(-1));
  page.on('requestfailed', change(-1));
}
async function rest(page) {
  const still = () =>
    page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => done(!document.querySelector('[aria-busy="true"]:not(.later), .busy'))))));
  for (let since = 0; ; ) {
    if (!(await still()) || underWay.get(page)) since = 0;
    else if (since) return since;
    else since = performance.now();
  }
}
const taken = {};
const below = [];
async function timed(name, page, act) {
  const begun = performance.now();
  const did = await act();
  if (did === false) return;
  await page.waitForTimeout(0);
  (taken[name] ??= []).push((await rest(page)) - begun);
  if (!name.startsWith('open ')) return;
  // What lies below the part that is seen follows in idle moments.
  await page.waitForFunction(() => !document.querySelector('.later'));
  below.push(performance.now() - begun);
}
/** Waits for an answer to a question that the page asks after a moment. */
const asked = (page, path, act) => Promise.all([page.waitForResponse((r) => r.url().includes(path)), act()]);

try {
  const page = await (await browser.newContext({ viewport: { width: 1280, height: 900 } })).newPage();
  watch(page);
  const client = await page.context().newCDPSession(page);
  await client.send('Network.enable');
  let bytes = 0;
  client.on('Network.loadingFinished', (e) => (bytes += e.encodedDataLength));
  const first = performance.now();
  await page.goto(address + which);
  await rest(page);
  console.log(`cold start: listening ${Math.round(listening)} ms, first answer ${Math.round(answered)} ms, first page at rest ${Math.round(performance.now() - first)} ms later; ${Math.round(bytes / 1000)} kB for it`);
  const names = ['trend', 'foundation', 'chain', 'select', 'layout', 'invest', 'roadmap', 'evidence', 'runs'];
  for (let i = 0; i < times; i++) {
    for (const name of names) {
      await timed(`open ${name}`, page, () => page.locator(`nav a[href^="/${name}"]`).first().click());
      if (name === 'foundation') {
        const find = page.locator('#space input[list]');
        if (await find.count()) {
          await find.focus();
          const keys = await page.locator('#activities option').evaluateAll((all) => all.map((o) => o.value));
          await timed('choose a node of the product space', page, async () => {
            await find.fill(keys[(i * 97) % keys.length]);
            await find.press('Tab');
          });
        }
        await timed('sort a table', page, async () => {
          const button = page.locator('.tablebox button.sort').first();
          return (await button.count()) ? button.click() : false;
        });
      }
      if (name === 'chain') {
        const switches = page.locator('.switches button');
        const n = await switches.count();
        if (n) await timed('switch a country off', page, () => asked(page, '/api/chain', () => switches.nth(i % Math.min(n, 5)).click()));
      }
      if (name === 'select') {
        const slider = page.locator('.weights input[type=range]').nth(1);
        if (await slider.count())
          await timed('move a weight', page, () =>
            asked(page, '/api/preview', async () => {
              await slider.focus();
              await page.keyboard.press(i % 2 ? 'ArrowLeft' : 'ArrowRight');
            }),
          );
      }
      if (name === 'layout') {
        const cell = page.locator('.matrix .cell:not(.placed)').nth(i % 20);
        if (await cell.count()) await timed('lock a placement', page, () => asked(page, '/api/preview', () => cell.click()));
      }
      if (name === 'invest') {
        const slider = page.locator('input[type=range]').first();
        if (await slider.count())
          await timed('move the budget', page, async () => {
            await slider.focus();
            await page.keyboard.press(i % 2 ? 'ArrowLeft' : 'ArrowRight');
          });
      }
      if (name === 'evidence') {
        await timed('search', page, async () => {
          await page.locator('input[name=q]').fill(['lithography', '光刻', 'gallium', 'robot'][i % 4]);
          await page.keyboard.press('Enter');
        });
        await timed('explain a number', page, async () => {
          await page.goto(`${address}explain?id=layout.certificate/plan%23objective${which.replace("?", "&")}`);
        });
      }
    }
  }
} finally {
  await browser.close();
  child.kill();
}
const at = (list, q) => list[Math.min(list.length - 1, Math.ceil(q * list.length) - 1)];
const all = [];
console.log('| interaction | n | median ms | p95 ms |\n|---|---|---|---|');
for (const [name, list] of Object.entries(taken)) {
  list.sort((a, b) => a - b);
  all.push(...list);
  console.log(`| ${name} | ${list.length} | ${Math.round(at(list, 0.5))} | ${Math.round(at(list, 0.95))} |`);
}
all.sort((a, b) => a - b);
console.log(`| all | ${all.length} | ${Math.round(at(all, 0.5))} | ${Math.round(at(all, 0.95))} |`);
below.sort((a, b) => a - b);
console.log(`\npages whole, below the part that is seen too: median ${Math.round(at(below, 0.5))} ms, p95 ${Math.round(at(below, 0.95))} ms`);
