import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { backgroundFeatures, outsideFeatures } from '../../detectors/background-only.job.ts';
import { faceBox, writeTrack } from '../../src/head/track.ts';
import type { Frame, OpenClip } from '../../src/types.ts';
import { noisy, openFrames, paint, stillTrack } from '../support/clips.ts';

const box = { x: 40, y: 30, width: 20, height: 30 };
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'masque-background-'));
  await writeTrack(join(folder, 'track'), stillTrack(100, 100, box, 4));
  await writeTrack(join(folder, 'close-up'), stillTrack(100, 100, { x: 0, y: 0, width: 99, height: 99 }, 4));
});
afterAll(() => rm(folder, { recursive: true }));

function tracked(frames: Frame[], track = 'track'): OpenClip {
  const open = openFrames('clip', frames);
  return { ...open, clip: { ...open.clip, track: { path: join(folder, track), sha256: track } } };
}

/** The picture, with the pixels painted that lie in the rectangle. */
function repainted(frame: Frame, left: number, top: number, right: number, bottom: number): Frame {
  return paint(frame.width, frame.height, (x, y) => {
    const at = (y * frame.width + x) * 3;
    const inside = x >= left && x < right && y >= top && y < bottom;
    return inside ? [255, (x * 37) % 256, 0] : [frame.data[at]!, frame.data[at + 1]!, frame.data[at + 2]!];
  });
}

describe('backgroundFeatures', () => {
  it('stands on a track whose face box is what it says', () => {
    const found = faceBox(stillTrack(100, 100, box, 4), 0);
    for (const key of ['x', 'y', 'width', 'height'] as const) expect(found[key]).toBeCloseTo(box[key], 4);
  });

  it('does not see inside the box grown by 30 % on every side, and sees just outside', async () => {
    const frames = ['a', 'b', 'c', 'd'].map((name) => noisy(name, 100, 100, 8));
    const plain = await backgroundFeatures(tracked(frames));
    const inside = frames.map((frame) => repainted(frame, 34, 21, 66, 69));
    const beyond = frames.map((frame) => repainted(frame, 34, 21, 67, 69));
    expect(await backgroundFeatures(tracked(inside))).toEqual(plain);
    expect(await backgroundFeatures(tracked(beyond))).not.toEqual(plain);
  });

  it('scales the box to frames of another size', async () => {
    const frames = ['a', 'b'].map((name) => noisy(name, 200, 50, 8));
    const inside = frames.map((frame) => repainted(frame, 68, 11, 132, 34));
    expect(await backgroundFeatures(tracked(inside))).toEqual(await backgroundFeatures(tracked(frames)));
  });

  it('says why it cannot judge', async () => {
    const frames = Array.from({ length: 5 }, () => noisy('a', 100, 100, 8));
    await expect(backgroundFeatures(openFrames('clip', frames))).rejects.toMatchObject({
      code: 'E_NOT_APPLICABLE',
    });
    await expect(backgroundFeatures(tracked(frames.slice(1), 'close-up'))).rejects.toMatchObject({
      code: 'E_NOT_APPLICABLE',
    });
    await expect(backgroundFeatures(tracked(frames))).rejects.toMatchObject({ code: 'E_TRACK' });
  });
});

describe('outsideFeatures', () => {
  const everywhere = new Uint8Array(64 * 64).fill(1);
  const grey = (value: (x: number, y: number) => number): Frame =>
    paint(64, 64, (x, y) => [value(x, y), value(x, y), value(x, y)]);

  it('gives the moments of each channel', () => {
    const features = outsideFeatures(
      paint(64, 64, (x) => [x % 2 === 0 ? 10 : 30, 40, 50]),
      everywhere,
    );
    expect(features.slice(0, 6)).toEqual([20, 100, 40, 0, 50, 0]);
  });

  it('measures slopes and their changes along rows and columns by the definition', () => {
    // Along x the brightness is 3x, along y it alternates between +0 and +4.
    const features = outsideFeatures(
      grey((x, y) => 3 * x + (y % 2) * 4),
      everywhere,
    );
    const [gradientX, blocksX, nearX, , , gradientY, blocksY, nearY, twoY, fourY] = features.slice(6);
    expect(gradientX).toBeCloseTo(3, 9);
    expect(blocksX).toBeCloseTo(0, 9);
    expect(nearX).toBeCloseTo(Math.log(0.01), 6);
    expect(gradientY).toBeCloseTo(4, 9);
    expect(blocksY).toBeCloseTo(0, 9);
    expect(nearY).toBeCloseTo(Math.log(8 * 8 + 0.01), 6);
    expect([twoY, fourY].map((energy) => energy!.toFixed(6))).toEqual(
      Array(2).fill(Math.log(0.01).toFixed(6)),
    );
  });

  it('sees the edges of 8×8 blocks', () => {
    const features = outsideFeatures(
      grey((x) => 100 + 10 * (Math.floor(x / 8) % 2)),
      everywhere,
    );
    expect(features[7]).toBeCloseTo(Math.log((10 + 0.01) / 0.01), 6);
    expect(features[12]).toBe(0);
  });
});
