/** What can be read from a face's pixels: which of two people it is, and where its landmarks are. Linear, fitted on the people's own footage. */
import { ridge } from '../../src/dsp/ridge.ts';
import { mapPoints } from '../../src/faces/align.ts';
import { cropFace } from '../../src/faces/crop.ts';
import { greyOf } from '../../src/media/sample-frames.ts';
import { landmarksOf } from '../../src/head/track.ts';
import type { FaceTrack } from '../../src/head/track.ts';
import type { Frame } from '../../src/types.ts';
import { cropMask, type Place, placesOf } from './place.ts';

/** Side of what is looked at, pixels. */
export const readPx = 32;
const strength = 0.1;

/** A face as it is read: its crop, and its landmarks there (102 values, pixels). */
export type Look = { place: Place; crop: Frame; landmarks: Float32Array };

/** Looks of a clip's frames. */
export function lookerOf(track: FaceTrack): (frame: Frame, frameIndex: number) => Look {
  const places = placesOf(track, readPx);
  return (frame, frameIndex) => {
    const place = places(frameIndex);
    return {
      place,
      crop: cropFace(frame, place.toCrop, readPx),
      landmarks: mapPoints(place.toCrop, landmarksOf(track, frameIndex)),
    };
  };
}

/** Pixels that lie in the exchanged part of every one of these faces. */
export function commonPixels(looks: readonly Look[]): number[] {
  const masks = looks.map(({ place }) => cropMask(place.toCrop, place.exchanged, readPx));
  return Array.from({ length: readPx * readPx }, (_, i) => i).filter((i) =>
    masks.every((mask) => mask[i] === 1),
  );
}

/** Brightness at those pixels less its mean, over its deviation, and a 1: colours and contrast that were matched say nothing. */
function inputsOf(crop: Frame, pixels: readonly number[]): Float64Array {
  const grey = greyOf(crop);
  const values = Float64Array.from(pixels, (i) => grey[i]!);
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const deviation = Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length);
  const inputs = new Float64Array(values.length + 1);
  values.forEach((value, i) => (inputs[i] = (value - mean) / Math.max(1, deviation)));
  inputs[values.length] = 1;
  return inputs;
}

type Reader = (crop: Frame) => Float64Array;

function fit(
  looks: readonly Look[],
  pixels: readonly number[],
  truths: readonly ArrayLike<number>[],
): Reader {
  const [inputs, outputs] = [pixels.length + 1, truths[0]!.length];
  const x = new Float64Array(looks.length * inputs);
  const y = new Float64Array(looks.length * outputs);
  looks.forEach(({ crop }, n) => {
    x.set(inputsOf(crop, pixels), n * inputs);
    y.set(truths[n]!, n * outputs);
  });
  const weights = ridge(x, y, { inputs, outputs, strength: strength / inputs });
  return (crop) => {
    const seen = inputsOf(crop, pixels);
    const read = new Float64Array(outputs);
    for (let i = 0; i < inputs; i++)
      for (let k = 0; k < outputs; k++) read[k]! += seen[i]! * weights[i * outputs + k]!;
    return read;
  };
}

/** Who of two it is: 0 for the first, 1 for the second, on average over the footage that it is fitted on. */
export function fitIdentity(first: readonly Look[], second: readonly Look[]): (crop: Frame) => number {
  const looks = [...first, ...second];
  const read = fit(
    looks,
    commonPixels(looks),
    looks.map((_, i) => [i < first.length ? 0 : 1]),
  );
  return (crop) => read(crop)[0]!;
}

/** How the landmarks of one person differ from their mean, in pixels of the crop. `mean`: that of the looks that it is fitted on. */
export function fitLandmarks(looks: readonly Look[]): Reader {
  const mean = meanLandmarks(looks);
  return fit(
    looks,
    commonPixels(looks),
    looks.map(({ landmarks }) => landmarks.map((value, i) => value - mean[i]!)),
  );
}

export function meanLandmarks(looks: readonly Look[]): Float64Array {
  const mean = new Float64Array(looks[0]!.landmarks.length);
  for (const { landmarks } of looks) landmarks.forEach((value, i) => (mean[i]! += value / looks.length));
  return mean;
}
