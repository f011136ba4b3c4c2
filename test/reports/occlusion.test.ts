import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { encodeClip } from '../../src/media/encode.ts';
import { openMask } from '../../src/media/mask.ts';
import { drawOcclusion, overlap } from '../../src/reports/occlusion.job.ts';
import { buildReport } from '../../src/reports/report.ts';
import type { Clip } from '../../src/types.ts';
import { paint } from '../support/clips.ts';
import { directContext } from '../support/context.ts';
import { cornerDetector } from '../support/corner-detector.ts';
import { madeUpRun } from './made-up-run.ts';

const folder = mkdtempSync(join(tmpdir(), 'masque-occlusion-'));
const size = 64;
const here = 2 * 8 + 5;

async function bright(name: string, withMask: boolean): Promise<Clip> {
  const frame = paint(size, size, () => [230, 230, 230]);
  const frames = Array.from({ length: 12 }, () => frame);
  const media = await encodeClip(join(folder, `${name}.mp4`), { frames, fps: 25, width: size, height: size });
  if (withMask) {
    // The left half of the patch that is looked at, and nothing else, was repainted.
    const repainted = paint(size, size, (x, y) =>
      x >= 40 && x < 44 && y >= 16 && y < 24 ? [0, 0, 0] : [230, 230, 230],
    );
    const mask = openMask(media.path, media.video!);
    for (let i = 0; i < 12; i++) await mask.add(frame, repainted);
    await mask.finish();
  }
  return {
    id: name,
    sources: [],
    labels: { video: 'fake' },
    origin: 'gan',
    split: 'test',
    licence: 'synthetic',
    use: 'score',
    media,
  };
}

const ask = (clip: Clip) =>
  directContext(folder).run(drawOcclusion, {
    code: { path: fileURLToPath(new URL('../support/corner-detector.ts', import.meta.url)), sha256: '' },
    name: cornerDetector.name,
    options: {},
    seed: 1,
    clip,
  });

test('the score falls where the detector looks and nowhere else, and half of that was repainted', async () => {
  const { falls, onMask, maskShare } = await ask(await bright('masked', true));
  expect(falls[here]).toBeCloseTo(230 - 127, -1);
  expect(falls.filter((fall) => Math.abs(fall) > 1)).toHaveLength(1);
  expect(onMask.value).toBeCloseTo(0.5, 6);
  // All other patches change nothing, so chance would be the same half.
  expect(maskShare.value).toBeCloseTo(0.5, 6);
});

test('without a mask the overlap is not known, and where nothing falls there is none to measure', async () => {
  expect((await ask(await bright('plain', false))).onMask).toEqual({
    value: null,
    reason: 'no mask lies beside the fake',
  });
  const nothing = overlap(
    Array.from({ length: 64 }, () => -1),
    [new Uint8Array(size ** 2)],
    size,
    size,
  );
  const missing = { value: null, reason: 'no patch makes the score fall when it is hidden' };
  expect(nothing).toEqual({ onMask: missing, maskShare: missing });
  // The upper half is repainted; the detector reacts to the first two rows and to the last one.
  const falls = Array.from({ length: 64 }, (_, i) => (i < 8 ? 3 : i < 16 ? -1 : i >= 56 ? 1 : 0));
  const upper = Uint8Array.from({ length: size ** 2 }, (_, i) => (i < size ** 2 / 2 ? 1 : 0));
  const { onMask, maskShare } = overlap(falls, [upper], size, size);
  expect(onMask.value).toBeCloseTo(3 / 4, 12);
  expect(maskShare.value).toBeCloseTo(2 / 3, 12);
});

test('the report draws the map over the frame and says the overlap beside the mask’s share', () => {
  const { record, outcomes } = madeUpRun();
  const falls = Array.from({ length: 64 }, (_, i) => (i === here ? 2 : i === 0 ? -1 : 0));
  const fake = { detector: 'spectrum', generator: 'gan', id: 'gan/x' };
  const map = { ...fake, picture: 'data:image/jpeg;base64,AAAA', width: size, height: size, falls };
  const looked = [
    { ...map, onMask: { value: 0.5 }, maskShare: { value: 0.125 } },
    { ...fake, detector: 'other', reason: 'too few frames' },
  ];
  const report = buildReport(record, outcomes, { strips: [], looked });
  const cells = [
    ...report.matchAll(/<rect class="(fake|real)" x="([\d.]+)" y="([\d.]+)"[^>]*fill-opacity="([\d.]+)"/g),
  ];
  expect(cells.map((cell) => cell.slice(1))).toEqual([
    ['real', '0.0', '0.0', '0.35'],
    ['fake', '40.0', '16.0', '0.70'],
  ]);
  expect(report).toContain(
    '50 % of what speaks for a fake lies where it was repainted, which is 12.5 % of the patches',
  );
  expect(report).toContain('<li>other: too few frames</li>');
});
