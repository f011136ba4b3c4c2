/**
 * The preset `gpu` has the paper's sizes. Trained it was never: here its networks are made, counted and run once, the renderer on
 * 64 px instead of 512, on which a pass takes 1.8 · 10¹² multiplications. Parameters do not depend on that.
 */
import type * as Tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, test } from 'vitest';
import { chunkLoss } from '../../generators/puppetry/audio-net.ts';
import { windowCountOf } from '../../generators/puppetry/corpus.ts';
import { labelOf, learningRate, puppetryOptions, settingsOf } from '../../generators/puppetry/options.ts';
import { rendererLoss } from '../../generators/puppetry/renderer-loss.ts';
import { renderWindows, type Windows } from '../../generators/puppetry/renderer-net.ts';
import { rowsOf, textureChannels, textureSize } from '../../generators/puppetry/texture.ts';
import { type Engine, openEngine } from '../../src/compute/engine.ts';
import { openModel } from '../../src/compute/model.ts';
import { createParameters, type Parameters } from '../../src/compute/parameters.ts';
import { createRng } from '../../src/random.ts';

const options = puppetryOptions.parse({ preset: 'gpu' });
const settings = settingsOf(options);
let engine: Engine;
beforeAll(async () => {
  engine = await openEngine({ threads: 1, backend: 'onnx', device: 'cpu' });
});

/** Numbers of parameters whose names begin so. */
const count = (p: Parameters, prefix: string): number =>
  [...p.trainable()].reduce((sum, [name, { size }]) => (name.startsWith(prefix) ? sum + size : sum), 0);

test('its name says what it is', () => expect(labelOf(options)).toBe('puppetry@gpu-512'));

test('audio net: 43,136 and 2,149 parameters, and 282,112 in 116 people’s maps of 76 expressions', async () => {
  const [frames, people, k] = [4, 116, 76];
  const p = createParameters(engine.tf, createRng(1, 'audio'));
  const trainer = await engine.compile({
    parameters: p,
    inputs: {
      windows: { shape: [windowCountOf(frames), 16, 29] },
      person: { shape: [1, people] },
      truth: { shape: [1, frames + 2, k] },
      gram: { shape: [1, k, k] },
      learningRate: { shape: [] },
    },
    loss: (chunks) => ({ loss: chunkLoss(engine.tf, p, chunks).loss }),
    optimizer: { kind: 'sgd' },
  });
  const rng = createRng(2);
  const random = (length: number): Float32Array => Float32Array.from({ length }, () => rng.normal(0, 0.1));
  const person = new Float32Array(people);
  person[7] = 1;
  const gram = Float32Array.from({ length: k * k }, (_, i) => (i % (k + 1) === 0 ? 1 : 0));
  const { loss } = await trainer.step({
    windows: random(windowCountOf(frames) * 16 * 29),
    person,
    truth: random((frames + 2) * k),
    gram,
    learningRate: 0,
  });
  trainer.dispose();
  expect(loss).toBeGreaterThan(0);
  expect(['window/', 'filter/', 'maps', ''].map((prefix) => count(p, prefix))).toEqual([
    43_136, 2_149, 282_112, 327_397,
  ]);
});

test('texture: 256² × 16', () => {
  const size = textureSize(settings.renderer.texture);
  expect([rowsOf(size), size.columns, textureChannels]).toEqual([256, 256, 16]);
});

describe('renderer', () => {
  /** Runs the networks on random windows of the given size; `change` may alter the features. */
  async function render(
    p: Parameters,
    height: number,
    width: number,
    change?: (features: Float32Array) => void,
  ) {
    const { tf } = engine;
    const inputs = {
      features: { shape: [1, height, width, textureChannels] },
      face: { shape: [1, height, width, 1] },
      background: { shape: [1, height, width, 3] },
    } as const;
    const net = (windows: Windows): Record<'decoded' | 'final', Tf.Tensor> => {
      const { decoded, final } = renderWindows(tf, p, windows, settings.renderer.net);
      return { decoded, final };
    };
    if (p.trainable().size === 0)
      await engine
        .export({ inputs, outputs: net, parameters: p })
        .catch((error: Error) => expect(error.message).toContain('did not exist yet'));
    const model = await openModel(await engine.export({ inputs, outputs: net, parameters: p }), {
      threads: 1,
      device: 'cpu',
    });
    const rng = createRng(3);
    const random = (channels: number): Float32Array =>
      Float32Array.from({ length: height * width * channels }, () => rng.uniform(-1, 1));
    const features = random(textureChannels);
    change?.(features);
    const fed = { features, face: new Float32Array(height * width).fill(1), background: random(3) };
    const { decoded, final } = await model.run({
      features: { ...inputs.features, data: fed.features },
      face: { ...inputs.face, data: fed.face },
      background: { ...inputs.background, data: fed.background },
    });
    model.close();
    return { decoded: decoded!, final: final! };
  }

  test('two dilated networks of 3.53 million parameters each, colours in (−1, 1)', async () => {
    const p = createParameters(engine.tf, createRng(1, 'renderer'));
    const { final } = await render(p, 64, 64);
    expect(final.shape).toEqual([1, 64, 64, 3]);
    const values = Array.from(final.data);
    expect(values.every((value) => Math.abs(value) < 1)).toBe(true);
    expect(new Set(values).size).toBeGreaterThan(1000);
    expect([count(p, 'decoder/'), count(p, 'composer/')]).toEqual([3_528_323, 3_525_443]);
  });

  test('a pixel sees 36 pixels far: 1 + 2 + 4 + 8 + 16 in the encoder, 5 in the decoder', async () => {
    const p = createParameters(engine.tf, createRng(1, 'renderer'));
    const [height, width] = [4, 80];
    const plain = await render(p, height, width);
    const changed = await render(p, height, width, (features) => {
      for (let channel = 0; channel < textureChannels; channel++) features[channel]! += 100;
    });
    const columns = Array.from({ length: width }, (_, x) => x).filter((x) =>
      Array.from({ length: height * 3 }, (_, i) => (Math.floor(i / 3) * width + x) * 3 + (i % 3)).some(
        (at) => plain.decoded.data[at] !== changed.decoded.data[at],
      ),
    );
    expect(columns).toEqual(Array.from({ length: 37 }, (_, x) => x));
  });

  test('the dilated form learns: narrow and on 16 px, 40 steps halve the loss of one window', async () => {
    const { tf, compile } = engine;
    const p = createParameters(tf, createRng(1, 'narrow'));
    const picture = [1, 16, 16] as const;
    const inputs = {
      features: { shape: [...picture, textureChannels] },
      face: { shape: [...picture, 1] },
      truth: { shape: [...picture, 3] },
      learningRate: { shape: [] },
    } as const;
    const trainer = await compile({
      parameters: p,
      inputs,
      loss: ({ features, face, truth }) => {
        const background: Tf.Tensor4D = tf.mul(truth, tf.sub(1, face));
        const net = { architecture: 'dilated', width: 6 } as const;
        const rendered = renderWindows(tf, p, { features, face, background }, net);
        return rendererLoss(tf, rendered, { truth, face, hole: face, weight: face });
      },
      optimizer: { kind: 'adam', beta1: 0.5 },
    });
    const truth = Float32Array.from({ length: 16 * 16 * 3 }, (_, i) => Math.sin(i / 50) / 2);
    const features = Float32Array.from({ length: 16 * 16 * textureChannels }, (_, i) => {
      const channel = i % textureChannels;
      return channel < 3 ? truth[((i - channel) / textureChannels) * 3 + channel]! : 0;
    });
    const face = Float32Array.from({ length: 256 }, (_, i) => (i % 16 > 3 && i % 16 < 12 ? 1 : 0));
    const losses: number[] = [];
    for (let step = 0; step < 40; step++)
      losses.push((await trainer.step({ features, face, truth, learningRate: 3e-3 })).loss);
    trainer.dispose();
    expect(losses.at(-1)!).toBeLessThan(losses[0]! / 2);
  });
});

test('rates: held, then falling to nothing in a straight line; or along a cosine', () => {
  const held = { highest: 1e-4, held: 0.4 };
  expect([0, 40, 70, 100].map((done) => learningRate(held, done, 100) / 1e-4)).toEqual([
    1,
    1,
    expect.closeTo(0.5, 10),
    0,
  ]);
  expect(learningRate(settings.audio.rate, 1, settings.audio.steps)).toBe(1e-4);
  expect([0, 50, 100].map((done) => learningRate({ highest: 2 }, done, 100))).toEqual([
    2,
    expect.closeTo(1, 10),
    0,
  ]);
});

test('50 epochs of 302,750 frames in chunks of 60', () => {
  const { steps, batch } = settings.audio;
  expect(steps).toBe(Math.round((50 * 302_750) / (batch * 60)));
});
