/**
 * Trains the renderer on the `fit` footage of every target: the two networks together for all (a stated deviation: the paper
 * trains them for one target), a texture for each. That footage is never scored and no detector sees it.
 */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Tensor, Tensor1D, Tensor2D, Tensor4D } from '@tensorflow/tfjs';
import type { Engine } from '../../src/compute/engine.ts';
import type { Parameters } from '../../src/compute/parameters.ts';
import { sampleTexture } from '../../src/compute/texture.ts';
import { expressionCount } from '../../src/head/expressions.ts';
import { defineJob } from '../../src/pipeline/job.ts';
import { createRng } from '../../src/random.ts';
import { writeTensors } from '../../src/tensors.ts';
import type { NamedTensors } from '../../src/tensors.ts';
import type { Clip, FileRef, Work } from '../../src/types.ts';
import { drawBatch, emptyBatch, firstTextures, readFootage } from './footage.ts';
import type { Footage } from './footage.ts';
import { learningRate, type Settings } from './options.ts';
import { renderBatch } from './puppet.ts';
import { rendererLoss } from './renderer-loss.ts';
import { renderWindows } from './renderer-net.ts';
import { rowsOf, textureChannels, type TextureSize, textureSize } from './texture.ts';
import { dynamicInputs, dynamicTexture, underExpressions } from './texture-dynamic.ts';
import { levelledTexture, splitLevels, sumLevels, type TextureStack } from './texture-levels.ts';
import { publishedRenderer } from './variants.ts';

/** Clips of `use: 'fit'` with a track, of all targets. */
type Input = { clips: Clip[]; settings: Settings['renderer']; seed: number };
/** `textures`: one tensor [rows, columns, 16] per person under their name. `filters`: what makes them dynamic. */
type Output = { net: FileRef; textures: FileRef; filters?: FileRef; info: Record<string, unknown> };

export const trainRenderer = defineJob<Input, Output>({
  name: 'puppetry-renderer',
  module: import.meta.url,
  threads: 1,
  urgent: true,
  run,
});

async function run({ clips, settings, seed }: Input, work: Work): Promise<Output> {
  const { openEngine } = await import('../../src/compute/engine.ts');
  const { createParameters } = await import('../../src/compute/parameters.ts');
  const { trainLoop } = await import('../../src/compute/train-loop.ts');
  const rng = createRng(seed, 'puppetry', 'renderer');
  const footage = await readFootage(clips, settings);
  const engine = await openEngine({ threads: 1 });
  const p = createParameters(engine.tf, rng.fork('weights'));
  const stack = stackOf(footage, settings);
  const first = firstTextures(footage, rng.fork('texture'));
  const { texture } = settings.variant ?? publishedRenderer;
  p.load(
    texture === 'hierarchical'
      ? splitLevels(first, stack)
      : { texture: { shape: shapeOf(stack), data: first } },
  );
  const trainer = await compileStep(engine, p, settings, stack);
  const inputs = emptyBatch(settings);
  const training = await trainLoop({
    name: 'renderer',
    work,
    trainer,
    parameters: p,
    steps: settings.steps,
    rngs: [rng],
    batch(step) {
      drawBatch(inputs, footage, settings, rng);
      return { ...inputs, learningRate: learningRate(settings.rate, step, settings.steps) };
    },
  });
  await writeFile(join(work.folder, 'renderer.onnx'), await exportNets(engine, p, settings));
  const dynamic = texture === 'dynamic';
  if (dynamic) await writeFile(join(work.folder, 'filters.onnx'), await exportDynamic(engine, p, settings));
  await writeTensors(join(work.folder, 'textures.safetensors'), texturesOf(footage, p, settings));
  return {
    net: await work.keep('renderer.onnx'),
    textures: await work.keep('textures.safetensors'),
    ...(dynamic ? { filters: await work.keep('filters.onnx') } : {}),
    info: { people: footage.people.length, frames: footage.examples.flat().length, ...training },
  };
}

/** All textures, one below the other. */
function stackOf({ people }: Footage, { texture }: Settings['renderer']): TextureStack {
  const size = textureSize(texture);
  return { people: people.length, rows: rowsOf(size), columns: size.columns };
}

const shapeOf = ({ people, rows, columns }: TextureStack): number[] => [
  people * rows,
  columns,
  textureChannels,
];

function compileStep(
  { tf, compile }: Engine,
  p: Parameters,
  { sizePx, net, batch, texture: texels, variant = publishedRenderer }: Settings['renderer'],
  stack: TextureStack,
) {
  const size = textureSize(texels);
  const picture = [batch, sizePx, sizePx] as const;
  return compile({
    parameters: p,
    inputs: {
      indices: { shape: [batch * sizePx * sizePx, 4], dtype: 'int32' },
      weights: { shape: [batch * sizePx * sizePx, 4] },
      truth: { shape: [...picture, 3] },
      face: { shape: [...picture, 1] },
      hole: { shape: [...picture, 1] },
      weight: { shape: [...picture, 1] },
      learningRate: { shape: [] },
      ...(variant.texture === 'dynamic'
        ? {
            people: { shape: [batch], dtype: 'int32' as const },
            expressions: { shape: [batch, expressionCount] },
          }
        : {}),
    },
    loss: ({ indices, weights, truth, face, hole, weight, ...frames }) => {
      const { texture, penalty } =
        variant.texture === 'hierarchical'
          ? levelledTexture(tf, p, stack)
          : { texture: plainTexture(p, stack, size, frames), penalty: undefined };
      const sampled = sampleTexture(tf, texture, indices, weights);
      const features: Tensor4D = tf.reshape(sampled, [...picture, textureChannels]);
      const background: Tensor4D = tf.mul(truth, tf.sub(1, hole));
      const rendered = renderWindows(tf, p, { features, face, background }, net, variant);
      const { loss, metrics } = rendererLoss(tf, rendered, { truth, face, hole, weight }, variant);
      return { loss: penalty ? tf.add(loss, penalty) : loss, metrics };
    },
    optimizer: { kind: 'adam', beta1: 0.5, beta2: 0.999, epsilon: 1e-8 },
  });
}

/** The static one of all people, or the dynamic one of a batch's frames. */
function plainTexture(
  p: Parameters,
  stack: TextureStack,
  size: TextureSize,
  { people, expressions }: { people?: Tensor; expressions?: Tensor },
): Tensor {
  const texture = p.get('texture', shapeOf(stack), 'zeros');
  if (!people || !expressions) return texture;
  const frames = { people: people as Tensor1D, expressions: expressions as Tensor2D };
  return dynamicTexture(p, texture, frames, size);
}

/** What makes textures dynamic, as a model of its own. */
function exportDynamic({ export: exportModel }: Engine, p: Parameters, { texture }: Settings['renderer']) {
  return exportModel({
    inputs: dynamicInputs(renderBatch, textureSize(texture)),
    outputs: ({ textures, expressions }) => ({ filtered: underExpressions(p, textures, expressions) }),
    parameters: p,
  });
}

/** Both networks as one model from sampled features to the finished window. */
function exportNets(
  { tf, export: exportModel }: Engine,
  p: Parameters,
  { sizePx, net, variant }: Settings['renderer'],
) {
  const picture = [renderBatch, sizePx, sizePx] as const;
  return exportModel({
    inputs: {
      features: { shape: [...picture, textureChannels] },
      face: { shape: [...picture, 1] },
      background: { shape: [...picture, 3] },
    },
    outputs: (inputs) => ({ picture: renderWindows(tf, p, inputs, net, variant).final }),
    parameters: p,
  });
}

/** Each person's texture under their name. */
function texturesOf(footage: Footage, p: Parameters, settings: Settings['renderer']): NamedTensors {
  const stack = stackOf(footage, settings);
  const shape = [stack.rows, stack.columns, textureChannels];
  const values = stack.rows * stack.columns * textureChannels;
  const tensors = p.toTensors();
  const all = (tensors['texture']?.data as Float32Array | undefined) ?? sumLevels(tensors, stack);
  const entries = footage.people.map((person, i) => [
    person,
    { shape, data: all.slice(i * values, (i + 1) * values) },
  ]);
  return Object.fromEntries(entries) as NamedTensors;
}
