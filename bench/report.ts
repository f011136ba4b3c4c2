/**
 * The picture of a report in the README: the first strips of the report given, as one JPEG.
 *   npx tsx bench/report.ts results/runs/<id>/report.html docs/report.jpg
 */
import { resolve } from 'node:path';
import { chromium } from 'playwright-core';

const [report, out] = process.argv.slice(2);
if (!report || !out)
  throw new Error('usage: npx tsx bench/report.ts results/runs/<id>/report.html docs/report.jpg');

const browser = await chromium.launch({
  executablePath: process.env['CHROMIUM'] ?? '/usr/bin/chromium',
  args: ['--no-sandbox'],
});
const page = await browser.newPage({ viewport: { width: 1180, height: 900 } });
await page.goto(`file://${resolve(report)}`);
await page.addStyleTag({
  content:
    'main>*,#fakes .strips~*,#fakes .strip:nth-child(n+4){display:none}#fakes{display:block}main{padding:0 1rem 1rem}',
});
await page.setViewportSize({
  width: 1180,
  height: Number(await page.evaluate(`document.querySelector('main').offsetHeight`)),
});
await page.waitForTimeout(1000); // the controls of a video fade in
await page.screenshot({ path: out, type: 'jpeg', quality: 60 });
await browser.close();
