/** What can be left out of the puppets: that each switch does what it says, and nothing where it stands as published. */
import type * as Tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, test } from 'vitest';
import { chunkLoss, expressionLoss, filterOf } from '../../generators/puppetry/audio-net.ts';
import { windowCountOf } from '../../generators/puppetry/corpus.ts';
import { labelOf, puppetryOptions, settingsOf } from '../../generators/puppetry/options.ts';
import { rendererLoss } from '../../generators/puppetry/renderer-loss.ts';
import { renderWindows } from '../../generators/puppetry/renderer-net.ts';
import { heardFeatures } from '../../generators/puppetry/speech-features.ts';
import { levelledTexture, splitLevels, sumLevels } from '../../generators/puppetry/texture-levels.ts';
import { dynamicTexture, underExpressions } from '../../generators/puppetry/texture-dynamic.ts';
import { publishedAudio, publishedRenderer } from '../../generators/puppetry/variants.ts';
import { expressionCount } from '../../src/head/expressions.ts';
import { type Engine, openEngine } from '../../src/compute/engine.ts';
import { openModel } from '../../src/compute/model.ts';
import { createParameters, type Parameters } from '../../src/compute/parameters.ts';
import { createRng } from '../../src/random.ts';

let engine: Engine;
beforeAll(async () => {
  engine = await openEngine({ threads: 1 });
});
const rng = createRng(9, 'variants');
const normal = (length: number): Float32Array => Float32Array.from({ length }, () => rng.normal());

type Fed = Record<string, { shape: number[]; data: Float32Array }>;

/** What a network gives on the given inputs; its weights are made when it is first written down. */
async function compute(
  fed: Fed,
  p: Parameters,
  net: (inputs: Record<string, never>) => Tf.Tensor,
): Promise<Float32Array> {
  const inputs = Object.fromEntries(Object.entries(fed).map(([name, { shape }]) => [name, { shape }]));
  const { tf } = engine;
  tf.tidy(() => {
    const zeros = Object.fromEntries(Object.entries(fed).map(([name, { shape }]) => [name, tf.zeros(shape)]));
    net(zeros as never);
  });
  const bytes = await engine.export({
    inputs,
    outputs: (x) => ({ y: net(x as never) }),
    parameters: p,
  });
  const model = await openModel(bytes, { threads: 1, device: 'cpu' });
  const { y } = await model.run(fed);
  model.close();
  return y!.data as Float32Array;
}
const fresh = (): Parameters => createParameters(engine.tf, createRng(4, 'weights'));

describe('labels', () => {
  const label = (options: object): string => labelOf(puppetryOptions.parse(options));
  test.each<[object, string]>([
    [{}, 'puppetry@cpu-96'],
    [{ audio: { relative: 20 }, renderer: { stages: 2 } }, 'puppetry@cpu-96'],
    [{ audio: { filter: 'none', relative: 0.5 } }, 'puppetry@cpu-96-filter-none-relative-0_5'],
    [
      { renderer: { faceTerms: 'code', architecture: 'dilated' } },
      'puppetry@cpu-96-architecture-dilated-faceterms-code',
    ],
    [{ preset: 'smoke', fitClips: 2, driver: { text: 'hello' } }, 'puppetry@smoke-96-fitclips-2-text'],
  ])('%j', (options, expected) => expect(label(options)).toBe(expected));

  test('the architecture asked for comes at a width of the preset', () => {
    const net = (options: object) => settingsOf(puppetryOptions.parse(options)).renderer.net;
    expect(net({})).toEqual({ architecture: 'strided', width: 16 });
    expect(net({ renderer: { architecture: 'strided' } })).toEqual(net({}));
    expect(net({ renderer: { architecture: 'dilated' } })).toEqual({ architecture: 'dilated', width: 4 });
    expect(
      settingsOf(puppetryOptions.parse({ renderer: { architecture: 'dilated' } })).renderer,
    ).toMatchObject({
      steps: 1200,
      batch: 2,
    });
    expect(net({ preset: 'gpu', renderer: { architecture: 'strided' } })).toEqual({
      architecture: 'strided',
      width: 64,
    });
  });
});

test('without a filter the frame’s own latent, the fourth of eight, is what is left', async () => {
  const latents = normal(2 * 8 * 32);
  const y = await compute({ x: { shape: [2, 8, 32], data: latents } }, fresh(), ({ x }) =>
    filterOf({ filter: 'none' })(engine.tf, fresh(), x as never),
  );
  const own = [...latents.subarray(3 * 32, 4 * 32), ...latents.subarray(11 * 32, 12 * 32)];
  y.forEach((value, i) => expect(value).toBeCloseTo(own[i]!, 6));
});

test('the weights of the loss weigh its terms: without both what is left are the three errors', async () => {
  const shape = [1, 6, 3];
  const fed = {
    predicted: { shape, data: normal(18) },
    truth: { shape, data: normal(18) },
    unfiltered: { shape: [1, 4, 3], data: normal(12) },
    gram: { shape: [1, 3, 3], data: Float32Array.of(1, 0, 0, 0, 1, 0, 0, 0, 1) },
  };
  const loss = async (weights: { unfiltered: number; relative: number }): Promise<number> =>
    (
      await compute(fed, fresh(), (inputs) =>
        engine.tf.reshape(expressionLoss(engine.tf, inputs as never, weights).loss, [1]),
      )
    )[0]!;
  const [both, none] = [
    await loss({ unfiltered: 3, relative: 20 }),
    await loss({ unfiltered: 0, relative: 0 }),
  ];
  const [absolute, relative] = [
    await loss({ unfiltered: 3, relative: 0 }),
    await loss({ unfiltered: 0, relative: 20 }),
  ];
  const rms = [0, 1, 2].map((from) => {
    let sum = 0;
    for (let i = 0; i < 12; i++)
      sum += (fed.predicted.data[from * 3 + i]! - fed.truth.data[from * 3 + i]!) ** 2;
    return Math.sqrt(sum / 4);
  });
  expect(none).toBeCloseTo(rms[0]! + rms[1]! + rms[2]!, 4);
  expect(both).toBeCloseTo(absolute + relative - none, 3);
  expect(absolute).toBeGreaterThan(none * 1.2);
});

test('the published code takes the window one frame late for the error before the filter', async () => {
  const [frames, k] = [3, 2];
  const count = windowCountOf(frames);
  const fed = {
    windows: { shape: [count, 16, 29], data: normal(count * 16 * 29) },
    person: { shape: [1, 1], data: Float32Array.of(1) },
    truth: { shape: [1, frames + 2, k], data: normal((frames + 2) * k) },
    gram: { shape: [1, k, k], data: Float32Array.of(1, 0, 0, 1) },
  };
  const weights = fresh();
  const lossOf = async (intermediate: 'centre' | 'code', data: Float32Array): Promise<number> => {
    const variant = { ...publishedAudio, filter: 'none', relative: 0, intermediate } as const;
    const given = { ...fed, windows: { ...fed.windows, data } };
    const y = await compute(given, weights, (inputs) =>
      engine.tf.reshape(chunkLoss(engine.tf, weights, inputs as never, variant).loss, [1]),
    );
    return y[0]!;
  };
  // Window 3 + i is that of frame i - 1 of the chunk; the one after the last frame's neighbour is read by neither but as code.
  const changed = fed.windows.data.slice();
  changed.fill(0, 8 * 16 * 29, 9 * 16 * 29);
  expect(await lossOf('centre', changed)).toBe(await lossOf('centre', fed.windows.data));
  const late = fed.windows.data.slice();
  late.fill(0, 7 * 16 * 29, 8 * 16 * 29);
  const share = async (intermediate: 'centre' | 'code'): Promise<number> =>
    Math.abs((await lossOf(intermediate, late)) - (await lossOf(intermediate, fed.windows.data)));
  expect(await share('code')).toBeGreaterThan(1.5 * (await share('centre')));
});

describe('hierarchical texture', () => {
  const stack = { people: 2, rows: 12, columns: 10 };
  const values = normal(2 * 12 * 10 * 16);

  test('the levels of a texture sum to it, and the coarsest holds the means of its blocks', () => {
    const levels = splitLevels(values, stack);
    expect(Object.values(levels).map(({ shape }) => shape)).toEqual([
      [2, 2, 2, 16],
      [2, 3, 3, 16],
      [2, 6, 5, 16],
      [2, 12, 10, 16],
    ]);
    sumLevels(levels, stack).forEach((value, i) => expect(value).toBeCloseTo(values[i]!, 5));
    let sum = 0;
    for (let y = 8; y < 12; y++) for (let x = 8; x < 10; x++) sum += values[((12 + y) * 10 + x) * 16 + 5]!;
    expect(levels['texture/level3']!.data[((2 + 1) * 2 + 1) * 16 + 5]).toBeCloseTo(sum / 8, 5);
  });

  test('a training step sees the same sum, and 8, 2 and 1 times the mean squares of the finer levels', async () => {
    const levels = splitLevels(values, stack);
    const p = fresh();
    p.load(levels);
    const one = { shape: [1], data: Float32Array.of(1) };
    const texture = await compute({ one }, p, (given) =>
      engine.tf.mul(levelledTexture(engine.tf, p, stack).texture, given['one']!),
    );
    texture.forEach((value, i) => expect(value).toBeCloseTo(values[i]!, 5));
    const penalty = await compute({ one }, p, (given) =>
      engine.tf.mul(levelledTexture(engine.tf, p, stack).penalty, given['one']!),
    );
    const square = (level: number): number => {
      const data = levels[`texture/level${level}`]!.data as Float32Array;
      return data.reduce((sum, value) => sum + value * value, 0) / data.length;
    };
    expect(penalty[0]).toBeCloseTo(8 * square(0) + 2 * square(1) + square(2), 3);
  });
});

describe('dynamic texture', () => {
  const [rows, columns, k] = [6, 5, expressionCount];
  const textures = { shape: [2, rows, columns, 16], data: normal(2 * rows * columns * 16) };
  const expressions = { shape: [2, k], data: normal(2 * k) };

  test('it begins as the static one; then each channel is filtered by 4×4 texels that depend on the expression', async () => {
    const p = fresh();
    const net = (given: Record<string, never>) =>
      underExpressions(p, given['textures']!, given['expressions']!);
    const first = await compute({ textures, expressions }, p, net);
    expect(first).toEqual(textures.data);
    const units = 4 * 4 * 16;
    const bias = Float32Array.from({ length: units }, () => rng.normal(0, 0.3));
    p.load({ 'filters/last/bias': { shape: [units], data: bias } });
    const all = await compute({ textures, expressions }, p, net);
    const at = (n: number, y: number, x: number, c: number): number =>
      y < 0 || y >= rows || x < 0 || x >= columns
        ? 0
        : textures.data[((n * rows + y) * columns + x) * 16 + c]!;
    for (const [n, y, x, c] of [
      [0, 0, 0, 0],
      [1, 3, 2, 7],
      [1, 5, 4, 15],
    ] as const) {
      let sum = at(n, y, x, c);
      for (let i = 0; i < 4; i++)
        for (let j = 0; j < 4; j++)
          sum += Math.tanh(bias[(i * 4 + j) * 16 + c]!) * at(n, y + i - 1, x + j - 1, c);
      expect(all[((n * rows + y) * columns + x) * 16 + c]).toBeCloseTo(sum, 4);
    }
  });

  test('a training step takes the frames’ people out of the stack', async () => {
    const p = fresh();
    const size = { columns, skinRows: 4, insideRows: 2 };
    const one = { shape: [1], data: Float32Array.of(1) };
    const { tf } = engine;
    const y = await compute({ textures, expressions, one }, p, (given) => {
      const stack = tf.reshape(given['textures']!, [2 * rows, columns, 16]);
      const people = tf.tensor1d([1, 0], 'int32');
      return tf.mul(
        given['one']!,
        dynamicTexture(p, stack, { people, expressions: given['expressions']! }, size),
      );
    });
    const half = textures.data.length / 2;
    expect(y).toEqual(Float32Array.of(...textures.data.subarray(half), ...textures.data.subarray(0, half)));
  });
});

describe('renderer', () => {
  const side = 32;
  const picture = (channels: number) => ({
    shape: [1, side, side, channels],
    data: normal(side * side * channels),
  });
  const fed = {
    features: picture(16),
    face: { shape: [1, side, side, 1], data: new Float32Array(side * side).fill(1) },
    background: picture(3),
  };
  const named = (p: Parameters): string[] => [
    ...new Set([...p.trainable().keys()].map((name) => name.split('/')[0]!)),
  ];

  test.each(['strided', 'dilated'] as const)(
    'one stage of the form %s has the composing network alone',
    async (architecture) => {
      for (const stages of [1, 2] as const) {
        const p = fresh();
        const y = await compute(
          fed,
          p,
          (inputs) =>
            renderWindows(
              engine.tf,
              p,
              inputs as never,
              { architecture, width: 2 },
              { stages, dilations: 'paper', downNorm: 'none' },
            ).final,
        );
        expect(y.every(Number.isFinite)).toBe(true);
        expect(named(p).toSorted()).toEqual(stages === 1 ? ['composer'] : ['composer', 'decoder']);
      }
    },
  );

  test('dilations in the code’s order: the same weights, another picture', async () => {
    const p = fresh();
    const net = { architecture: 'dilated', width: 2 } as const;
    const paint = (dilations: 'paper' | 'code') =>
      compute(
        fed,
        p,
        (inputs) =>
          renderWindows(engine.tf, p, inputs as never, net, { stages: 2, dilations, downNorm: 'none' }).final,
      );
    const [paper, code] = [await paint('paper'), await paint('code')];
    expect(await paint('paper')).toEqual(paper);
    expect(Math.max(...paper.map((value, i) => Math.abs(value - code[i]!)))).toBeGreaterThan(1e-3);
  });

  test('norms on the way down have no weights, and change the picture', async () => {
    const p = fresh();
    const net = { architecture: 'strided', width: 2 } as const;
    const paint = (downNorm: 'none' | 'instance') =>
      compute(
        fed,
        p,
        (inputs) =>
          renderWindows(engine.tf, p, inputs as never, net, { stages: 2, dilations: 'paper', downNorm })
            .final,
      );
    const plain = await paint('none');
    const weights = p.trainable().size;
    const normed = await paint('instance');
    expect(p.trainable().size).toBe(weights);
    expect(Math.max(...plain.map((value, i) => Math.abs(value - normed[i]!)))).toBeGreaterThan(1e-3);
  });

  test('weighed as in the code, the terms on the face are divided once more by all pixels', async () => {
    const size = [1, 16, 16] as const;
    const random = (channels: number) => ({ shape: [...size, channels], data: normal(256 * channels) });
    const ones = { shape: [...size, 1], data: new Float32Array(256).fill(1) };
    const inputs = { sampled: random(3), decoded: random(3), final: random(3), truth: random(3), face: ones };
    const loss = async (faceTerms: 'corrected' | 'code'): Promise<number> =>
      (
        await compute(inputs, fresh(), (given) => {
          const { sampled, decoded, final, truth, face } = given as Record<string, never>;
          const masks = { truth: truth!, face: face!, hole: face!, weight: face! };
          const rendered = { sampled: sampled!, decoded: decoded!, final: final! };
          const variant = { ...publishedRenderer, faceTerms };
          return engine.tf.reshape(rendererLoss(engine.tf, rendered, masks, variant).loss, [1]);
        })
      )[0]!;
    const l1 = (a: Float32Array): number =>
      a.reduce((sum, value, i) => sum + Math.abs(value - inputs.truth.data[i]!), 0) / a.length;
    const terms = l1(inputs.sampled.data) + 5 * l1(inputs.decoded.data);
    expect((await loss('corrected')) - (await loss('code'))).toBeCloseTo(terms * (1 - 1 / 256), 3);
  });
});

test('mel bands in the place of logits: 29 rows’ values at the video’s rate, loud where the tone is', async () => {
  const tone = (hertz: number) =>
    Float32Array.from({ length: 16000 }, (_, i) => 0.3 * Math.sin((2 * Math.PI * hertz * i) / 16000));
  const rows = await heardFeatures(
    'spectrogram',
    undefined as never,
    { sampleRate: 16000, samples: tone(400) },
    { fps: 25, frameCount: 25 },
  );
  expect(rows.length).toBe(25 * 29);
  const loudest = async (hertz: number): Promise<number> => {
    const audio = { sampleRate: 16000, samples: tone(hertz) };
    const row = [
      ...(await heardFeatures('spectrogram', undefined as never, audio, { fps: 25, frameCount: 25 })),
    ].slice(12 * 29, 13 * 29);
    return row.indexOf(Math.max(...row));
  };
  const bands = [
    await loudest(150),
    await loudest(400),
    await loudest(1000),
    await loudest(3000),
    await loudest(7000),
  ];
  expect(bands).toEqual(bands.toSorted((a, b) => a - b));
  expect(new Set(bands).size).toBe(5);
});
