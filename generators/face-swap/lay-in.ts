/** A drawn face laid into the frame that it was drawn for. */
import { matchColours } from '../../src/faces/colour.ts';
import { compositeFrame } from '../../src/faces/composite.ts';
import { blurMask } from '../../src/faces/mask.ts';
import { poissonBlend } from '../../src/faces/poisson.ts';
import { warpFrame } from '../../src/faces/warp.ts';
import type { Box } from '../../src/head/track.ts';
import type { Frame } from '../../src/types.ts';
import type { FaceSwapOptions } from './options.ts';
import { cropMask, type Place } from './place.ts';
import type { Drawn } from './swapper.ts';

/** Width of the soft border inside the mask, as a share of the crop's side: two standard deviations of the blur that makes it. */
const softShare = 0.08;

/**
 * Gives the face the colours of the frame's face, leads its border over to the frame where `blend` says so, and lays it in through a soft mask
 * that ends inside the face's outline, both the frame's and the drawn one's.
 * @param crop The face of the frame as it was cut out at `place`.
 */
export function layIn(
  frame: Frame,
  crop: Frame,
  { face, mask: drawnMask }: Drawn,
  place: Place,
  blend: FaceSwapOptions['blend'],
): Frame {
  const sizePx = crop.width;
  const both = cropMask(place.toCrop, place.exchanged, sizePx).map(
    (value, i) => value * (drawnMask[i]! > 0.5 ? 1 : 0),
  );
  if (!both.some((value) => value > 0)) return frame;
  const coloured = matchColours(face, crop, both);
  const soft = softened(both, sizePx);
  const patch =
    blend === 'poisson'
      ? poissonBlend(
          crop,
          coloured,
          soft.map((value) => (value > 0 ? 1 : 0)),
        )
      : coloured;
  const window = windowOf(place, frame);
  if (window.width < 1 || window.height < 1) return frame;
  return compositeFrame(
    frame,
    warpFrame(patch, place.toCrop, window),
    window,
    maskIn(window, place, soft, sizePx),
  );
}

/** 0 outside and at the border, rising smoothly to 1 inside. */
function softened(mask: Float32Array, sizePx: number): Float32Array {
  return blurMask(mask, sizePx, sizePx, (softShare * sizePx) / 2).map((value) => {
    const t = Math.max(0, Math.min(1, 2.2 * value - 1.1));
    return t * t * (3 - 2 * t);
  });
}

/** The whole pixels of the frame around the face. */
function windowOf({ exchanged: outline }: Place, { width, height }: Frame): Box {
  let [left, top, right, bottom] = [width, height, 0, 0];
  for (let i = 0; i < outline.length; i += 2) {
    left = Math.min(left, outline[i]!);
    right = Math.max(right, outline[i]!);
    top = Math.min(top, outline[i + 1]!);
    bottom = Math.max(bottom, outline[i + 1]!);
  }
  const [x, y] = [Math.max(0, Math.floor(left)), Math.max(0, Math.floor(top))];
  return {
    x,
    y,
    width: Math.min(width, Math.ceil(right)) - x,
    height: Math.min(height, Math.ceil(bottom)) - y,
  };
}

/** The crop's mask at the window's pixels, bilinear. */
function maskIn(window: Box, { toCrop }: Place, mask: Float32Array, sizePx: number): Float32Array {
  const picture = { width: sizePx, height: sizePx, data: new Uint8Array(sizePx * sizePx * 3) };
  for (let i = 0; i < mask.length; i++) picture.data.fill(Math.round(255 * mask[i]!), i * 3, i * 3 + 3);
  const laid = warpFrame(picture, toCrop, window);
  return Float32Array.from({ length: window.width * window.height }, (_, i) => laid.data[i * 3]! / 255);
}
