/** The report in a real browser: no console error, nothing fetched, nothing wider than the screen. */
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Browser, chromium } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { buildReport } from '../../src/reports/report.ts';
import { madeUpRun } from './made-up-run.ts';

const executablePath = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find(
  (path) => existsSync(path),
);
if (!executablePath && process.env['CI'] === 'true')
  throw new Error('CI must bring Chromium (apt-get install chromium)');
if (!executablePath) process.stderr.write('skipped: the report in a browser; no Chromium on this machine\n');

describe.skipIf(!executablePath)('report.html', () => {
  const folder = mkdtempSync(join(tmpdir(), 'masque-page-'));
  let browser: Browser;
  beforeAll(async () => {
    const { record, outcomes } = madeUpRun();
    writeFileSync(join(folder, 'report.html'), buildReport(record, outcomes, { strips: [] }));
    const args = ['--no-sandbox', '--disable-gpu', '--disable-background-networking'];
    browser = await chromium.launch({ executablePath: executablePath!, args });
  });
  afterAll(async () => {
    await browser?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  test.each([400, 1280])('at %d px', async (width) => {
    const page = await browser.newPage({ viewport: { width, height: 900 } });
    const problems: string[] = [];
    page.on('console', (message) => void (message.type() === 'error' && problems.push(message.text())));
    page.on('pageerror', (error) => problems.push(error.message));
    page.on(
      'request',
      (request) =>
        void (
          !request.url().startsWith('file:') &&
          !request.url().startsWith('data:') &&
          problems.push(request.url())
        ),
    );
    await page.goto(`file://${join(folder, 'report.html')}`);
    expect(problems).toEqual([]);
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(width);
    expect(await page.locator('h2').count()).toBeGreaterThan(5);
  });
});
