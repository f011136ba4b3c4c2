/**
 * A face blended with itself (Shiohara & Yamasaki: Detecting Deepfakes with Self-Blended Images, CVPR 2022): a copy of the picture is
 * given other colours or sharpness, moved a little, and laid back inside a mask of the face. What is left to find is what every face swap
 * leaves: a border between two pictures. Kernel sizes are those published for 256 px, scaled to the picture. Deviations: the outline is the hull of
 * the landmarks given, of one kind, and the mask is not resized to a random size and back.
 */
import { throughJpeg } from '../media/images.ts';
import type { Rng } from '../random.ts';
import type { Frame } from '../types.ts';
import { blurMask, hullMask } from './mask.ts';
import { type Affine, warpFrame } from './warp.ts';

/** Colours shifted by grey levels, then (value − 128) · contrast + 128 + brightness. */
type Tone = { shift: [number, number, number]; brightness: number; contrast: number };

/** Everything that is drawn for one blend; the same for all frames of a clip, so that it does not flicker. */
export type Blend = {
  /** Whether the copy is changed, or else what it is laid into. */
  changesCopy: boolean;
  tone: Tone;
  texture: { kind: 'coarser'; factor: 2 | 4 } | { kind: 'sharper'; share: number; lightness: number };
  /** Of the copy and its mask: shares of width and height, and a factor. */
  move: { x: number; y: number; scale: number };
  erosionPx: number;
  /** A Gaussian that reaches only so far from its middle, pixels: nearly a box. */
  feather: { reachPx: number; sigmaPx: number };
  strength: number;
  /** The same for both pictures, at the end. */
  finish: { tone: Tone; quality?: number };
};

const referencePx = 256;
const maybe = <T>(rng: Rng, probability: number, value: () => T, otherwise: T): T =>
  rng.uniform() < probability ? value() : otherwise;

/** `sigma` of a Gaussian kernel of `size` taps where only that is given (OpenCV's rule). */
const sigmaOf = (size: number): number => 0.3 * ((size - 1) / 2 - 1) + 0.8;
const oddSize = (rng: Rng): number => 5 + 2 * rng.int(11);

/** Draws a blend, in the order and with the probabilities of the authors' code; hue and saturation are left out (there they do nearly nothing). */
export function drawBlend(rng: Rng): Blend {
  const shift = (): [number, number, number] => [
    rng.uniform(-20, 20),
    rng.uniform(-20, 20),
    rng.uniform(-20, 20),
  ];
  const tone = (probability: number, most: number): Tone => ({
    shift: maybe(rng, 0.3, shift, [0, 0, 0]),
    ...maybe(
      rng,
      probability,
      () => ({ brightness: 255 * rng.uniform(-most, most), contrast: 1 + rng.uniform(-most, most) }),
      { brightness: 0, contrast: 1 },
    ),
  });
  return {
    changesCopy: rng.uniform() < 0.5,
    tone: tone(1, 0.1),
    texture:
      rng.uniform() < 0.5
        ? { kind: 'coarser', factor: rng.uniform() < 0.5 ? 2 : 4 }
        : { kind: 'sharper', share: rng.uniform(0.2, 0.5), lightness: rng.uniform(0.5, 1) },
    move: {
      x: rng.uniform(-0.03, 0.03),
      y: rng.uniform(-0.015, 0.015),
      scale: rng.uniform(0.95, 1 / 0.95),
    },
    erosionPx: sigmaOf(oddSize(rng)),
    feather: { reachPx: (oddSize(rng) - 1) / 2, sigmaPx: rng.uniform(5, 45) },
    strength: rng.pick([0.25, 0.5, 0.75, 1, 1, 1]),
    finish: {
      tone: tone(0.3, 0.3),
      ...maybe<{ quality?: number }>(rng, 0.5, () => ({ quality: 40 + rng.int(61) }), {}),
    },
  };
}

/** Displacements per pixel, in pixels, x then y. */
export type Elastic = { x: Float32Array; y: Float32Array };

/** Random fields of standard α 50, σ 7 px at 256 px (Simard et al. 2003), for a picture of this size. */
export function elasticOf(rng: Rng, width: number, height: number): Elastic {
  const scale = width / referencePx;
  const field = (): Float32Array => {
    const noise = new Float32Array(width * height);
    for (let i = 0; i < noise.length; i++) noise[i] = rng.uniform(-1, 1);
    return blurMask(noise, width, height, 7 * scale).map((value) => value * 50 * scale);
  };
  return { x: field(), y: field() };
}

/**
 * Blends a frame with itself inside the hull of `outline` (landmarks, x and y alternating, pixels).
 * @returns The frame as it now counts as real, the fake, and the mask that the copy shows through.
 */
export async function selfBlend(
  frame: Frame,
  outline: ArrayLike<number>,
  blend: Blend,
  elastic: Elastic,
): Promise<{ real: Frame; fake: Frame; mask: Float32Array }> {
  const { width, height } = frame;
  const changed = retouch(toned(frame, blend.tone), blend.texture);
  const [copy, base] = blend.changesCopy ? [changed, frame] : [frame, changed];
  const back = backwards(blend.move, width, height);
  const moved = warpFrame(copy, back, { x: 0, y: 0, width, height });
  const outlineMask = displaced(hullMask(outline, width, height), width, height, back, elastic);
  const mask = feathered(outlineMask, width, height, blend);
  const fake = { width, height, data: new Uint8Array(frame.data.length) };
  for (let i = 0; i < mask.length; i++)
    for (let c = 0; c < 3; c++)
      fake.data[i * 3 + c] = Math.round(
        mask[i]! * moved.data[i * 3 + c]! + (1 - mask[i]!) * base.data[i * 3 + c]!,
      );
  return { real: await finished(base, blend.finish), fake: await finished(fake, blend.finish), mask };
}

/** From a pixel of the moved copy to where it was: scaled about the middle, then shifted. */
function backwards({ x, y, scale }: Blend['move'], width: number, height: number): Affine {
  const [cx, cy] = [width / 2, height / 2];
  return [1 / scale, 0, cx - (cx + x * width) / scale, 0, 1 / scale, cy - (cy + y * height) / scale];
}

/** The mask moved as the copy is, and each pixel taken from beside itself. */
function displaced(
  mask: Float32Array,
  width: number,
  height: number,
  [a, , c, , e, f]: Affine,
  elastic: Elastic,
): Float32Array {
  return mask.map((_, i) => {
    const [column, row] = [i % width, Math.floor(i / width)];
    const x = Math.floor(a * (column + 0.5 + elastic.x[i]!) + c);
    const y = Math.floor(e * (row + 0.5 + elastic.y[i]!) + f);
    return x < 0 || y < 0 || x >= width || y >= height ? 0 : mask[y * width + x]!;
  });
}

/** Eroded by a blur of which only what it left whole is kept, blurred again, its height drawn. */
function feathered(
  mask: Float32Array,
  width: number,
  height: number,
  { erosionPx, feather: { reachPx, sigmaPx }, strength }: Blend,
): Float32Array {
  const scale = width / referencePx;
  const inner = blurMask(mask, width, height, erosionPx * scale).map((value) => (value > 0.999 ? 1 : 0));
  const reach = Math.max(1, Math.round(reachPx * scale));
  const soft = blurMask(inner, width, height, sigmaPx * scale, reach);
  const highest = soft.reduce((most, value) => Math.max(most, value), 0);
  return highest > 0 ? soft.map((value) => (strength * value) / highest) : soft;
}

function toned(frame: Frame, { shift, brightness, contrast }: Tone): Frame {
  const data = new Uint8Array(frame.data.length);
  for (let i = 0; i < data.length; i++)
    data[i] = clamp((frame.data[i]! + shift[i % 3]! - 128) * contrast + 128 + brightness);
  return { ...frame, data };
}

const clamp = (value: number): number => Math.max(0, Math.min(255, Math.round(value)));

function retouch(frame: Frame, texture: Blend['texture']): Frame {
  return texture.kind === 'coarser' ? coarser(frame, texture.factor) : sharper(frame, texture);
}

/** Every so many pixels one is kept, and between them it is interpolated. */
function coarser(frame: Frame, factor: number): Frame {
  const [width, height] = [Math.ceil(frame.width / factor), Math.ceil(frame.height / factor)];
  const small = { width, height, data: new Uint8Array(width * height * 3) };
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      const from = (y * factor * frame.width + x * factor) * 3;
      small.data.set(frame.data.subarray(from, from + 3), (y * width + x) * 3);
    }
  const shrink = 1 / factor;
  return warpFrame(small, [shrink, 0, 0, 0, shrink, 0], {
    x: 0,
    y: 0,
    width: frame.width,
    height: frame.height,
  });
}

/** A share of the picture through the kernel of −1 around 8 + lightness. */
function sharper(frame: Frame, { share, lightness }: { share: number; lightness: number }): Frame {
  const { width, height, data } = frame;
  const out = new Uint8Array(data.length);
  const at = (x: number, y: number, c: number): number =>
    data[(Math.max(0, Math.min(height - 1, y)) * width + Math.max(0, Math.min(width - 1, x))) * 3 + c]!;
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++)
      for (let c = 0; c < 3; c++) {
        let around = 0;
        for (let dy = -1; dy <= 1; dy++) for (let dx = -1; dx <= 1; dx++) around += at(x + dx, y + dy, c);
        const here = at(x, y, c);
        out[(y * width + x) * 3 + c] = clamp((1 - share) * here + share * ((9 + lightness) * here - around));
      }
  return { width, height, data: out };
}

async function finished(frame: Frame, { tone, quality }: Blend['finish']): Promise<Frame> {
  const plain = toned(frame, tone);
  return quality === undefined ? plain : throughJpeg(plain, quality);
}
