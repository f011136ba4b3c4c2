import type * as Tf from '@tensorflow/tfjs';
import { describe, expect, it } from 'vitest';
import { putFrame, squareFrames } from '../../src/frame-net/frames.ts';
import { mesoInception } from '../../detectors/meso-inception/index.ts';
import { frameShape, judgeFrames, logitOfBytes } from '../../src/frame-net/judge.ts';
import { type Form, hiddenCount, mesoNet } from '../../detectors/meso-inception/network.ts';
import { presets } from '../../detectors/meso-inception/presets.ts';
import { openEngine } from '../../src/compute/engine.ts';
import { openModel } from '../../src/compute/model.ts';
import type { Parameters } from '../../src/compute/parameters.ts';
import { createRng } from '../../src/random.ts';
import { noisy, openFrames, paint } from '../support/clips.ts';
import { parametersOf, trainableCount } from '../support/networks.ts';

const parametersFor = (sizePx: number, form: Form = 'meso-inception4'): Promise<Parameters> =>
  parametersOf([2, sizePx, sizePx, 3], (p, x, training) => {
    const nothing: Tf.Tensor2D = p.tf.ones([1, 1]);
    return mesoNet(p, form, x, training ? { features: nothing, hidden: nothing } : undefined);
  });

describe('mesoNet', () => {
  it('has the published layers: 28,615 trainable parameters at 256 px', async () => {
    const parameters = await parametersFor(256);
    const shapes = Object.fromEntries([...parameters.trainable()].map(([name, { shape }]) => [name, shape]));
    expect(trainableCount(parameters)).toBe(28_615);
    expect(shapes).toMatchObject({
      'block1/branch0/point/kernel': [1, 1, 3, 1],
      'block1/branch1/point/kernel': [1, 1, 3, 4],
      'block1/branch1/wide/kernel': [3, 3, 4, 4],
      'block1/branch2/wide/kernel': [3, 3, 4, 4],
      'block1/branch3/wide/kernel': [3, 3, 2, 2],
      'block2/branch0/point/kernel': [1, 1, 11, 2],
      'block2/branch3/wide/kernel': [3, 3, 2, 2],
      'block3/kernel': [5, 5, 12, 16],
      'block4/kernel': [5, 5, 16, 16],
      'dense1/kernel': [1024, 16],
      'dense2/kernel': [16, 1],
    });
  });

  it('as Meso4 has the published layers: 27,977 trainable parameters at 256 px', async () => {
    const parameters = await parametersFor(256, 'meso4');
    const shapes = Object.fromEntries([...parameters.trainable()].map(([name, { shape }]) => [name, shape]));
    expect(trainableCount(parameters)).toBe(27_977);
    expect(shapes).toMatchObject({
      'block1/kernel': [3, 3, 3, 8],
      'block2/kernel': [5, 5, 8, 8],
      'block3/kernel': [5, 5, 8, 16],
      'block4/kernel': [5, 5, 16, 16],
      'dense1/kernel': [1024, 16],
      'dense2/kernel': [16, 1],
    });
    expect(mesoInception.label({ preset: 'cpu', form: 'meso4' })).toBe('meso-inception@meso4-cpu-128');
  });

  it('runs once at the size of the preset paper, whole frames of 256 px, which was never trained here', async () => {
    const { sizePx, shown } = presets.paper;
    expect([sizePx, shown, mesoInception.label({ preset: 'paper', form: 'meso-inception4' })]).toEqual([
      256,
      1,
      'meso-inception@paper-256',
    ]);
    const parameters = await parametersFor(sizePx);
    const rng = createRng(1, 'last layer');
    const kernel = Float32Array.from({ length: hiddenCount }, () => rng.normal());
    parameters.load({ 'dense2/kernel': { shape: [hiddenCount, 1], data: kernel } });
    const engine = await openEngine({ threads: 1, backend: 'onnx' });
    const shape = [2, sizePx, sizePx, 3] as const;
    const network = await openModel(
      await engine.export({
        inputs: { frames: { shape } },
        outputs: ({ frames }) => ({ logit: mesoNet(parameters, 'meso-inception4', frames) }),
        parameters,
      }),
      { threads: 1 },
    );
    const data = new Float32Array(2 * sizePx * sizePx * 3);
    [10, 40].forEach((strength, i) =>
      putFrame(data, i * sizePx * sizePx * 3, noisy('whole', sizePx, sizePx, strength).data, sizePx),
    );
    const { logit } = await network.run({ frames: { shape, data } });
    network.close();
    expect(new Set(logit!.data).size).toBe(2);
    expect(logit!.data.every((value) => Number.isFinite(value) && value !== 0)).toBe(true);
  });

  it('judges frames independently of each other', async () => {
    const sizePx = 32;
    const parameters = await parametersFor(sizePx);
    const rng = createRng(1, 'last layer');
    const kernel = Float32Array.from({ length: hiddenCount }, () => rng.normal());
    parameters.load({ 'dense2/kernel': { shape: [hiddenCount, 1], data: kernel } });
    const engine = await openEngine({ threads: 1, backend: 'onnx' });
    const network = await openModel(
      await engine.export({
        inputs: { frames: { shape: frameShape(sizePx) } },
        outputs: ({ frames }) => ({
          logit: logitOfBytes((p, x) => mesoNet(p, 'meso-inception4', x), parameters, frames),
        }),
        parameters,
      }),
      { threads: 1 },
    );
    const frames = Array.from({ length: 11 }, (_, i) => noisy(`${i}`, sizePx, sizePx, 10 + 5 * i).data);
    const judge = (list: Uint8Array[]) =>
      judgeFrames(
        network,
        (async function* () {
          yield* list;
        })(),
        sizePx,
      );
    const logits = await judge(frames);
    expect(logits.length).toBe(frames.length);
    expect(new Set(logits).size).toBe(frames.length);
    for (const [i, frame] of frames.entries()) expect(await judge([frame])).toEqual([logits[i]]);
    network.close();
  });
});

it('puts frames as numbers in [0, 1], mirrored on demand', () => {
  const rgb = Uint8Array.of(0, 51, 102, 153, 204, 255, 255, 0, 51, 102, 0, 204);
  const plain = new Float32Array(13);
  putFrame(plain, 1, rgb, 2);
  [...rgb].forEach((value, i) => expect(plain[i + 1]).toBeCloseTo(value / 255, 6));
  const mirrored = new Float32Array(12);
  putFrame(mirrored, 0, rgb, 2, true);
  [...rgb.slice(3, 6), ...rgb.slice(0, 3), ...rgb.slice(9), ...rgb.slice(6, 9)].forEach((value, i) =>
    expect(mirrored[i]).toBeCloseTo(value / 255, 6),
  );
});

it('sees the whole frame where the preset says so', async () => {
  const left = paint(64, 64, (x) => (x < 16 ? [250, 0, 0] : [0, 0, 250]));
  const seen: Uint8Array[] = [];
  const whole = { sizePx: 64, shown: 1 };
  for await (const rgb of squareFrames(openFrames('clip', [left]), 1, whole)) seen.push(rgb);
  expect(seen).toEqual([left.data]);
});

it('looks at the middle half of the frame, whatever its size', async () => {
  const square = { sizePx: 32, shown: 0.5 };
  const seen = async (width: number, height: number): Promise<Uint8Array[]> => {
    const frame = paint(width, height, (x, y) => {
      const inside =
        Math.abs(x + 0.5 - width / 2) < height / 4 && Math.abs(y + 0.5 - height / 2) < height / 4;
      return inside ? [200, 100, 50] : [0, 0, 0];
    });
    const frames: Uint8Array[] = [];
    for await (const rgb of squareFrames(openFrames('clip', [frame, frame]), 1, square)) frames.push(rgb);
    return frames;
  };
  const middle = paint(32, 32, () => [200, 100, 50]).data;
  expect(await seen(64, 64)).toEqual([middle]);
  expect(await seen(90, 64)).toEqual([middle]);
  const [scaled] = await seen(384, 256);
  const inner = (rgb: Uint8Array): Uint8Array => rgb.slice((16 * 32 + 16) * 3, (16 * 32 + 17) * 3);
  expect(inner(scaled!)).toEqual(inner(middle));
  expect(scaled!.length).toBe(middle.length);
});
