import { expect, it } from 'vitest';
import { augment } from '../../detectors/cnn-aug/augment.ts';
import { presets } from '../../detectors/cnn-aug/presets.ts';
import { openEngine } from '../../src/compute/engine.ts';
import { openModel } from '../../src/compute/model.ts';
import { createParameters, type Parameters } from '../../src/compute/parameters.ts';
import { type ResNet, resNetLogit } from '../../src/frame-net/resnet.ts';
import { frameShape, logitOfBytes } from '../../src/frame-net/judge.ts';
import { createRng } from '../../src/random.ts';
import { noisy } from '../support/clips.ts';

/** The parameters, which do not depend on the size of the picture, and the exported model. */
async function exported(net: ResNet, sizePx: number): Promise<{ p: Parameters; bytes: Uint8Array }> {
  const { tf, compile, export: exportModel } = await openEngine({ threads: 1, backend: 'onnx' });
  const p = createParameters(tf, createRng(1, 'cnn-aug'));
  const trainer = await compile({
    parameters: p,
    inputs: { x: { shape: [2, 32, 32, 3] }, learningRate: { shape: [] } },
    loss: ({ x }) => ({ loss: tf.mean(resNetLogit(p, x, net, true)) }),
    optimizer: { kind: 'sgd' },
  });
  trainer.dispose();
  const bytes = await exportModel({
    inputs: { frames: { shape: frameShape(sizePx) } },
    outputs: ({ frames }) => ({
      logit: logitOfBytes((parameters, x) => resNetLogit(parameters, x, net, false), p, frames),
    }),
    parameters: p,
  });
  return { p, bytes };
}
const count = (p: Parameters): number => [...p.trainable().values()].reduce((sum, { size }) => sum + size, 0);

it('at preset paper is ResNet-50 with one output: 23,508,032 + 2,049 parameters; runs once', async () => {
  const { p, bytes } = await exported(presets.paper.net, presets.paper.sizePx);
  expect(count(p)).toBe(23_508_032 + 2_049);
  const model = await openModel(bytes, { threads: 1 });
  const { sizePx } = presets.paper;
  const data = Float32Array.from(noisy('frame', sizePx, sizePx, 40).data);
  const { logit } = await model.run({ frames: { shape: frameShape(sizePx), data } });
  model.close();
  expect(logit!.data).toHaveLength(1);
  expect(logit!.data[0]).toBe(0); // the last layer starts at zero
});

it('at preset cpu has eight layers with weights', async () => {
  const { p } = await exported(presets.cpu.net, presets.cpu.sizePx);
  const kernels = [...p.trainable().keys()].filter((name) => name.endsWith('kernel'));
  expect(kernels.filter((name) => !name.includes('kept'))).toHaveLength(8);
});

it('blurs and recompresses both of a pair alike, by the seed alone', async () => {
  const frame = (name: string) => noisy(name, 32, 32, 60).data;
  const pair = { real: frame('a'), fake: frame('a') };
  let [changed, kept] = [0, 0];
  for (let i = 0; i < 24; i++) {
    const once = await augment(pair, 32, createRng(1, 'augment', i));
    expect(once.real).toEqual(once.fake);
    expect(await augment(pair, 32, createRng(1, 'augment', i))).toEqual(once);
    if (Buffer.from(once.real).equals(Buffer.from(pair.real))) kept++;
    else changed++;
  }
  expect(changed).toBeGreaterThan(8);
  expect(kept).toBeGreaterThan(1);
});
