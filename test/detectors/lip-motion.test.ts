import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type * as Tf from '@tensorflow/tfjs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { lipMotion } from '../../detectors/lip-motion/index.ts';
import { picturesOf, windowStarts } from '../../detectors/lip-motion/mouths.ts';
import {
  follow,
  followedCount,
  judge,
  lookAt,
  type Net,
  pictureShape,
  seenCount,
  smallNet,
} from '../../detectors/lip-motion/network.ts';
import { presets } from '../../detectors/lip-motion/presets.ts';
import type { Parameters } from '../../src/compute/parameters.ts';
import { openClip } from '../../src/media/open-clip.ts';
import { createRng } from '../../src/random.ts';
import type { Clip, Examples, LabelledClip, Model } from '../../src/types.ts';
import { directContext } from '../support/context.ts';
import { parametersOf, runNetwork, trainableCount } from '../support/networks.ts';
import { talker } from '../support/talkers.ts';

const options = { preset: 'smoke' } as const;
const frameCount = 40;

describe('on talkers', () => {
  let folder: string;
  let model: Model;
  let examples: Examples;
  let unseen: Record<'real' | 'fake' | 'short', Clip>;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'masque-lip-motion-'));
    const clips = async (truth: 'real' | 'fake', ...ids: string[]): Promise<LabelledClip[]> => {
      const made: LabelledClip[] = [];
      for (const id of ids)
        made.push({ clip: await talker(folder, id, frameCount, 'train', truth === 'fake'), truth });
      return made;
    };
    examples = {
      train: [...(await clips('real', 'a-0', 'b-0', 'c-0')), ...(await clips('fake', 'a-1', 'b-1', 'c-1'))],
      validation: [...(await clips('real', 'd-0')), ...(await clips('fake', 'd-1'))],
    };
    model = await lipMotion.train!(examples, options, directContext(folder));
    unseen = {
      real: await talker(folder, 'x-0', frameCount, 'test'),
      fake: await talker(folder, 'y-0', frameCount, 'test', true),
      short: await talker(folder, 'z-0', presets.smoke.frames - 1, 'test'),
    };
  });
  afterAll(() => rm(folder, { recursive: true }));

  const score = async (clip: Clip): Promise<number> =>
    (await lipMotion.load(model, options, 1)).score(openClip(clip));

  it('tells mouths that jump from mouths that move, and learned visemes before', async () => {
    expect(await score(unseen.fake)).toBeGreaterThan(await score(unseen.real));
    const { clips, accuracy } = model.info['reading'] as { clips: number; accuracy: number };
    expect(clips).toBe(3);
    // Two visemes are spoken, of thirteen.
    expect(accuracy).toBeGreaterThan(0.5);
  });

  it('does not apply without a face track, nor to a clip shorter than its window, and says so', async () => {
    const { track: _, ...untracked } = unseen.real;
    await expect(score(untracked)).rejects.toMatchObject({
      code: 'E_NOT_APPLICABLE',
      message: 'x-0: has no face track, so nobody knows where the mouth is',
    });
    await expect(score(unseen.short)).rejects.toMatchObject({
      code: 'E_NOT_APPLICABLE',
      message: 'z-0: has 15 frames, and movement is judged over 16',
    });
  });

  it('reads no lips of clips whose sound is not known or another’s, and cannot learn without any', async () => {
    const without = (change: (clip: Clip) => Clip): Examples => ({
      ...examples,
      train: examples.train.map((one) => ({ ...one, clip: change(one.clip) })),
    });
    const dubbed = without((clip) => ({ ...clip, labels: { ...clip.labels, pairing: 'fake' } }));
    const mute = without((clip) => {
      const { phones: _, ...rest } = clip;
      return rest;
    });
    for (const given of [dubbed, mute])
      await expect(lipMotion.train!(given, options, directContext(folder))).rejects.toThrow(
        /cannot learn to read lips: of 3 genuine clips of split "train" none has/,
      );
  });

  it('cannot judge with nothing forged to learn from', async () => {
    const genuine = { ...examples, train: examples.train.filter(({ truth }) => truth === 'real') };
    await expect(lipMotion.train!(genuine, options, directContext(folder))).rejects.toThrow(
      'split "train" gave 3 real and 0 fake mouths; it needs both',
    );
  });
});

it('windows cover a clip from its first frame to its last, each half over the one before at least', () => {
  for (const [count, frames] of [
    [16, 16],
    [17, 16],
    [60, 25],
    [75, 25],
    [100, 16],
  ] as const) {
    const starts = windowStarts(count, frames);
    expect([starts[0], starts.at(-1)]).toEqual([0, count - frames]);
    for (const [i, start] of starts.entries())
      if (i > 0) expect(start - starts[i - 1]!).toBeLessThanOrEqual(frames / 2);
  }
  expect(windowStarts(25, 25)).toEqual([0]);
});

it('a picture holds a crop and its neighbours, held at the ends', () => {
  const net: Net = { ...smallNet, window: { ...smallNet.window, width: 2, height: 1 }, reach: 1 };
  const crops = [1, 2, 3].map((t) => Float32Array.of(t, 10 * t));
  expect([...picturesOf(crops, net)]).toEqual([
    1, 1, 2, 10, 10, 20, 1, 2, 3, 10, 20, 30, 2, 3, 3, 20, 30, 30,
  ]);
  expect([...picturesOf(crops, net, 1, 1)]).toEqual([1, 2, 3, 10, 20, 30]);
});

it('follows what was seen as the slow definition does', async () => {
  const net: Net = { ...smallNet, follower: { kernels: [3, 5], maps: 2, layers: 2 } };
  const [frames, width] = [9, 3];
  const shape: [number, number, number, number] = [1, frames, 1, width];
  const build = (p: Parameters, x: Tf.Tensor4D, training: boolean): Tf.Tensor =>
    follow(p, p.tf.reshape(x, [1, frames, width]), net, training);
  const p = await parametersOf(shape, build);
  const rng = createRng(1, 'follow');
  const slopes = [...p.trainable().keys()].filter((name) => name.endsWith('slope'));
  for (const name of slopes) {
    const size = p.trainable().get(name)!.size;
    p.load({ [name]: { shape: [size], data: Float32Array.from({ length: size }, () => rng.uniform()) } });
  }
  const data = Float32Array.from({ length: frames * width }, () => rng.normal());
  const found = await runNetwork(p, shape, build, data);

  type Rows = number[][];
  const values = (name: string): ArrayLike<number> => p.trainable().get(name)!.dataSync();
  const bent = (name: string, rows: Rows): Rows =>
    rows.map((row) => row.map((value, c) => (value < 0 ? value * values(`${name}/slope`)[c]! : value)));
  const along = (name: string, x: Rows, taps: number, outputs: number, apart: number): Rows =>
    x.map((_, t) =>
      Array.from({ length: outputs }, (_unused, o) => {
        let sum = values(`${name}/bias`)[o]!;
        for (let k = 0; k < taps; k++)
          for (const [c, value] of (x[t + (k - (taps - 1) / 2) * apart] ?? []).entries())
            sum += value * values(`${name}/kernel`)[(k * x[0]!.length + c) * outputs + o]!;
        return sum;
      }),
    );
  const scales = (name: string, x: Rows, apart: number): Rows => {
    const [short, long] = [3, 5].map((taps) => {
      const normal = along(`${name}/${taps}`, x, taps, 2, apart).map((row) =>
        row.map((value) => value / Math.sqrt(1 + 1e-3)),
      );
      return bent(`${name}/${taps}`, normal);
    });
    return short!.map((row, t) => [...row, ...long![t]!]);
  };
  let x: Rows = Array.from({ length: frames }, (_, t) => [...data.subarray(t * width, (t + 1) * width)]);
  for (const [i, apart] of [1, 2].entries()) {
    const made = scales(`follow/${i}/b`, scales(`follow/${i}/a`, x, apart), apart);
    const kept = i === 0 ? along('follow/0/kept', x, 1, 4, 1) : x;
    x = bent(
      `follow/${i}`,
      made.map((row, t) => row.map((value, c) => value + kept[t]![c]!)),
    );
  }
  expect(found.shape).toEqual([1, frames, 4]);
  x.flat().forEach((value, at) => expect(found.data[at]).toBeCloseTo(value, 4));
});

it('at preset paper has the published layers, and judges a window', async () => {
  const { net, frames } = presets.paper;
  expect([pictureShape(net), seenCount(net), followedCount(net)]).toEqual([[88, 88, 5], 512, 768]);
  const build = (p: Parameters, x: Tf.Tensor4D, training: boolean): Tf.Tensor => {
    const seen = lookAt(p, x, net, training);
    return judge(p, follow(p, p.tf.reshape(seen, [1, -1, 512]), net, training));
  };
  const p = await parametersOf([2, ...pictureShape(net)], build);
  // ResNet-18 as published, without its 1000 classes; the first convolution over 5 frames of one channel, not over three colours; slopes.
  const looks = 11_689_512 - 513 * 1000 + (5 - 3) * 7 * 7 * 64 + 64;
  const scales = (inputs: number): number =>
    [3, 5, 7].reduce((sum, taps) => sum + taps * inputs * 256 + 256 + 2 * 256 + 256, 0);
  const follows = scales(512) + 7 * scales(768) + 513 * 768 + 4 * 768;
  expect(trainableCount(p)).toBe(looks + follows + 768 + 1);
  p.load({ 'out/kernel': { shape: [768, 1], data: new Float32Array(768).fill(0.01) } });
  const rng = createRng(1, 'paper');
  const data = Float32Array.from({ length: frames * 88 * 88 * 5 }, () => rng.normal());
  const [logit] = (await runNetwork(p, [frames, ...pictureShape(net)], build, data)).data;
  expect(Number.isFinite(logit) && logit !== 0).toBe(true);
});
