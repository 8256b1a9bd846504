// Every page in a real browser: both languages, two widths, one task on each page; no message on the console, no request to
// anyone else, no violation of WCAG 2.2 AA that a program can find.
//
//   node tests/run.mjs --forelay PATH --study FOLDER [--shots FOLDER] [--only PAGE,PAGE] [--dist FOLDER]
//
// With --dist the pages come from a folder instead of the program, for work on the pages alone.
//
// The study needs a finished run. Node, the packages of package-lock.json and /usr/bin/chromium (or CHROMIUM) are needed.

import { spawn } from 'node:child_process';
import { mkdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { chromium } from 'playwright-core';
import { tasks } from './tasks.mjs';

const argument = (name, otherwise) => {
  const at = process.argv.indexOf(`--${name}`);
  return at < 0 ? otherwise : process.argv[at + 1];
};
const program = argument('forelay', '../target/debug/forelay');
const study = argument('study');
const shots = argument('shots');
const only = argument('only');
const dist = argument('dist');
if (!study) throw new Error('--study FOLDER is needed');

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const PAGES = ['overview', 'trend', 'foundation', 'chain', 'select', 'layout', 'invest', 'roadmap', 'evidence', 'explain', 'runs'];
const RULES = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'];

function serve() {
  const child = spawn(program, ['--study', study, 'serve', '--port', '0'], { stdio: ['ignore', 'pipe', 'inherit'] });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code) => reject(new Error(`forelay serve ended with ${code}`)));
    child.stdout.once('data', (text) => resolve({ child, address: String(text).split('\n')[0].trim() }));
  });
}

const problems = [];
const note = (text) => {
  problems.push(text);
  console.error(text);
};
let checks = 0;
const { child, address } = await serve();
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync', '--use-angle=swiftshader', '--enable-unsafe-swiftshader'],
});
try {
  for (const [width, height] of [[1280, 900], [390, 844]]) {
    for (const lang of ['en', 'zh']) {
      const context = await browser.newContext({ viewport: { width, height }, locale: lang === 'zh' ? 'zh-CN' : 'en-GB', bypassCSP: false });
      if (dist) {
        await context.route('**/*', (route) => {
          const path = new URL(route.request().url()).pathname;
          if (path.startsWith('/api/')) return route.continue();
          return route.fulfill({ path: `${dist}/${path.startsWith('/assets/') ? path : 'index.html'}` });
        });
      }
      for (const name of PAGES.filter((p) => !only || only.split(',').includes(p))) {
        const where = `${name} ${lang} ${width}`;
        const say = (what) => note(`${where}: ${what}`);
        const page = await context.newPage();
        page.on('console', (m) => ['error', 'warning'].includes(m.type()) && say(`console: ${m.text()}`));
        page.on('pageerror', (e) => say(`failure: ${e.message}`));
        page.on('request', (r) => !r.url().startsWith(address) && !r.url().startsWith('data:') && say(`request to ${r.url()}`));
        page.on('response', (r) => r.status() >= 400 && say(`${r.status()} ${r.url()}`));
        await page.goto(`${address}${name === 'overview' ? '' : name}${lang === 'zh' ? '?lang=zh' : ''}`);
        page.setDefaultTimeout(20000);
        await settled(page).catch(() => say('it does not come to rest'));
        const begun = performance.now();
        await tasks[name]({ page, lang, expect: (truth, what) => truth || say(what) }).catch((e) => say(`task: ${e.message.split('\n').slice(0, 3).join(' ')}`));
        await settled(page).catch(() => say('it does not come to rest'));
        const took = performance.now() - begun;
        // A page is in one language: a Chinese page has Chinese headings, an English one has none.
        const heading = await page.locator('h1').innerText();
        if (/[\u4e00-\u9fff]/.test(heading) !== (lang === 'zh')) say(`heading in the other language: ${heading}`);
        if ((await page.locator('html').getAttribute('lang')) !== (lang === 'zh' ? 'zh-CN' : 'en')) say('language of the page');
        const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
        if (wide > 1) say(`the page is ${wide} px wider than the window`);
        // Within the page's own world: the content policy stays as it is.
        await page.evaluate(axe);
        const found = await page.evaluate((rules) => globalThis.axe.run(document, { runOnly: { type: 'tag', values: rules } }), RULES);
        for (const v of found.violations) say(`axe ${v.id}: ${v.help} (${v.nodes.length}): ${v.nodes.slice(0, 3).map((n) => n.target.join(' ')).join(' | ')}`);
        if (shots) {
          mkdirSync(shots, { recursive: true });
          await page.screenshot({ path: `${shots}/${name}-${lang}-${width}.png`, fullPage: false });
        }
        console.log(`${where}: ${found.passes.length} rules passed, task ${Math.round(took)} ms`);
        checks += 1;
        await page.close();
      }
      await context.close();
    }
  }
} finally {
  await browser.close();
  child.removeAllListeners('exit');
  child.kill();
}

async function settled(page) {
  await page.waitForFunction(() => document.querySelector('h1') && !document.querySelector('[aria-busy="true"], .busy, .later'), undefined, { timeout: 20000 });
}

console.log(`${checks} views, ${problems.length} problems`);
process.exitCode = problems.length ? 1 : 0;
