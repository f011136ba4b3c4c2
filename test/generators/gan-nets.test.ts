/** Networks and losses of `gan`, against slow definitions. R3GAN was never trained: its networks are made, counted and run once. */
import type * as Tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, test } from 'vitest';
import { augment, augmentShapes, drawAugment } from '../../generators/gan/diff-augment.ts';
import { lossesOf } from '../../generators/gan/losses.ts';
import { judgeOf } from '../../generators/gan/networks.ts';
import { type GanNet, ganOptions, labelOf, settingsOf } from '../../generators/gan/options.ts';
import {
  doubled,
  generateR3,
  gradientPenalty,
  groupedConvolution,
  halved,
  judgeR3,
  type R3Net,
} from '../../generators/gan/r3gan.ts';
import { type Engine, openEngine } from '../../src/compute/engine.ts';
import { openModel } from '../../src/compute/model.ts';
import { createParameters, type Parameters } from '../../src/compute/parameters.ts';
import { createRng } from '../../src/random.ts';
import type { Trainer } from '../../src/compute/trainer.ts';

let engine: Engine;
beforeAll(async () => {
  engine = await openEngine({ threads: 1, backend: 'onnx', device: 'cpu' });
});

const sizeOf = (shape: readonly number[]): number => shape.reduce((product, n) => product * n, 1);
const normals = (scope: string, shape: readonly number[]): Float32Array => {
  const rng = createRng(3, scope);
  return Float32Array.from({ length: sizeOf(shape) }, () => rng.normal());
};

/** Runs `net` once; parameters it lacks are made first. */
async function run(
  inputs: Record<string, { shape: readonly number[]; data: Float32Array }>,
  net: (inputs: Record<string, Tf.Tensor>) => Tf.Tensor,
  parameters?: Parameters,
): Promise<{ shape: number[]; data: Float32Array }> {
  const asked = {
    inputs: Object.fromEntries(Object.entries(inputs).map(([name, { shape }]) => [name, { shape }])),
    outputs: (given: Record<string, Tf.Tensor>) => ({ y: net(given) }),
    ...(parameters ? { parameters } : {}),
  };
  if (parameters) await engine.export(asked).catch(() => {});
  const model = await openModel(await engine.export(asked), { threads: 1, device: 'cpu' });
  const { y } = await model.run(inputs);
  model.close();
  return y as { shape: number[]; data: Float32Array };
}

/** The networks of `net` and their losses, ready for steps on one batch by plain gradients; a step at rate 0 changes no weight. */
async function compiled(net: GanNet): Promise<{
  p: Parameters;
  trainer: Trainer;
  step(rate: number): Promise<Record<string, number>>;
}> {
  const p = createParameters(engine.tf, createRng(1, 'weights'));
  const batch = 3;
  const shapes = {
    real: { shape: [batch, net.sizePx, net.sizePx, 3] },
    latents: { shape: [batch, net.latent] },
    penalty: { shape: [] },
    learningRate: { shape: [] },
  } as const;
  const trainer = await engine.compile({
    parameters: p,
    inputs: shapes,
    loss: ({ real, latents, penalty }) => {
      const found = lossesOf(p, net, { real, latents, penalty, change: (pictures) => pictures });
      const { discriminator, generator } = found;
      return { loss: engine.tf.add(discriminator, generator), metrics: { discriminator, generator } };
    },
    optimizer: { kind: 'sgd' },
  });
  const real = normals('real', shapes.real.shape).map((value) => 0.4 * value);
  const latents = normals('latents', shapes.latents.shape);
  const step = async (rate: number): Promise<Record<string, number>> =>
    (await trainer.step({ real, latents, penalty: 1, learningRate: rate })).metrics;
  return { p, trainer, step };
}

/** Name of a weight, and which of its values is looked at, in the order in which the trainer keeps them. */
type Place = readonly [name: string, index: number];

/** What a step changes that value by, over the rate, beside the finite difference of the loss of the network that it belongs to. */
async function gradients(
  net: GanNet,
  places: readonly Place[],
): Promise<[step: number, difference: number][]> {
  const { trainer, step } = await compiled(net);
  await step(0);
  const before = trainer.save();
  await step(1e-3);
  const after = trainer.save();
  const found: [number, number][] = [];
  for (const [name, index] of places) {
    const own = name.startsWith('generator') ? 'generator' : 'discriminator';
    const key = `weight/${name}`;
    const at = async (by: number): Promise<number> => {
      const data = Float32Array.from(before[key]!.data);
      data[index]! += by;
      trainer.restore({ ...before, [key]: { ...before[key]!, data } });
      return (await step(0))[own]!;
    };
    // Narrow: rectifiers have corners.
    const width = 3e-4;
    const difference = ((await at(width)) - (await at(-width))) / (2 * width);
    found.push([(before[key]!.data[index]! - after[key]!.data[index]!) / 1e-3, difference]);
  }
  trainer.dispose();
  return found;
}

function expectAlike(found: readonly [number, number][]): void {
  const largest = Math.max(...found.map(([, difference]) => Math.abs(difference)));
  expect(largest).toBeGreaterThan(1e-3);
  for (const [gradient, difference] of found)
    expect(Math.abs(gradient - difference)).toBeLessThan(0.05 * largest + 2e-3);
}

const small = { form: 'dcgan', sizePx: 16, latent: 6, width: { generator: 4, discriminator: 4 } } as const;
const smallR3 = { form: 'r3gan', sizePx: 8, latent: 5, widths: [8, 4], groups: [4, 2] } as const;

describe('DCGAN', () => {
  test('each weight follows the gradient of its own network’s loss, and no other’s', async () => {
    expectAlike(
      await gradients(small, [
        ['generator/open/kernel', 7],
        ['generator/up1/kernel', 30],
        ['generator/picture/kernel', 11],
        ['generator/normal0/scale', 2],
        ['discriminator/0/bias', 1],
        ['discriminator/1/bias', 3],
        ['discriminator/2/bias', 0],
      ]),
    );
  });

  test('spectral norm: kernels come to the largest singular value 1, and u and v are kept with the weights', async () => {
    const { p, trainer, step } = await compiled(small);
    for (let i = 0; i < 26; i++) await step(0);
    await trainer.sync();
    trainer.dispose();
    const weights = p.toTensors();
    for (const [layer, shape] of [
      [0, [48, 4]],
      [1, [64, 8]],
      [2, [144, 1]],
    ] as const) {
      const kernel = weights[`discriminator/${layer}/kernel`]!.data;
      const sigma = largestSingularValue(kernel, shape[0], shape[1]);
      const used = await run(
        { nothing: { shape: [1], data: Float32Array.of(0) } },
        ({ nothing }) => engine.tf.add(engine.tf.mul(nothing!, 0), judgeOf(p, small, true)[layer]!.kernel),
        p,
      );
      expect(used.data.every((value, i) => Math.abs(value - kernel[i]! / sigma) < 2e-3)).toBe(true);
      expect(weights[`discriminator/${layer}/u`]!.shape).toEqual([shape[1], 1]);
    }
  });
});

/** By 500 power iterations in double precision. */
function largestSingularValue(matrix: ArrayLike<number>, rows: number, columns: number): number {
  let u = Array.from({ length: columns }, (_, i) => 1 + i / 7);
  let sigma = 0;
  for (let k = 0; k < 500; k++) {
    const v = Array.from({ length: rows }, (_, r) =>
      u.reduce((sum, value, c) => sum + matrix[r * columns + c]! * value, 0),
    );
    const back = u.map((_, c) => v.reduce((sum, value, r) => sum + matrix[r * columns + c]! * value, 0));
    const length = Math.hypot(...back);
    sigma = Math.sqrt(length);
    u = back.map((value) => value / length);
  }
  return sigma;
}

test('DiffAugment: colours, then shifted with zeros following, then a square of zeros', async () => {
  const [batch, sizePx] = [4, 16];
  const drawn = drawAugment(batch, sizePx, 1, createRng(5));
  const shape = [batch, sizePx, sizePx, 3];
  const pictures = normals('pictures', shape);
  const shapes = augmentShapes(batch, sizePx);
  const inputs = {
    pictures: { shape, data: pictures },
    ...Object.fromEntries(
      Object.entries(drawn).map(([name, data]) => [
        name,
        { shape: shapes[name as keyof typeof shapes].shape, data },
      ]),
    ),
  };
  const made = await run(inputs as never, ({ pictures: x, ...rest }) =>
    augment(engine.tf, x as Tf.Tensor4D, rest as never),
  );
  const area = sizePx * sizePx;
  for (let i = 0; i < batch; i++) {
    const [brightness, saturation, contrast] = drawn.colour.subarray(i * 3, i * 3 + 3);
    const x = Float64Array.from(
      pictures.subarray(i * area * 3, (i + 1) * area * 3),
      (value) => value + brightness!,
    );
    for (let at = 0; at < x.length; at += 3) {
      const grey = (x[at]! + x[at + 1]! + x[at + 2]!) / 3;
      for (let c = 0; c < 3; c++) x[at + c] = (x[at + c]! - grey) * saturation! + grey;
    }
    const level = x.reduce((sum, value) => sum + value, 0) / x.length;
    const changed = x.map((value) => (value - level) * contrast! + level);
    // Where the first row and column that come from inside lie says how far the picture was shifted.
    const shiftOf = (matrix: Float32Array): number => {
      const at = matrix.subarray(i * area, (i + 1) * area).indexOf(1);
      return Math.floor(at / sizePx) - (at % sizePx);
    };
    const [down, right] = [shiftOf(drawn.rows), shiftOf(drawn.columns)];
    expect(Math.max(Math.abs(down), Math.abs(right))).toBeLessThanOrEqual(2);
    for (let y = 0; y < sizePx; y++)
      for (let column = 0; column < sizePx; column++)
        for (let c = 0; c < 3; c++) {
          const [fromY, fromX] = [y - down, column - right];
          const inside = fromY >= 0 && fromY < sizePx && fromX >= 0 && fromX < sizePx;
          const shown = inside && drawn.hole[i * area + y * sizePx + column] === 1;
          const wanted = shown ? changed[(fromY * sizePx + fromX) * 3 + c]! : 0;
          expect(made.data[((i * sizePx + y) * sizePx + column) * 3 + c]).toBeCloseTo(wanted, 4);
        }
  }
  const cut = drawn.hole.filter((value) => value === 0).length / batch;
  expect(cut).toBeGreaterThan(16);
  expect(cut).toBeLessThanOrEqual(64);
});

describe('R3GAN', () => {
  test('a grouped convolution is one convolution per group', async () => {
    const [shape, kernelShape] = [
      [2, 5, 4, 6],
      [9, 3, 2, 2],
    ] as const;
    const [x, kernel] = [normals('x', shape), normals('kernel', kernelShape)];
    const made = await run({ x: { shape, data: x }, kernel: { shape: kernelShape, data: kernel } }, (given) =>
      groupedConvolution(engine.tf, given['x'] as Tf.Tensor4D, given['kernel'] as Tf.Tensor4D),
    );
    for (const [n, y, column, channel] of [
      [0, 0, 0, 0],
      [1, 2, 3, 5],
      [0, 4, 1, 2],
      [1, 3, 2, 3],
    ] as const) {
      let sum = 0;
      const group = Math.floor(channel / 2);
      for (let tap = 0; tap < 9; tap++) {
        const [row, col] = [y + Math.floor(tap / 3) - 1, column + (tap % 3) - 1];
        if (row < 0 || row >= 5 || col < 0 || col >= 4) continue;
        for (let k = 0; k < 2; k++)
          sum +=
            x[((n * 5 + row) * 4 + col) * 6 + group * 2 + k]! *
            kernel[((tap * 3 + group) * 2 + k) * 2 + (channel % 2)]!;
      }
      expect(made.data[((n * 5 + y) * 4 + column) * 6 + channel]).toBeCloseTo(sum, 4);
    }
  });

  test('doubling puts means between neighbours, halving takes every second value of [1, 2, 1] / 4', async () => {
    const x = { shape: [1, 2, 4, 1], data: Float32Array.of(0, 4, 8, 2, 10, 14, 18, 12) };
    const twice = await run({ x }, (given) => doubled(engine.tf, given['x'] as Tf.Tensor4D));
    expect(twice.shape).toEqual([1, 4, 8, 1]);
    expect([...twice.data.subarray(0, 16)]).toEqual([0, 2, 4, 6, 8, 5, 2, 2, 5, 7, 9, 11, 13, 10, 7, 7]);
    const half = await run({ x }, (given) => halved(engine.tf, given['x'] as Tf.Tensor4D));
    // The first row is twice row 0 and once row 1 over 4: 2.5, 5.5, 8.5, 4; columns 0 and 2 of that, filtered.
    expect([...half.data]).toEqual([(2 * 2.5 + 5.5) / 4, (5.5 + 2 * 8.5 + 4) / 4]);
  });

  test('R1: the squared slope of the discriminator, by finite differences at each pixel', async () => {
    const p = createParameters(engine.tf, createRng(2, 'r1'));
    const shape = [2, 8, 8, 3];
    const pictures = normals('r1', shape).map((value) => 0.5 * value);
    const judge = (x: Tf.Tensor): Tf.Tensor1D => judgeR3(p, smallR3, x as Tf.Tensor4D);
    await run({ x: { shape, data: pictures } }, ({ x }) => judge(x!), p);
    // Weights of the blocks' last layers begin at 0, which would leave the blocks out.
    for (const [name, variable] of p.trainable())
      if (name.endsWith('close/kernel'))
        p.load({
          [name]: { shape: variable.shape, data: normals(name, variable.shape).map((v) => 0.3 * v) },
        });
    const penalty = await run(
      { x: { shape, data: pictures } },
      ({ x }) => engine.tf.reshape(gradientPenalty(engine.tf, judge, x as Tf.Tensor4D), [1]),
      p,
    );
    const model = await openModel(
      await engine.export({
        inputs: { x: { shape } },
        outputs: ({ x }) => ({ y: judge(x as Tf.Tensor) }),
        parameters: p,
      }),
      { threads: 1, device: 'cpu' },
    );
    const total = async (data: Float32Array): Promise<number> => {
      const { y } = await model.run({ x: { shape, data } });
      return (y!.data as Float32Array).reduce((sum, value) => sum + value, 0);
    };
    let squares = 0;
    for (let i = 0; i < pictures.length; i++) {
      const moved = (by: number): Float32Array => pictures.map((value, k) => (k === i ? value + by : value));
      squares += (((await total(moved(5e-3))) - (await total(moved(-5e-3)))) / 1e-2) ** 2;
    }
    model.close();
    expect(squares / 2).toBeGreaterThan(1e-3);
    expect(penalty.data[0]! / (squares / 2)).toBeCloseTo(1, 1);
  });

  test('the penalties’ second derivatives, and each network’s own loss', async () => {
    expectAlike(
      await gradients(smallR3, [
        ['generator/0/0/close/kernel', 17],
        ['generator/picture/kernel', 4],
        ['discriminator/picture/kernel', 5],
        ['discriminator/1/0/close/kernel', 9],
        ['discriminator/basis', 12],
      ]),
    );
  });

  test('preset gpu: 22,429,827 and 22,381,824 parameters, one picture of 64 px', async () => {
    const options = ganOptions.parse({ preset: 'gpu' });
    expect(labelOf(options)).toBe('gan@gpu-64');
    const net = settingsOf(options).net as GanNet & R3Net;
    const p = createParameters(engine.tf, createRng(1, 'r3gan'));
    const made = await run(
      { z: { shape: [1, 64], data: normals('z', [1, 64]) } },
      ({ z }) => generateR3(p, net, z as Tf.Tensor2D),
      p,
    );
    expect(made.shape).toEqual([1, 64, 64, 3]);
    expect(made.data.every(Number.isFinite)).toBe(true);
    const said = await run((made as never) && { x: made }, ({ x }) => judgeR3(p, net, x as Tf.Tensor4D), p);
    expect(said.shape).toEqual([1]);
    const count = (prefix: string): number =>
      [...p.trainable()].reduce((sum, [name, { size }]) => (name.startsWith(prefix) ? sum + size : sum), 0);
    expect([count('generator/'), count('discriminator/')]).toEqual([22_429_827, 22_381_824]);
  });
});
