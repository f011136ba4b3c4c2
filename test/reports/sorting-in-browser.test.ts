/** The leaderboard in a real browser: sorted with the keyboard, block by block; nothing fetched, nothing refused by the page's own policy. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { buildLeaderboard } from '../../src/reports/leaderboard.ts';
import { seriousFaults } from '../support/axe.ts';
import { hasChromium, launchChromium } from '../support/chromium.ts';
import { madeUpRun, withDriving } from './made-up-run.ts';
import { runsFolder } from './run-folders.ts';

describe.skipIf(!hasChromium('the leaderboard in a browser'))('leaderboard.html', () => {
  const folder = mkdtempSync(join(tmpdir(), 'masque-board-'));
  let browser: Browser;
  beforeAll(async () => {
    const run = madeUpRun('a');
    const { html } = await buildLeaderboard(await runsFolder({ ...run, record: withDriving(run.record) }));
    writeFileSync(join(folder, 'leaderboard.html'), html);
    browser = await launchChromium();
  });
  afterAll(async () => {
    await browser?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  async function open(javaScriptEnabled: boolean): Promise<{ page: Page; problems: string[] }> {
    const page = await (await browser.newContext({ javaScriptEnabled })).newPage();
    const problems: string[] = [];
    page.on('console', (message) => void (message.type() === 'error' && problems.push(message.text())));
    page.on('pageerror', (error) => problems.push(error.message));
    await page.goto(`file://${join(folder, 'leaderboard.html')}`);
    return { page, problems };
  }
  const column = (page: Page, name: string) =>
    page.locator('tbody').nth(1).locator(`tr:not(.driving) > [data-label="${name}"]`).allTextContents();

  test('axe-core finds no serious fault', async () => {
    const { page } = await open(true);
    expect(await seriousFaults(page)).toEqual([]);
    await page.close();
  });

  test('a column is sorted up, then down, with the keys alone; rows by driving stay below theirs', async () => {
    const { page, problems } = await open(true);
    const before = await column(page, 'AUC');
    const button = page.getByRole('button', { name: 'AUC', exact: false }).first();
    await button.focus();
    await page.keyboard.press('Enter');
    const numbers = (texts: string[]) => texts.map(Number);
    const up = numbers(before).toSorted((a, b) => a - b);
    expect(numbers(before)).not.toEqual(up);
    expect(numbers(await column(page, 'AUC'))).toEqual(up);
    const header = page.locator('th[data-sort="AUC"]');
    expect(await header.getAttribute('aria-sort')).toBe('ascending');
    await page.keyboard.press('Space');
    expect(numbers(await column(page, 'AUC'))).toEqual(up.toReversed());
    expect(await header.getAttribute('aria-sort')).toBe('descending');
    const rows = page.locator('tbody').nth(1).locator('tr');
    expect(await rows.first().getAttribute('class')).toBe('block');
    const names = await rows.evaluateAll((all) =>
      all.slice(1).map((row) => row.cells[0]!.textContent!.trim()),
    );
    for (let i = 0; i < names.length; i += 3)
      for (const part of [1, 2]) expect(names[i + part]).toContain(names[i]!.split(/\s/)[0]);
    await page.getByRole('button', { name: 'Detector' }).first().press('Enter');
    expect(await page.locator('[aria-sort]').count()).toBe(1);
    expect(problems).toEqual([]);
  });

  test('without scripts the table stands as it was written, without buttons', async () => {
    const { page } = await open(false);
    expect(await page.locator('button').count()).toBe(0);
    expect((await column(page, 'AUC')).length).toBe(5);
  });
});
