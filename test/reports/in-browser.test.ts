/** The report in a real browser: no console error, nothing fetched, nothing wider than the screen, readable colours, strips that play. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { encodeClip } from '../../src/media/encode.ts';
import { writeJpeg } from '../../src/media/images.ts';
import { buildReport } from '../../src/reports/report.ts';
import { layout } from '../../src/reports/strip-picture.ts';
import { seriousFaults } from '../support/axe.ts';
import { hasChromium, launchChromium } from '../support/chromium.ts';
import { paint } from '../support/clips.ts';
import { madeUpRecordings, madeUpRun, withAllSections, withDriving } from './made-up-run.ts';

describe.skipIf(!hasChromium('the report in a browser'))('report.html', () => {
  const folder = mkdtempSync(join(tmpdir(), 'masque-page-'));
  const problems: string[] = [];
  let browser: Browser;
  beforeAll(async () => {
    const { record, outcomes } = madeUpRun();
    record.detectors[3]!.quality = {
      'a figure with a long name, in one unit or another (mm)': { value: 1.5 },
    };
    const strip = await madeUpStrip(folder);
    const facts = {
      generator: 'puppetry@cpu-96',
      id: 'person-00/puppetry@cpu-96-0',
      target: 'person-00/real-0',
    };
    const strips = [0, 1, 2].map(() => ({ ...facts, driver: 'person-01/real-1', of: 3, ...strip }));
    writeFileSync(join(folder, 'report.html'), buildReport(withDriving(record), outcomes, { strips }));
    const full = withAllSections(madeUpRun());
    const item = { generator: 'gan', id: 'gan/a-rather-long-name-of-a-clip', rank: 0.2, detectors: 2 };
    const hardest = (['real', 'fake'] as const).map((truth) => ({
      ...item,
      judges: 'video',
      truth,
      frames: strip.poster,
      sound: strip.poster,
    }));
    const falls = Array.from({ length: 64 }, (_, i) => (i % 9) - 4);
    const share = { onMask: { value: 0.4 }, maskShare: { value: 0.2 } };
    const map = {
      detector: 'spectrum',
      ...item,
      picture: strip.poster,
      width: 64,
      height: 64,
      falls,
      ...share,
    };
    writeFileSync(
      join(folder, 'full.html'),
      buildReport(full.record, full.outcomes, { strips, hardest, looked: [map] }),
    );
    const recordings = madeUpRecordings();
    writeFileSync(
      join(folder, 'clips.html'),
      buildReport(recordings.record, recordings.outcomes, { strips: [] }),
    );
    browser = await launchChromium();
  });
  afterAll(async () => {
    await browser?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  async function open(name: string, width: number, colorScheme: 'light' | 'dark' = 'light'): Promise<Page> {
    const page = await browser.newPage({ viewport: { width, height: 900 }, colorScheme });
    problems.length = 0;
    page.on('console', (message) => void (message.type() === 'error' && problems.push(message.text())));
    page.on('pageerror', (error) => problems.push(error.message));
    page.on('request', (request) => {
      if (!/^(file|data):/.test(request.url())) problems.push(request.url());
    });
    await page.goto(`file://${join(folder, name)}`);
    return page;
  }

  test.each([
    ['report.html', 400],
    ['report.html', 768],
    ['report.html', 1040],
    ['report.html', 1280],
    ['full.html', 400],
    ['full.html', 1280],
    ['clips.html', 400],
    ['clips.html', 1280],
  ])('%s at %d px: no error, no request, nothing to scroll sideways', async (name, width) => {
    const page = await open(name, width);
    expect(problems).toEqual([]);
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(width);
    const inside = `[...document.querySelectorAll('.wide:not(:has(.matrix))')].map((box) => box.scrollWidth - box.clientWidth)`;
    expect(Math.max(...(await page.evaluate<number[]>(inside)))).toBeLessThanOrEqual(0);
    expect(await page.locator('h2').count()).toBeGreaterThan(4);
    await page.close();
  });

  test.each(['light', 'dark'] as const)(
    'in %s every text stands out from its ground by 4.5 : 1',
    async (scheme) => {
      const page = await open('full.html', 1280, scheme);
      await page.evaluate(`document.querySelectorAll('details').forEach((one) => (one.open = true))`);
      expect(await page.evaluate<string[]>(faintTexts)).toEqual([]);
      await page.close();
    },
  );

  test.each([
    ['full.html', 400, 'light'],
    ['full.html', 1280, 'dark'],
    ['clips.html', 1280, 'light'],
  ] as const)(
    '%s at %d px in %s: axe-core finds no serious fault',
    async (name, width, scheme) => {
      const page = await open(name, width, scheme);
      expect(await seriousFaults(page)).toEqual([]);
      await page.close();
    },
    300_000,
  );

  test('on a narrow screen the results are cards that name their figures, and still a table to a screen reader', async () => {
    const page = await open('report.html', 400);
    const shown = `getComputedStyle(document.querySelector('#results td[data-label="AUC, 95 %"]'), '::before').content`;
    expect(await page.evaluate(shown)).toBe('"AUC, 95 %"');
    const table = page.getByRole('table', { name: 'Results on test identities' });
    expect(await table.getByRole('rowheader', { name: 'meso-inception@cpu-128 trained' }).count()).toBe(2);
    expect(await table.getByRole('cell', { name: '96.9 %' }).count()).toBeGreaterThan(0);
    await page.close();
  });

  test('a strip plays when it is reached by keyboard and the space bar pressed', async () => {
    const page = await open('report.html', 400);
    const second = `document.querySelectorAll('video')[1]`;
    expect(await page.evaluate(`[${second}.preload, ${second}.paused]`)).toEqual(['none', true]);
    await page.locator('video').first().focus();
    for (let presses = 0; presses < 12; presses++) {
      if (await page.evaluate(`document.activeElement === ${second}`)) break;
      await page.keyboard.press('Tab');
    }
    await page.keyboard.press('Space');
    const moved = (): Promise<unknown> =>
      page.evaluate(`${second}.readyState >= 2 && ${second}.currentTime > 0.2`);
    await expect.poll(moved).toBe(true);
    const played = await page.evaluate(
      `[${second}.videoWidth, ${second}.videoHeight, ${second}.duration, ${second}.error]`,
    );
    expect(played).toEqual([layout(true).width, layout(true).height, expect.closeTo(2, 0), null]);
    expect(problems).toEqual([]);
    await page.close();
  });

  test('headings step down one by one, and every region, picture and video has a name', async () => {
    const page = await open('full.html', 1280);
    const levels = await page.evaluate<number[]>(
      `[...document.querySelectorAll('h1,h2,h3,h4')].map((heading) => Number(heading.tagName[1]))`,
    );
    levels.forEach((level, i) => expect(level - (levels[i - 1] ?? 0)).toBeLessThanOrEqual(1));
    const nameless = `[...document.querySelectorAll('[role=region],[role=img],video,img,section')].filter((node) => !(node.getAttribute('aria-label') || node.getAttribute('aria-labelledby') || node.alt)).length`;
    expect(await page.evaluate(nameless)).toBe(0);
    await page.close();
  });
});

/** Two seconds of grey that brightens, with a tone: as large as a strip. */
async function madeUpStrip(folder: string): Promise<{ video: string; poster: string }> {
  const { width, height } = layout(true);
  const frames = Array.from({ length: 50 }, (_, i) => paint(width, height, () => [i, i, 4 * i]));
  const samples = Float32Array.from({ length: 32_000 }, (_, i) => 0.2 * Math.sin(i / 6));
  const audio = { sampleRate: 16_000, samples };
  const { path } = await encodeClip(join(folder, 'strip.mp4'), { frames, fps: 25, width, height, audio });
  await writeJpeg(join(folder, 'poster.jpg'), frames[25]!);
  const base64 = (file: string): string => readFileSync(file).toString('base64');
  return {
    video: `data:video/mp4;base64,${base64(path)}`,
    poster: `data:image/jpeg;base64,${base64(join(folder, 'poster.jpg'))}`,
  };
}

/** Runs in the page: texts whose contrast with the nearest painted ground is below WCAG 2's 4.5 : 1 (SVG text by its fill). */
const faintTexts = `(() => {
  // What color-mix gives is computed to color(srgb r g b / a), in shares of 1.
  const parse = (colour) => {
    const numbers = (colour.match(/[\\d.]+/g) ?? []).map(Number);
    return colour.startsWith('color(') ? [...numbers.slice(0, 3).map((v) => v * 255), numbers[3] ?? 1] : numbers;
  };
  const luminance = ([r, g, b]) => {
    const [x, y, z] = [r, g, b].map((v) => (v / 255 <= 0.04045 ? v / 255 / 12.92 : ((v / 255 + 0.055) / 1.055) ** 2.4));
    return 0.2126 * x + 0.7152 * y + 0.0722 * z;
  };
  const ground = (node) => {
    if (!node) return [255, 255, 255];
    const [r, g, b, alpha = 1] = parse(getComputedStyle(node).backgroundColor);
    if (r === undefined) return ground(node.parentElement);
    if (alpha === 1) return [r, g, b];
    return ground(node.parentElement).map((below, i) => alpha * [r, g, b][i] + (1 - alpha) * below);
  };
  const faint = [];
  for (const node of document.querySelectorAll('body *')) {
    const own = [...node.childNodes].some((child) => child.nodeType === 3 && child.textContent.trim());
    if (!own || node.closest('video,title')) continue;
    const style = getComputedStyle(node);
    const [a, b] = [parse(node.closest('svg') ? style.fill : style.color), ground(node)].map(luminance);
    const contrast = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    if (contrast < 4.5) faint.push(node.textContent.trim().slice(0, 40) + ' ' + contrast.toFixed(2));
  }
  return faint;
})()`;
