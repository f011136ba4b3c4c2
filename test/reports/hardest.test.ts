import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { encodeClip } from '../../src/media/encode.ts';
import { readImage } from '../../src/media/images.ts';
import type { OutcomeRow } from '../../src/records/outcomes.ts';
import { hardestItems } from '../../src/reports/hardest.ts';
import { drawItem } from '../../src/reports/item.job.ts';
import { buildReport } from '../../src/reports/report.ts';
import type { Clip } from '../../src/types.ts';
import { paint } from '../support/clips.ts';
import { directContext } from '../support/context.ts';
import { madeUpRun } from './made-up-run.ts';

const row = (detector: string, id: string, generator: string, score: number): OutcomeRow => ({
  run: 'r',
  detector,
  generator,
  perturbation: 'none',
  level: 0,
  id,
  sources: ['p'],
  label: generator === 'none' ? 'real' : 'fake',
  split: 'test',
  score,
});
/** Detector `b` has scores of another scale, and rates the clips in another order. */
const outcomes = [
  ...[1, 2, 3, 9].map((score, i) => row('a', `real-${i}`, 'none', score)),
  ...[4, 5, 2].map((score, i) => row('a', `fake-${i}`, 'gan', score)),
  ...[700, 100, 200, 600].map((score, i) => row('b', `real-${i}`, 'none', score)),
  ...[500, 800, 300].map((score, i) => row('b', `fake-${i}`, 'gan', score)),
  row('a', 'path-0', 'recomposite', -5),
  { ...row('a', 'fake-1', 'gan', -9), perturbation: 'blur', level: 3 },
  { ...row('a', 'fake-9', 'gan', -9), split: 'validation' as const },
];
const detectors = [
  { label: 'a', judges: 'video' },
  { label: 'b', judges: 'video' },
];

test('ranks are means over detectors, of clean test clips, whatever the scales; who is on the right side is not hard, and controls’ fakes are none', () => {
  const items = hardestItems(outcomes, detectors, new Set(['recomposite']));
  // Of a: 1 | 2 2 | 3 | 4 | 5 | 9, of b: 100 | 200 | 300 | 500 | 600 | 700 | 800; shares are mid-ranks of seven.
  const expected = { 'real-3': (6.5 + 4.5) / 14, 'fake-2': (2 + 2.5) / 14 };
  expect(items.filter(({ truth }) => truth === 'real').map(({ id }) => id)).toEqual(['real-3']);
  expect(items.filter(({ truth }) => truth === 'fake').map(({ id }) => id)).toEqual(['fake-2']);
  for (const [id, rank] of Object.entries(expected))
    expect(items.find((item) => item.id === id)!.rank).toBeCloseTo(rank, 12);
  expect(items.every((item) => item.detectors === 2)).toBe(true);
});

test('what was judged differently is ranked apart', () => {
  const apart = hardestItems(
    outcomes,
    [detectors[0]!, { label: 'b', judges: 'audio' }],
    new Set(['recomposite']),
  );
  expect(apart.find(({ judges, truth }) => judges === 'audio' && truth === 'real')!.id).toBe('real-0');
  expect(apart.find(({ judges, truth }) => judges === 'video' && truth === 'real')!.id).toBe('real-3');
});

test('a clip becomes three moments side by side and the spectrogram of its sound', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'masque-item-'));
  const frames = Array.from({ length: 30 }, (_, i) => paint(64, 64, () => [8 * i, 8 * i, 8 * i]));
  // A tone of 4 kHz, which is in the upper half of the mel scale up to 8 kHz.
  const samples = Float32Array.from(
    { length: 16_000 },
    (_, i) => 0.5 * Math.sin((2 * Math.PI * 4000 * i) / 16_000),
  );
  const media = await encodeClip(join(folder, 'clip.mp4'), {
    frames,
    fps: 30,
    width: 64,
    height: 64,
    audio: { sampleRate: 16_000, samples },
  });
  const clip = { id: 'c', media } as Clip;
  const pictures = await directContext(folder).run(drawItem, { clip });
  const strip = await readImage(pictures.frames!.path);
  expect([strip.width, strip.height]).toEqual([3 * 144, 144]);
  const level = (x: number): number => strip.data[3 * (72 * strip.width + x)]!;
  // The middles of three equal stretches of 30 frames.
  expect([level(72), level(216), level(360)].map((value) => Math.round(value / 8))).toEqual([5, 15, 25]);
  const sound = await readImage(pictures.sound!.path);
  const rows = Array.from({ length: sound.height }, (_, y) => sound.data[3 * (y * sound.width + 160)]!);
  const mel = (hertz: number): number => Math.log10(1 + hertz / 700);
  expect(1 - rows.indexOf(Math.max(...rows)) / sound.height).toBeCloseTo(mel(4000) / mel(8000), 1);
});

test('the report shows them with who they are, and refuses what is no picture', async () => {
  const { record, outcomes: rows } = madeUpRun();
  const item = {
    judges: 'video',
    truth: 'fake' as const,
    id: 'x<y',
    generator: 'gan',
    rank: 0.125,
    detectors: 3,
  };
  const frames = 'data:image/jpeg;base64,AAAA';
  const report = buildReport(record, rows, { strips: [], hardest: [{ ...item, frames }] });
  expect(report).toContain('alt="moments of fake x&lt;y by gan"');
  expect(report).toContain('above 12.5 % of the test clips, mean of 3 detectors');
  expect(() => buildReport(record, rows, { strips: [], hardest: [{ ...item, sound: 'data:,x' }] })).toThrow(
    'is no JPEG',
  );
});
