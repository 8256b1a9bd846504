// One real task for each page.

const query = (page) => new URL(page.url()).searchParams;
const idle = (page) =>
  page.waitForFunction(() => !document.querySelector('[aria-busy="true"], .busy, .later'), undefined, { timeout: 60000 });

export const tasks = {
  /** Read what is not answered, then follow the spine with the keyboard. */
  async overview({ page, expect }) {
    const refused = page.locator('section.doc .tablebox tbody tr');
    await refused.first().waitFor();
    expect((await refused.count()) > 0, 'no refusal is shown');
    await page.locator('ol.spine a').first().focus();
    await page.keyboard.press('Enter');
    await page.waitForURL('**/trend*');
    await page.goBack();
    await page.locator('ol.spine').waitFor();
  },
  /** Open the table behind a figure and walk from a number to its explanation. */
  async trend({ page, expect }) {
    await page.locator('figure').first().waitFor();
    await page.locator('figure summary').first().click();
    const link = page.locator('figure table a.n').first();
    await link.click();
    await page.waitForURL('**/explain*');
    await idle(page);
    expect((await page.locator('svg.lineage a').count()) > 1, 'no lineage');
    await page.goBack();
    await page.locator('figure').first().waitFor();
  },
  /** Open a table of the part, sort it by a column of numbers. */
  async foundation({ page, expect }) {
    await page.locator('.picks button:not([disabled])').first().click();
    await idle(page);
    expect(query(page).get('table') !== null, 'the table is not in the address');
    await page.locator('section:has(.picks) .tablebox button.sort').last().click();
    await idle(page);
    expect((await page.locator('th[aria-sort]').count()) === 1, 'not sorted');
  },
  /** Switch a country off at a node and a second one altogether, see losses move, then read the whole answer to one of them. */
  async chain({ page, expect }) {
    await page.locator('.walk .here').waitFor();
    await page.locator('svg.chain a').first().waitFor();
    expect((await page.locator('svg.chain .worst').count()) === 0, 'losses before anything is off');
    await page.locator('.walk .here tbody button').first().click();
    await page.locator('svg.chain .worst').first().waitFor();
    const one = await page.locator('.chainpicture .lead').innerText();
    await page.locator('.switches button').first().click();
    await page.waitForFunction((before) => document.querySelector('.chainpicture .lead')?.textContent !== before, one);
    expect((await page.locator('.chips li').count()) === 4, 'two switches, the way back and the whole answer');
    expect(query(page).get('off')?.split(',').length === 2, 'the switches are not in the address');
    const node = page.locator('svg.chain a').nth(2);
    await node.focus();
    await page.keyboard.press('Enter');
    await page.waitForFunction(() => new URLSearchParams(location.search).has('at') && new URLSearchParams(location.search).has('off'));
    // A firm: its part of its country's supply is a range, said beside the losses.
    await page.locator('.chainpicture select').nth(-1).selectOption({ index: 1 });
    await page.getByRole('region', { name: /firms that are off may hold|已关闭企业/ }).locator('tbody tr').first().waitFor();
    expect(query(page).get('off')?.includes('~'), 'the firm is not in the address');
    await page.locator('.chips li').first().locator('button').nth(1).click();
    await page.locator('.lead').first().waitFor();
    const command = await page.locator('#whatif .command code').last().innerText();
    expect(/^forelay (--lang zh )?shock --/.test(command), `command: ${command}`);
    await page.locator('.chips li').last().locator('button').click();
    await page.waitForFunction(() => document.querySelectorAll('#whatif .command code').length && [...document.querySelectorAll('#whatif .command code')].at(-1)?.textContent?.split('--off').length > 3, undefined, { timeout: 60000 });
    const inputs = page.locator('.walk > div:last-child a').first();
    if (await inputs.count()) await inputs.click();
  },
  /** Give needs more weight, see acceptability move, find the change in the address. */
  async select({ page, expect }) {
    const slider = page.locator('.weights input[type=range]').nth(1);
    await slider.waitFor();
    const before = await page.locator('table.bars tbody tr').allInnerTexts();
    await slider.focus();
    for (let i = 0; i < 4; i++) await page.keyboard.press('ArrowRight');
    await slider.evaluate((x) => x.dispatchEvent(new Event('change', { bubbles: true })));
    await page.locator('form.panel pre').waitFor({ state: 'attached' });
    await idle(page);
    const after = await page.locator('table.bars tbody tr').allInnerTexts();
    expect(before.join() !== after.join(), 'acceptability does not move');
    expect(query(page).get('w') !== null, 'the weights are not in the address');
    await page.reload();
    await page.locator('form.panel pre').waitFor({ state: 'attached' });
  },
  /** Lock one industry, forbid another, read the price, ask a city why not. */
  async layout({ page, expect }) {
    await page.locator('.matrix .cell').first().waitFor();
    await page.locator('.matrix .cell:not(.placed)').first().click();
    await page.waitForFunction(() => document.querySelector('.price pre, .price p')?.textContent && !document.querySelector('.busy'), undefined, { timeout: 60000 });
    await page.locator('form.panel pre').waitFor({ state: 'attached' });
    const placed = page.locator('.matrix .cell.placed:not(.lock)').nth(3);
    await placed.click();
    await page.waitForTimeout(400);
    await idle(page);
    await placed.click({ timeout: 2000 }).catch(() => undefined);
    await page.waitForTimeout(400);
    await idle(page);
    expect(query(page).get('lock') !== null, 'the lock is not in the address');
    expect(/\d/.test(await page.locator('.price').innerText()), 'no price');
    await page.locator('label.panel select').selectOption({ index: 1 });
    await idle(page);
    expect((await page.locator('.tablebox').count()) > 0, 'no reasons');
    const compared = page.locator('table.beside thead th');
    await compared.first().waitFor();
    const columns = await compared.count();
    await page.locator('fieldset.beside input:not(:checked)').first().click();
    await page.waitForFunction((n) => document.querySelectorAll('table.beside thead th').length === n + 1, columns);
    expect((await page.locator('table.beside .fresh').count()) > 0, 'no layout differs from the best one');
    expect(query(page).get('beside') !== null, 'the compared layouts are not in the address');
  },
  /** Move the budget and read what it buys. */
  async invest({ page, expect }) {
    const slider = page.locator('input[type=range]:not(.rung)');
    await slider.waitFor();
    const text = () => page.locator('.facts').first().innerText();
    const before = await text();
    await slider.focus();
    await page.keyboard.press('ArrowRight');
    await page.waitForTimeout(100);
    expect(before !== (await text()), 'the budget changes nothing');
    expect(query(page).get('budget') !== null, 'the budget is not in the address');
    const rung = page.locator('input.rung');
    await rung.focus();
    await page.keyboard.press('ArrowRight');
    await page.locator('table.bars tr.chosen:nth-child(2)').waitFor();
    expect(query(page).get('rung') === '1', 'the rung is not in the address');
  },
  /** From a node of the roadmap to the evidence row behind it, and back. */
  async roadmap({ page, expect }) {
    const row = page.locator('td a[href*="/evidence"]').first();
    await row.waitFor();
    const key = new URLSearchParams((await row.getAttribute('href')).split('?')[1]).get('key');
    expect((await row.innerText()) !== key, 'a row stands by its id');
    await row.click();
    await page.waitForURL('**/evidence*');
    await idle(page);
    expect((await page.locator('li.evidence').count()) === 1, 'not one row of evidence');
    await page.goBack();
    await page.locator('td a[href*="/evidence"]').first().waitFor();
    await page.locator('form.panel select').selectOption({ index: 1 });
    await idle(page);
    expect((await page.locator('.panel[aria-live] p').count()) === 1, 'a run differs from itself');
    expect(query(page).get('since') !== null, 'the other run is not in the address');
  },
  /** Search in the other language than the page's, open a row with its source and licence. */
  async evidence({ page, lang, expect }) {
    await page.locator('input[name=q]').fill(lang === 'zh' ? 'lithography' : '光刻');
    await page.keyboard.press('Enter');
    await page.locator('li.evidence').first().waitFor();
    await page.locator('li.evidence a.n').first().click();
    await idle(page);
    expect((await page.locator('li.evidence').count()) === 1, 'not one row');
    expect(query(page).get('key') !== null, 'the row is not in the address');
  },
  /** Walk two steps down the graph. */
  async explain({ page, expect }) {
    await page.locator('svg.lineage a[href^="/explain"]').nth(1).waitFor();
    const before = page.url();
    await page.locator('svg.lineage a[href^="/explain"]').nth(1).focus();
    await page.keyboard.press('Enter');
    await page.waitForFunction((url) => location.href !== url, before);
    await idle(page);
    await page.locator('svg.lineage a, li.evidence').first().waitFor();
    expect((await page.locator('.how dd').count()) >= 2, 'no formula');
    await page.goBack();
    await page.locator('svg.lineage a[href^="/explain"]').nth(1).waitFor();
  },
  /** Look at the history and compare a run with itself. */
  async runs({ page, expect }) {
    await page.locator('form.fields select[name=from]').waitFor();
    expect((await page.locator('tbody tr').count()) > 0, 'no run');
    await page.locator('form.fields select[name=from]').locator('xpath=ancestor::form').locator('button').click();
    await idle(page);
    expect(query(page).get('from') !== null, 'the comparison is not in the address');
  },
};
