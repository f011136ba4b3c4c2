import { mkdtemp, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { landmarksOf, readTrack, writeTrack } from '../../src/head/track.ts';
import { decodeH264, encodeH264 } from '../../src/media/h264.ts';
import { drawCaption } from '../../src/perturbations/caption.ts';
import { perturbations } from '../../src/perturbations/index.ts';
import { createRng } from '../../src/random.ts';
import type { Frame, OpenClip } from '../../src/types.ts';
import { noisy, openFrames, paint, stillTrack } from '../support/clips.ts';
import { distortionAt } from '../support/distortions.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'masque-pictures-'));
});

const seriesOf = (name: string, options = {}) => {
  const perturbation = perturbations[name]!;
  return perturbation.series(perturbation.options.parse(options));
};
async function framesOf(clip: OpenClip): Promise<Frame[]> {
  const list: Frame[] = [];
  for await (const frame of clip.frames()) list.push(frame);
  return list;
}
const apply = async (name: string, level: number, frames: Frame[], options = {}): Promise<Frame[]> => {
  const [series] = seriesOf(name, options);
  return framesOf(await distortionAt(series!, level)(openFrames('clip', frames), createRng(1), folder));
};
const errorOf = (a: Frame, b: Frame): number =>
  a.data.reduce((sum, value, i) => sum + (value - b.data[i]!) ** 2, 0) / a.data.length;

const film = Array.from({ length: 6 }, (_, t) =>
  paint(128, 96, (x, y) => {
    const value = 128 + 60 * Math.sin((x + 2 * t) / 5) * Math.cos(y / 7) + 20 * Math.sin(x * y);
    return [value, value - 20, value + 20];
  }),
);

describe('H.264', () => {
  test.each([30, 32, 35, 38, 40])('the stream says CRF %i', async (crf) => {
    const path = join(folder, `crf-${crf}.mp4`);
    await encodeH264(path, openFrames('clip', film).frames(), { width: 128, height: 96, fps: 25, crf });
    expect((await readFile(path)).toString('latin1')).toContain(`crf=${crf}.0`);
  });

  test('the higher the factor, the less is left', async () => {
    const errors: number[] = [];
    for (const level of [1, 2, 3, 4, 5]) {
      const after = await apply('h264', level, film);
      errors.push(after.reduce((sum, frame, t) => sum + errorOf(frame, film[t]!), 0));
    }
    expect(errors).toEqual(errors.toSorted((a, b) => a - b));
    expect(errors[4]! / errors[0]!).toBeGreaterThan(4);
  });

  test('odd sizes come back as they were, their last row and column too', async () => {
    const odd = [noisy('odd', 33, 27, 0)];
    const path = join(folder, 'odd.mp4');
    const size = { width: 33, height: 27 };
    await encodeH264(path, openFrames('odd', odd).frames(), { ...size, fps: 25, crf: 5 });
    const back: Frame[] = [];
    for await (const frame of decodeH264(path, 1, size)) back.push(frame);
    expect(back).toHaveLength(1);
    expect([back[0]!.width, back[0]!.height]).toEqual([33, 27]);
    const edge = paint(
      1,
      27,
      (_, y) => [...odd[0]!.data.subarray(3 * (y * 33 + 32), 3 * (y * 33 + 33))] as never,
    );
    const after = paint(
      1,
      27,
      (_, y) => [...back[0]!.data.subarray(3 * (y * 33 + 32), 3 * (y * 33 + 33))] as never,
    );
    expect(errorOf(edge, after)).toBeLessThan(20);
  });
});

test('JPEG rounds the mean of a block to the step that the quality gives (T.81, annex K, scaled as libjpeg does)', async () => {
  for (const [i, quality] of [90, 70, 50, 30, 10].entries()) {
    const scale = quality < 50 ? 5000 / quality : 200 - 2 * quality;
    const step = Math.floor((16 * scale + 50) / 100);
    for (const value of [37, 101, 128, 200]) {
      const [after] = await apply('jpeg', i + 1, [paint(16, 16, () => [value, value, value])]);
      // The DC coefficient of a flat block is eight times its value above 128.
      const whole = 8 * (value - 128); // halves are rounded away from zero
      const expected = 128 + (Math.sign(whole) * Math.round(Math.abs(whole) / step) * step) / 8;
      expect(Math.abs(after!.data[0]! - Math.max(0, Math.min(255, expected)))).toBeLessThanOrEqual(1);
    }
  }
});

test('resizing takes away what the smaller picture cannot hold, and leaves the rest', async () => {
  const stripes = (periodPx: number): Frame =>
    paint(
      128,
      64,
      (x) => Array<number>(3).fill(128 + 100 * Math.cos((2 * Math.PI * (x + 0.5)) / periodPx)) as never,
    );
  const contrastOf = ({ data }: Frame): number => {
    const row = data.subarray(3 * (128 * 32 + 32), 3 * (128 * 32 + 96));
    return Math.max(...row) - Math.min(...row);
  };
  for (const [i, scale] of [0.75, 0.5, 0.25].entries()) {
    const [fine, coarse] = [stripes(1.65 / scale), stripes(8 / scale)];
    expect(contrastOf((await apply('resize', i + 1, [fine]))[0]!)).toBeLessThan(0.25 * contrastOf(fine));
    expect(contrastOf((await apply('resize', i + 1, [coarse]))[0]!)).toBeGreaterThan(
      0.9 * contrastOf(coarse),
    );
  }
});

test('gamma is the power law', async () => {
  const ramp = paint(256, 1, (x) => [x, x, x]);
  for (const [i, exponent] of [0.8, 1.25, 0.6, 1.6].entries()) {
    const [after] = await apply('gamma', i + 1, [ramp]);
    for (const x of [0, 1, 64, 200, 255])
      expect(after!.data[3 * x]).toBe(Math.round(255 * (x / 255) ** exponent));
  }
});

describe('crop', () => {
  const ramp = (axis: 'x' | 'y'): Frame =>
    paint(200, 160, (x, y) => Array<number>(3).fill(axis === 'x' ? x : y) as never);

  test.each([1, 2, 3])(
    'level %i cuts away up to its share, at random edges, alike in width and height',
    async (level) => {
      const most = [0.02, 0.05, 0.1][level - 1]!;
      const [x] = await apply('crop', level, [ramp('x')]);
      const [y] = await apply('crop', level, [ramp('y')]);
      const middle = 3 * (80 * 200);
      const slope = (x!.data[middle + 3 * 150]! - x!.data[middle + 3 * 50]!) / 100;
      const kept = (y!.data[3 * 200 * 120]! - y!.data[3 * 200 * 40]!) / 80;
      expect(slope).toBeGreaterThanOrEqual(1 - most - 0.02);
      expect(slope).toBeLessThanOrEqual(1.01);
      expect(Math.abs(slope - kept)).toBeLessThan(0.03);
    },
  );

  test('the face track moves with the picture', async () => {
    const path = join(folder, 'still.track');
    await writeTrack(path, stillTrack(200, 160, { x: 60, y: 40, width: 70, height: 80 }, 1));
    const clip = openFrames('clip', [ramp('x')]);
    const before = landmarksOf(await readTrack(path), 0);
    for (const who of ['a', 'b', 'c']) {
      const [series] = seriesOf('crop');
      const tracked = { ...clip, clip: { ...clip.clip, track: { path, sha256: 'still' } } };
      const cropped = await distortionAt(series!, 3)(tracked, createRng(1, who), folder);
      const after = landmarksOf(await readTrack(cropped.clip.track!.path), 0);
      const [frame] = await framesOf(cropped);
      for (let i = 0; i < 51; i += 10) {
        const [px, py] = [after[2 * i]!, after[2 * i + 1]!];
        // The ramp says where in the old picture the pixel under a landmark lay.
        const found = frame!.data[3 * (Math.floor(py) * 200 + Math.floor(px))]!;
        expect(Math.abs(found + (px % 1) - before[2 * i]!)).toBeLessThan(1.6);
      }
    }
  });
});

test('a caption is white on a darker band over the lower edge, and nothing else is touched', () => {
  const after = drawCaption(paint(256, 256, () => [100, 100, 100]));
  const at = (x: number, y: number): number => after.data[3 * (y * 256 + x)]!;
  expect(at(10, 220)).toBe(100);
  expect(at(1, 250)).toBe(35);
  const white = after.data.reduce((count, value) => count + (value === 255 ? 1 : 0), 0) / 3;
  // S 15, H 17, A 18, R 18, E 18, T 11, H 17, I 11, S 15 dots of 3 × 3 pixels.
  expect(white).toBe(9 * 140);
});

test('mixes are of different distortions, and the same for a person’s real clips and fakes', async () => {
  const series = seriesOf('deeperforensics-fixed', { mixes: [2, 3, 4] });
  expect(series.map(({ name }) => name.split('/')[1])).toEqual([
    'CS',
    'CC',
    'BW',
    'GNC',
    'GB',
    'JPEG',
    'VC',
    'mix-2',
    'mix-3',
    'mix-4',
  ]);
  const mix = distortionAt(series.at(-1)!, 1);
  const of = async (id: string, who: string): Promise<Frame[]> =>
    framesOf(await mix(openFrames(id, film.slice(0, 2)), createRng(1, who), folder));
  expect(await of('real', 'a')).toEqual(await of('fake', 'a'));
  expect(await of('real', 'a')).not.toEqual(await of('real', 'b'));
});

test('as published, every distortion is encoded once more', async () => {
  const [published] = await apply('deeperforensics', 1, [film[0]!], { distortions: ['GB'] });
  const [fixed] = await apply('deeperforensics-fixed', 1, [film[0]!], { distortions: ['GB'] });
  const difference = errorOf(published!, fixed!);
  expect(difference).toBeGreaterThan(0);
  expect(difference).toBeLessThan(30);
});
