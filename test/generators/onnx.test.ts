import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { onnx } from '../../generators/onnx.ts';
import { decodeFrames } from '../../src/media/decode.ts';
import { encodeClip } from '../../src/media/encode.ts';
import { readMask } from '../../src/media/mask.ts';
import { readProvenance } from '../../src/media/provenance.ts';
import type { Clip, Frame } from '../../src/types.ts';
import { describeClip, paint } from '../support/clips.ts';
import { directContext } from '../support/context.ts';
import { talker } from '../support/talkers.ts';

const [width, height] = [128, 96];
/** The square of `softener` is the middle 48 px of 96, at the size it takes: nothing is scaled. */
const inside = (x: number, y: number): boolean => x >= 40 && x < 88 && y >= 24 && y < 72;

test('the middle is what the network makes of it, the rest and the sound stay, and the mark says by which model', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'masque-onnx-'));
  try {
    // Stripes of 4 px, which the mean of nine pixels softens by a known amount.
    const frame = paint(width, height, (x) => (x % 8 < 4 ? [60, 60, 60] : [180, 180, 180]));
    const samples = Float32Array.from({ length: 3200 }, (_, i) => 0.3 * Math.sin(i / 5));
    const media = await encodeClip(join(folder, 'target.mp4'), {
      frames: Array.from({ length: 5 }, () => frame),
      fps: 25,
      width,
      height,
      audio: { sampleRate: 16000, samples },
    });
    const target: Clip = { ...describeClip('t', []), media };
    const context = directContext(folder);
    const options = onnx.options.parse({ model: 'softener', manifest: 'test/golden/models/manifest.yaml' });
    const model = await onnx.bring!(options, context);
    const [plan] = onnx.plan([target], options, context);
    expect(plan!.labels).toEqual({ video: 'fake', audio: 'real', pairing: 'real' });
    const fake = await onnx.make(plan!, model, options, context);
    expect(fake).toMatchObject({ video: media.video, audio: media.audio });

    const [before, after] = [await firstFrame(media.path), await firstFrame(fake.path)];
    const error = { inside: 0, outside: 0, unchanged: 0 };
    for (let y = 0; y < height; y++)
      for (let x = 0; x < width; x++) {
        const at = (y * width + x) * 3;
        const old = before.data[at]!;
        const expected = inside(x, y) ? softened(before, x, y) : old;
        const difference = Math.abs(after.data[at]! - expected);
        if (inside(x, y)) {
          error.inside += difference / (48 * 48);
          error.unchanged += Math.abs(old - expected) / (48 * 48);
        } else error.outside += difference / (width * height - 48 * 48);
      }
    expect(error.inside).toBeLessThan(3);
    expect(error.outside).toBeLessThan(3);
    expect(error.unchanged).toBeGreaterThan(15);
    const mark = await readProvenance(fake.path);
    expect(mark).toMatchObject({
      generator: 'onnx@softener',
      model: { network: model.files['network']!.sha256 },
      licence: 'synthetic and MIT',
    });
  } finally {
    await rm(folder, { recursive: true });
  }
});

test('with the region mouth only pixels about the mouth change, and a clip without a track is no question for it', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'masque-onnx-'));
  try {
    const target = await talker(folder, 'a-0', 5, 'test');
    const context = directContext(folder);
    const own = { model: 'softener', manifest: 'test/golden/models/manifest.yaml' };
    const mouth = onnx.options.parse({ ...own, region: 'mouth' });
    expect(onnx.label(mouth)).toBe('onnx@softener-mouth');
    const model = await onnx.bring!(mouth, context);
    const [plan] = onnx.plan([target], mouth, context);
    const fake = await onnx.make(plan!, model, mouth, context);
    const forged = (await readMask(fake.path, target.media.video!)).subarray(0, 64 * 64);
    const rows = forged.reduce(
      (seen, changed, pixel) => (changed ? seen.add(pixel >> 6) : seen),
      new Set<number>(),
    );
    // The painted mouth lies about row 50; the middle square would end at 48.
    expect(Math.max(...rows)).toBeGreaterThanOrEqual(48);
    expect(Math.min(...rows)).toBeGreaterThan(30);
    const { track: _, ...untracked } = target;
    await expect(onnx.make({ ...plan!, target: untracked }, model, mouth, context)).rejects.toThrow(
      'has no face track',
    );
  } finally {
    await rm(folder, { recursive: true });
  }
});

async function firstFrame(path: string): Promise<Frame> {
  for await (const frame of decodeFrames(path, { frameCount: 5 })) return frame;
  throw new Error('no frame');
}

/** Mean of the pixel's neighbours inside the square. */
function softened({ data }: Frame, x: number, y: number): number {
  let [sum, count] = [0, 0];
  for (let j = y - 1; j <= y + 1; j++)
    for (let i = x - 1; i <= x + 1; i++)
      if (inside(i, j)) {
        sum += data[(j * width + i) * 3]!;
        count++;
      }
  return sum / count;
}
