/** What the renderer learns from: the targets' `fit` footage, drawn in batches. */
import { cropFrame } from '../../src/faces/composite.ts';
import { expressionCount } from '../../src/head/expressions.ts';
import { readTrack } from '../../src/head/track.ts';
import type { Box, TrackFrame } from '../../src/head/track.ts';
import type { Rng } from '../../src/random.ts';
import type { Clip, Frame } from '../../src/types.ts';
import type { Settings } from './options.ts';
import { personOf } from '../../src/pairs.ts';
import { addColours, createColourSum, meanColours, rowsOf, textureChannels, textureSize } from './texture.ts';
import type { ColourSum } from './texture.ts';
import { faceImage, placeOf, stageOf } from './window.ts';
import type { Stage } from './window.ts';

/** One frame to learn from; only the window is kept of the picture. */
type Example = TrackFrame & { person: number; picture: Frame };
/** By person, in order of appearance. */
export type Footage = { people: string[]; stages: Stage[]; colours: ColourSum[]; examples: Example[][] };

/** Spread of the thirteen channels that do not start as colours. */
const textureSpread = 0.1;
/** Every how many frames colours are gathered for the textures' start. */
const colourStride = 10;
/** How much a pixel around the mouth counts beside one elsewhere in the hole. */
const mouthWeight = 3;

/** Decodes the clips and keeps each frame's window; gathers the colours that each texture starts from. */
export async function readFootage(
  clips: readonly Clip[],
  { sizePx, texture }: Settings['renderer'],
): Promise<Footage> {
  const { decodeFrames } = await import('../../src/media/decode.ts');
  const footage: Footage = { people: [], stages: [], colours: [], examples: [] };
  for (const clip of clips) {
    const track = await readTrack(clip.track!.path);
    let person = footage.people.indexOf(personOf(clip));
    if (person < 0) {
      person = footage.people.push(personOf(clip)) - 1;
      footage.stages.push(stageOf(track, textureSize(texture)));
      footage.colours.push(createColourSum(footage.stages[person]!.space));
      footage.examples.push([]);
    }
    const stage = footage.stages[person]!;
    let t = 0;
    for await (const frame of decodeFrames(clip.media.path, { frameCount: track.frames.length })) {
      const { pose, expression } = track.frames[t]!;
      const place = placeOf(stage, pose, sizePx);
      const picture = cropFrame(frame, place.window);
      footage.examples[person]!.push({ person, picture, pose, expression });
      if (t % colourStride === 0) {
        addColours(footage.colours[person]!, faceImage(stage, pose, expression, place).table, picture);
      }
      t++;
    }
  }
  return footage;
}

/** All textures, one below the other: mean colours in the first three channels, noise in the rest. */
export function firstTextures({ colours }: Footage, rng: Rng): Float32Array {
  const values = colours[0]!.weight.length * textureChannels;
  const all = new Float32Array(colours.length * values);
  colours.forEach((sum, person) => {
    const mean = meanColours(sum);
    for (let i = 0; i < values; i++) {
      const channel = i % textureChannels;
      const texel = (i - channel) / textureChannels;
      all[person * values + i] = channel < 3 ? mean[texel * 3 + channel]! : rng.normal(0, textureSpread);
    }
  });
  return all;
}

/** Inputs of one training step, to be filled again for each; `people` and `expressions` where the texture depends on them. */
export function emptyBatch({ sizePx, batch, variant }: Settings['renderer']) {
  const pixels = batch * sizePx * sizePx;
  const dynamic = {
    people: new Int32Array(batch),
    expressions: new Float32Array(batch * expressionCount),
  };
  return {
    ...(variant?.texture === 'dynamic' ? dynamic : {}),
    indices: new Int32Array(pixels * 4),
    weights: new Float32Array(pixels * 4),
    truth: new Float32Array(pixels * 3),
    face: new Float32Array(pixels),
    hole: new Float32Array(pixels),
    weight: new Float32Array(pixels),
  };
}

/**
 * Fills the inputs of one training step with random frames, each person equally likely. Texels are those of all textures, one below
 * the other; of dynamic ones those of the frames'.
 */
export function drawBatch(
  inputs: ReturnType<typeof emptyBatch>,
  { stages, examples }: Footage,
  { sizePx, texture, batch }: Settings['renderer'],
  rng: Rng,
): void {
  const size = textureSize(texture);
  const pixels = sizePx * sizePx;
  for (let i = 0; i < batch; i++) {
    const { person, picture, pose, expression } = rng.pick(rng.pick(examples));
    const stage = stages[person]!;
    const place = placeOf(stage, pose, sizePx);
    const { table, face, mouth } = faceImage(stage, pose, expression, place);
    const firstTexel = (inputs.people ? i : person) * rowsOf(size) * size.columns;
    if (inputs.people) inputs.people[i] = person;
    inputs.expressions?.set(expression, i * expressionCount);
    for (let j = 0; j < pixels * 4; j++) inputs.indices[i * pixels * 4 + j] = table.indices[j]! + firstTexel;
    inputs.weights.set(table.weights, i * pixels * 4);
    inputs.face.set(face, i * pixels);
    inputs.hole.set(place.hole, i * pixels);
    weigh(inputs.weight.subarray(i * pixels, (i + 1) * pixels), place.hole, mouth, sizePx);
    for (let j = 0; j < pixels * 3; j++) inputs.truth[i * pixels * 3 + j] = picture.data[j]! / 127.5 - 1;
  }
}

function weigh(out: Float32Array, hole: Float32Array, mouth: Box, sizePx: number): void {
  out.set(hole);
  const [left, top] = [Math.max(0, Math.ceil(mouth.x)), Math.max(0, Math.ceil(mouth.y))];
  const right = Math.min(sizePx - 1, Math.floor(mouth.x + mouth.width));
  const bottom = Math.min(sizePx - 1, Math.floor(mouth.y + mouth.height));
  for (let y = top; y <= bottom; y++)
    for (let i = y * sizePx + left; i <= y * sizePx + right; i++) out[i]! *= mouthWeight;
}
