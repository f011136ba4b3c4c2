/** Networks of detectors without any training: their parameters, and one run of what is exported. */
import type * as Tf from '@tensorflow/tfjs';
import { openEngine } from '../../src/compute/engine.ts';
import { openModel } from '../../src/compute/model.ts';
import { createParameters, type Parameters } from '../../src/compute/parameters.ts';
import { createRng } from '../../src/random.ts';

type Shape = [number, number, number, number];
/** `training` as batch normalisation takes it. */
type Build = (p: Parameters, x: Tf.Tensor4D, training: boolean) => Tf.Tensor;

/** The parameters that `build` asks for, made by recording a training step; shapes must not depend on the batch. */
export async function parametersOf(shape: Shape, build: Build): Promise<Parameters> {
  const { tf, compile } = await openEngine({ threads: 1, backend: 'onnx' });
  const p = createParameters(tf, createRng(1, 'network'));
  const trainer = await compile({
    parameters: p,
    inputs: { x: { shape }, learningRate: { shape: [] } },
    loss: ({ x }) => ({ loss: tf.mean(build(p, x, true)) }),
    optimizer: { kind: 'sgd' },
  });
  trainer.dispose();
  return p;
}

/** What the exported network makes of `data`. */
export async function runNetwork(
  p: Parameters,
  shape: Shape,
  build: Build,
  data: Float32Array,
): Promise<{ shape: number[]; data: Float32Array }> {
  const { export: exportModel } = await openEngine({ threads: 1, backend: 'onnx' });
  const bytes = await exportModel({
    inputs: { x: { shape } },
    outputs: ({ x }) => ({ y: build(p, x, false) }),
    parameters: p,
  });
  const model = await openModel(bytes, { threads: 1 });
  const { y } = await model.run({ x: { shape, data } });
  model.close();
  return { shape: y!.shape, data: y!.data as Float32Array };
}

/** How many numbers training may change. */
export const trainableCount = (p: Parameters): number =>
  [...p.trainable().values()].reduce((sum, { size }) => sum + size, 0);
