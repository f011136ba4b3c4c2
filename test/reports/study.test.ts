/** People judging clips: the folder that is built, the page in a browser, and what becomes of the answers. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { encodeClip } from '../../src/media/encode.ts';
import { sha256OfFile } from '../../src/files.ts';
import { writeRecord } from '../../src/records/record.ts';
import { type TestClip, writeTestClips } from '../../src/records/test-clips.ts';
import { readScores } from '../../src/score-files/read.ts';
import { paint } from '../support/clips.ts';
import { seriousFaults } from '../support/axe.ts';
import { hasChromium, launchChromium } from '../support/chromium.ts';
import { madeUpRun } from './made-up-run.ts';

const masque = join(import.meta.dirname, '../../experiments/masque.mjs');
const results = mkdtempSync(join(tmpdir(), 'masque-study-'));
const folder = join(results, 'runs', 'puppetry-7d1f');
const study = (...args: string[]): string =>
  execFileSync(process.execPath, [masque, 'study', 'puppetry-7d1f', '--results', results, ...args], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
  });
type Key = {
  study: string;
  clips: Record<string, { id: string; truth: 'real' | 'fake'; generator: string }>;
};
const keyOf = (): Key => JSON.parse(readFileSync(join(folder, 'study-key.json'), 'utf8')) as Key;

beforeAll(async () => {
  mkdirSync(folder, { recursive: true });
  await writeRecord(folder, madeUpRun().record);
  const clips: TestClip[] = [];
  const makers = [
    'none',
    'none',
    'none',
    'none',
    'puppetry@cpu-96',
    'puppetry@cpu-96',
    'puppetry@cpu-96',
    'dubbed',
    'recomposite',
  ];
  for (const [i, generator] of makers.entries()) {
    const frames = Array.from({ length: 10 }, (_, t) => paint(64, 64, () => [20 * i, 20 * t, 90]));
    const truth = generator === 'none' ? 'real' : 'fake';
    const { path } = await encodeClip(join(results, `${i}.mp4`), {
      frames,
      fps: 25,
      width: 64,
      height: 64,
      ...(truth === 'fake' ? { comment: `made by ${generator}` } : {}),
    });
    clips.push({
      id: `clip-${i}`,
      generator,
      truth,
      group: `person-${i % 4}`,
      ...(truth === 'fake' ? { driver: `person-${(i + 1) % 4}` } : {}),
      path,
      sha256: await sha256OfFile(path),
    });
  }
  await writeTestClips(folder, clips);
});

describe('the folder', () => {
  test('holds as many real clips as fakes, of every generator but controls, under names that say nothing', () => {
    expect(study('--clips', '6')).toContain('6 clips to judge');
    const { clips } = keyOf();
    const makers = Object.values(clips)
      .map(({ generator }) => generator)
      .toSorted();
    expect(makers).toEqual(['dubbed', 'none', 'none', 'none', 'puppetry@cpu-96', 'puppetry@cpu-96']);
    const files = readdirSync(join(folder, 'study'), { recursive: true }).map(String);
    expect(
      files
        .filter((file) => file.endsWith('.mp4'))
        .map((file) => file.slice('media/'.length))
        .toSorted(),
    ).toEqual(Object.keys(clips).toSorted());
    const page = readFileSync(join(folder, 'study', 'index.html'), 'utf8');
    for (const { id, generator } of Object.values(clips)) {
      expect(page).not.toContain(id);
      if (generator !== 'none') expect(page).not.toContain(generator);
    }
  });

  test('all clips say the same of themselves', () => {
    for (const name of Object.keys(keyOf().clips)) {
      const bytes = readFileSync(join(folder, 'study', 'media', name), 'latin1');
      expect(bytes).toContain('Clip of a blinded study');
      expect(bytes).not.toContain('made by');
    }
  });

  test('where a clip is gone the study before stays as it was', () => {
    const before = [keyOf(), readdirSync(join(folder, 'study', 'media'))];
    const lost = join(results, '0.mp4');
    renameSync(lost, `${lost}.away`);
    try {
      expect(() => study('--clips', '8')).toThrow('its file is gone');
    } finally {
      renameSync(`${lost}.away`, lost);
    }
    expect([keyOf(), readdirSync(join(folder, 'study', 'media'))]).toEqual(before);
  });

  test('is the same when it is built again, and in no order of truth', () => {
    const before = keyOf();
    study('--clips', '6');
    expect(keyOf()).toEqual(before);
    const order = Object.values(before.clips).map(({ truth }) => truth);
    expect(order).not.toEqual(order.toSorted());
    expect(order).not.toEqual(order.toSorted().toReversed());
  });
});

test.skipIf(!hasChromium('the study in a browser'))(
  'the page is judged by keyboard alone, plays the clips and gives the answers',
  async () => {
    const browser = await launchChromium();
    const page = await browser.newPage({ viewport: { width: 400, height: 800 } });
    const problems: string[] = [];
    page.on('console', (message) => void (message.type() === 'error' && problems.push(message.text())));
    page.on('pageerror', (error) => problems.push(error.message));
    await page.goto(`file://${join(folder, 'study', 'index.html')}`);
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(400);
    await expect
      .poll(() => page.evaluate(`document.querySelector('video').readyState`))
      .toBeGreaterThanOrEqual(1);
    expect(await seriousFaults(page)).toEqual([]);
    await page.locator('video').focus();
    for (let clip = 0; clip < 6; clip++) {
      await tabTo('input[name=says]');
      await page.keyboard.press(clip % 2 === 0 ? 'Space' : 'ArrowRight');
      await tabTo('input[name=confidence]');
      await page.keyboard.press('Space');
      await page.keyboard.press('ArrowRight');
      await page.keyboard.press('Enter');
    }
    expect(await page.locator('#status').textContent()).toBe('All clips are judged.');
    const [download] = await Promise.all([page.waitForEvent('download'), page.keyboard.press('Enter')]);
    await download.saveAs(join(results, 'answers.json'));
    await browser.close();
    expect(problems).toEqual([]);
    const given = JSON.parse(readFileSync(join(results, 'answers.json'), 'utf8')) as { answers: unknown[] };
    expect(given.answers).toEqual(
      Object.keys(keyOf().clips).map((clip, i) => ({
        clip,
        says: i % 2 === 0 ? 'real' : 'fake',
        confidence: 2,
      })),
    );

    async function tabTo(query: string): Promise<void> {
      for (let presses = 0; presses < 12; presses++) {
        if (await page.evaluate(`document.activeElement.matches('${query}')`)) return;
        await page.keyboard.press('Tab');
      }
      throw new Error(`Tab does not reach ${query}`);
    }
  },
);

describe('answers', () => {
  const write = (name: string, answers: unknown): string => {
    const path = join(results, name);
    writeFileSync(path, JSON.stringify(answers));
    return path;
  };
  const right = (confidence: number, name: string): string => {
    const answers = Object.entries(keyOf().clips).map(([clip, { truth }]) => ({
      clip,
      says: truth,
      confidence,
    }));
    return write(name, { study: keyOf().study, answers });
  };

  test('become means over the judges that measure reads: fakes above 0, real clips below', async () => {
    study('--answers', right(5, 'a.json'), right(2, 'b.json'));
    const { rows } = await readScores(join(folder, 'human.csv'));
    expect(rows).toHaveLength(6);
    for (const { score, truth, detector, driver } of rows) {
      expect(driver === undefined).toBe(truth === 'real');
      expect(score).toBeCloseTo(truth === 'fake' ? 0.7 : -0.7, 12);
      expect(detector).toBe('human');
    }
    const measured = execFileSync(
      process.execPath,
      [masque, 'measure', join(folder, 'human.csv'), '--json'],
      { encoding: 'utf8' },
    );
    expect((JSON.parse(measured) as { auc: { value: number } }).auc.value).toBe(1);
  });

  test('to something else are refused, with the file’s name', () => {
    const [clip] = Object.keys(keyOf().clips);
    const one = { clip, says: 'fake', confidence: 1 };
    const bad: [string, unknown, string][] = [
      ['other.json', { study: 'x', answers: [one] }, 'answers to a study of run x'],
      [
        'strange.json',
        { study: keyOf().study, answers: [{ ...one, clip: '__proto__' }] },
        'is not in the study',
      ],
      ['twice.json', { study: keyOf().study, answers: [one, one] }, 'answered twice'],
      ['sure.json', { study: keyOf().study, answers: [{ ...one, confidence: 9 }] }, 'answers.0.confidence'],
    ];
    for (const [name, answers, reason] of bad) {
      const path = write(name, answers);
      expect(() => study('--answers', path)).toThrow(new RegExp(`${name}.*${reason}`, 's'));
    }
  });
});
