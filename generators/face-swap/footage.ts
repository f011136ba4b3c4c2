/** What a face swap learns from: the faces of people's `fit` footage, drawn in batches. */
import { cropFace } from '../../src/faces/crop.ts';
import { randomWarp } from '../../src/faces/random-warp.ts';
import { readTrack } from '../../src/head/track.ts';
import type { Rng } from '../../src/random.ts';
import { personOf } from '../../src/pairs.ts';
import type { Clip, Frame } from '../../src/types.ts';
import type { Settings } from './options.ts';
import { cropMask, placesOf } from './place.ts';

/** Every how many frames one is kept: neighbours are nearly alike. */
const frameStride = 3;
/** Faces are kept with so much around them that they can be turned and moved: side of what is kept over that of a face. */
const room = 1.375; // of a multiple of 16 it leaves whole margins

/** Colours and the face's mask (0 or 255) of a square, four bytes per pixel. */
type Example = Uint8Array;
/** By person, in the order given. */
export type Footage = { people: string[]; sidePx: number; examples: Example[][] };

/** Decodes the clips of `people`; those of others are passed over. */
export async function readFootage(
  clips: readonly Clip[],
  people: string[],
  facePx: number,
): Promise<Footage> {
  const { decodeFrames } = await import('../../src/media/decode.ts');
  const sidePx = facePx * room;
  const examples: Example[][] = people.map(() => []);
  for (const clip of clips) {
    const person = people.indexOf(personOf(clip));
    if (person < 0) continue;
    const track = await readTrack(clip.track!.path);
    const places = placesOf(track, facePx);
    let t = 0;
    for await (const frame of decodeFrames(clip.media.path, { frameCount: track.frames.length })) {
      if (t % frameStride === 0) {
        const { toCrop, face } = places(t);
        const [a, b, c, d, e, f] = toCrop;
        const margin = (sidePx - facePx) / 2;
        const wide = [a, b, c + margin, d, e, f + margin] as const;
        examples[person]!.push(withMask(cropFace(frame, wide, sidePx).data, cropMask(wide, face, sidePx)));
      }
      t++;
    }
  }
  return { people, sidePx, examples };
}

function withMask(rgb: Uint8Array, mask: Float32Array): Example {
  const example = new Uint8Array(mask.length * 4);
  for (let i = 0; i < mask.length; i++) {
    example.set(rgb.subarray(i * 3, i * 3 + 3), i * 4);
    example[i * 4 + 3] = 255 * mask[i]!;
  }
  return example;
}

/** The colours of the middle `facePx`² of what is kept: the face as it was cut out. */
export function middleOf(example: Example, sidePx: number, facePx: number): Frame {
  const start = (sidePx - facePx) / 2;
  const data = new Uint8Array(facePx * facePx * 3);
  for (let y = 0; y < facePx; y++)
    for (let x = 0; x < facePx; x++) {
      const from = ((y + start) * sidePx + x + start) * 4;
      data.set(example.subarray(from, from + 3), (y * facePx + x) * 3);
    }
  return { width: facePx, height: facePx, data };
}

/** What faces look like on average: colours and mask in [0, 1], the middle `facePx`² of what is kept. */
export function meanLook({ sidePx, examples }: Footage, person: number, facePx: number): Float32Array {
  const sum = new Float32Array(facePx * facePx * 4);
  const start = (sidePx - facePx) / 2;
  for (const example of examples[person]!)
    for (let y = 0; y < facePx; y++)
      for (let i = 0; i < facePx * 4; i++)
        sum[y * facePx * 4 + i]! += example[((y + start) * sidePx + start) * 4 + i]!;
  return sum.map((value) => value / (255 * examples[person]!.length));
}

/** Inputs of one training step, to be filled again for each. `who`: [faces, people], 1 for whose face it is. */
export function emptyBatch({ net, batch }: Settings, people: number) {
  const faces = batch.people * batch.facesEach;
  const pixels = faces * net.sizePx ** 2;
  return {
    warped: new Float32Array(pixels * 3),
    truth: new Float32Array(pixels * 3),
    mask: new Float32Array(pixels),
    who: new Float32Array(faces * people),
  };
}

/**
 * Fills the inputs of a step: of each of `batch.people` persons `batch.facesEach` faces one after the other. At a
 * jitter of 1 each is turned by up to 10°, enlarged by up to 5 % and shifted by up to 5 % of its side (the faceswap project's ranges); it
 * is mirrored now and then; and what the encoder sees is warped besides where `distorts` says so. With as many persons as there are, they come in their order.
 */
export function drawBatch(
  inputs: ReturnType<typeof emptyBatch>,
  footage: Footage,
  { net: { sizePx }, batch, jitter, flip }: Settings,
  rng: Rng,
  distorts: boolean,
): void {
  const { people, examples } = footage;
  const all = people.map((_, i) => i);
  const chosen = batch.people === people.length ? all : draw(all, batch.people, rng);
  inputs.who.fill(0);
  for (const [group, person] of chosen.entries())
    for (let k = 0; k < batch.facesEach; k++) {
      const i = group * batch.facesEach + k;
      inputs.who[i * people.length + person] = 1;
      fill(inputs, i, rng.pick(examples[person]!), footage.sidePx, { sizePx, jitter, flip, distorts }, rng);
    }
}

/** `count` of them at random, nobody twice before everybody was there once. */
function draw(all: number[], count: number, rng: Rng): number[] {
  const chosen: number[] = [];
  while (chosen.length < count) chosen.push(...rng.shuffle(all));
  return chosen.slice(0, count);
}

function fill(
  { warped, truth, mask }: ReturnType<typeof emptyBatch>,
  i: number,
  example: Example,
  sidePx: number,
  { sizePx, jitter, flip, distorts }: Record<'sizePx' | 'jitter' | 'flip', number> & { distorts: boolean },
  rng: Rng,
): void {
  const angle = (jitter * rng.uniform(-10, 10) * Math.PI) / 180;
  const zoom = 1 + jitter * rng.uniform(-0.05, 0.05);
  const shift = (): number => jitter * rng.uniform(-0.05, 0.05) * sizePx;
  const [shiftX, shiftY] = [shift(), shift()];
  const mirror = rng.uniform() < flip ? -1 : 1;
  const warp = randomWarp(rng, sizePx);
  const [cos, sin] = [Math.cos(angle) / zoom, Math.sin(angle) / zoom];
  const middle = sizePx / 2;
  const pixels = sizePx * sizePx;
  for (let pixel = 0; pixel < pixels; pixel++) {
    const at = i * pixels + pixel;
    for (let seen = 0; seen < 2; seen++) {
      const bent = seen === 1 && distorts;
      const x = bent ? warp[pixel * 2]! : (pixel % sizePx) + 0.5;
      const y = bent ? warp[pixel * 2 + 1]! : Math.floor(pixel / sizePx) + 0.5;
      const dx = (x - middle - shiftX) * mirror;
      const dy = y - middle - shiftY;
      look(example, sidePx, sidePx / 2 + cos * dx + sin * dy, sidePx / 2 - sin * dx + cos * dy);
      const to = seen ? warped : truth;
      for (let c = 0; c < 3; c++) to[at * 3 + c] = seenThere[c]!;
      if (!seen) mask[at] = seenThere[3]!;
    }
  }
}

/** What `look` found last: a place kept, because a new one for each of 130,000 looks a step would take longer than the step. */
const seenThere = new Float64Array(4);

/** Colours and mask at a place, bilinear, in [0, 1], edges held; x and y in pixels, whose centres lie at halves. */
function look(example: Example, sidePx: number, x: number, y: number): void {
  const u = Math.max(0, Math.min(sidePx - 1.001, x - 0.5));
  const v = Math.max(0, Math.min(sidePx - 1.001, y - 0.5));
  const left = Math.floor(u);
  const top = Math.floor(v);
  const [right, low] = [(u - left) / 255, v - top];
  const [wa, wb] = [(1 / 255 - right) * (1 - low), right * (1 - low)];
  const [wc, wd] = [(1 / 255 - right) * low, right * low];
  const at = (top * sidePx + left) * 4;
  const below = at + sidePx * 4;
  for (let c = 0; c < 4; c++)
    seenThere[c] =
      wa * example[at + c]! +
      wb * example[at + 4 + c]! +
      wc * example[below + c]! +
      wd * example[below + 4 + c]!;
}
