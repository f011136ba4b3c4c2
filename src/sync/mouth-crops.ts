/**
 * What a sync network sees of a clip: the mouth, frame by frame, upright and at one scale. Where it lies follows from the pose
 * alone, so the crop gives nothing away of the expression that a tracker or a renderer knows.
 */
import { ItemError } from '../errors.ts';
import { fitAffine, warpFrame } from '../faces/warp.ts';
import { project, type Mesh } from '../head/mesh.ts';
import { type FaceTrack, trackOf } from '../head/track.ts';
import { greyOf } from '../media/sample-frames.ts';
import type { Frame, OpenClip } from '../types.ts';

/** Pixels of a crop across and down, millimetres of the face to a pixel, and rows above the middle of the mouth. */
export type MouthWindow = { width: number; height: number; pixelMm: number; rowsAbove: number };

/** 84 × 56 mm of the face, the closed lips a little above the middle. */
export const mouthWindow = { width: 48, height: 32, pixelMm: 1.75, rowsAbove: 13 };
export const { width: cropWidth, height: cropHeight } = mouthWindow;

/** `mouthCrops` of a clip. @throws ItemError E_NOT_APPLICABLE without a face track; as `mouthCrops`; what decoding throws. */
export async function mouthsOf(open: OpenClip, window?: MouthWindow): Promise<Float32Array[]> {
  return mouthCrops(open.frames(), await trackOf(open.clip, 'the mouth is'), window);
}

/**
 * Brightness in [0, 1] of the mouth in every frame, `[frameCount, height, width]` row-major.
 * @throws ItemError E_TRACK when the track names no mouth or ends before the frames.
 */
export async function mouthCrops(
  frames: AsyncIterable<Frame> | Iterable<Frame>,
  track: FaceTrack,
  window: MouthWindow = mouthWindow,
): Promise<Float32Array[]> {
  const points = mouthPoints(track.mesh);
  const cells = cellsOf(points, window);
  const { width, height } = window;
  const crops: Float32Array[] = [];
  for await (const frame of frames) {
    const pose = track.frames[crops.length]?.pose;
    if (!pose)
      throw new ItemError('E_TRACK', `the face track ends after ${crops.length} frames, the clip does not`);
    // The picture may be a scaled one of what the track's camera saw.
    const [across, down] = [frame.width / track.camera.width, frame.height / track.camera.height];
    const pixels = project(points, pose, track.camera);
    const places = Float64Array.from({ length: cells.length }, (_, i) =>
      i % 2 === 0 ? pixels[(i / 2) * 3]! * across : pixels[((i - 1) / 2) * 3 + 1]! * down,
    );
    const crop = warpFrame(frame, fitAffine(cells, places, 2), { x: 0, y: 0, width, height });
    crops.push(Float32Array.from(greyOf(crop), (grey) => grey / 255));
  }
  return crops;
}

/** The mouth's vertices of the face at rest, x, y, z in mm. */
function mouthPoints({ neutral, mouth }: Mesh): Float32Array {
  const points = [...mouth.keys()]
    .filter((v) => mouth[v] === 1)
    .flatMap((v) => [...neutral.subarray(v * 3, v * 3 + 3)]);
  if (points.length < 9)
    throw new ItemError('E_TRACK', 'the face track names no mouth. Make the track again.');
  return Float32Array.from(points);
}

/** Where these points lie in the crop, x and y alternating. */
function cellsOf(points: Float32Array, { width, pixelMm, rowsAbove }: MouthWindow): Float64Array {
  const count = points.length / 3;
  const mean = (axis: number): number => {
    let sum = 0;
    for (let i = axis; i < points.length; i += 3) sum += points[i]!;
    return sum / count;
  };
  const [x, y] = [mean(0), mean(1)];
  return Float64Array.from({ length: count * 2 }, (_, i) => {
    const p = Math.floor(i / 2) * 3;
    return i % 2 === 0 ? (points[p]! - x) / pixelMm + width / 2 : (points[p + 1]! - y) / pixelMm + rowsAbove;
  });
}
