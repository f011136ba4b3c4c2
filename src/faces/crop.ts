/** Faces brought to one place and size: a square crop in which the 51 landmarks lie as near to the mean face's as a similarity can bring them. */
import type { Frame } from '../types.ts';
import { fitSimilarity, invert } from './align.ts';
import { meanFace } from './mean-face.ts';
import { type Affine, warpFrame } from './warp.ts';

/**
 * Which part of a crop the mean face's unit square takes (brows to lower lip), and by how much of the crop its middle lies above the
 * crop's, so that the face from the brows down just fits in, chin and cheeks too, with the head turned.
 */
const unitShare = 0.65;
const unitAbove = 0.09;

/** The mean face's unit square in a crop, pixels. */
function unitSquare(sizePx: number): { scale: number; left: number; top: number } {
  const scale = sizePx * unitShare;
  const left = (sizePx - scale) / 2;
  return { scale, left, top: left - unitAbove * sizePx };
}

/** From pixels of a frame to those of a crop of `sizePx`², for a face with these 51 landmarks (102 values, pixels). */
export function cropMap(landmarks: ArrayLike<number>, sizePx: number): Affine {
  const [a, b, c, d, e, f] = fitSimilarity(landmarks, meanFace);
  const { scale, left, top } = unitSquare(sizePx);
  return [a * scale, b * scale, c * scale + left, d * scale, e * scale, f * scale + top];
}

/** Where the mean face's 51 landmarks lie in such a crop (102 values, pixels), and so nearly those of every face. */
export function meanLandmarks(sizePx: number): Float32Array {
  const { scale, left, top } = unitSquare(sizePx);
  return Float32Array.from(meanFace, (value, i) => value * scale + (i % 2 === 0 ? left : top));
}

/** The crop of `sizePx`² that `toCrop` (`cropMap`) leads to: means of 2×2 bilinear samples a pixel, the frame's edges held. */
export function cropFace(frame: Frame, toCrop: Affine, sizePx: number): Frame {
  const [a, b, c, d, e, f] = invert(toCrop);
  const side = 2 * sizePx;
  const fine = warpFrame(frame, [a / 2, b / 2, c, d / 2, e / 2, f], {
    x: 0,
    y: 0,
    width: side,
    height: side,
  });
  const data = new Uint8Array(sizePx * sizePx * 3);
  for (let y = 0; y < sizePx; y++)
    for (let x = 0; x < sizePx; x++)
      for (let channel = 0; channel < 3; channel++) {
        const at = (2 * y * side + 2 * x) * 3 + channel;
        const below = at + side * 3;
        const sum = fine.data[at]! + fine.data[at + 3]! + fine.data[below]! + fine.data[below + 3]!;
        data[(y * sizePx + x) * 3 + channel] = (sum + 2) >> 2;
      }
  return { width: sizePx, height: sizePx, data };
}
