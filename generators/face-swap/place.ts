/** Where a face lies in a frame: its outline, and the crop that a network sees of it. */
import { mapPoints } from '../../src/faces/align.ts';
import { cropMap } from '../../src/faces/crop.ts';
import { hullMask } from '../../src/faces/mask.ts';
import { mouthVertices } from '../../src/faces/mouth-region.ts';
import type { Affine } from '../../src/faces/warp.ts';
import { type Mesh, project } from '../../src/head/mesh.ts';
import { type FaceTrack, frameOf, landmarksOf, vertices } from '../../src/head/track.ts';
import type { FaceSwapOptions } from './options.ts';

/** How far above the brows' highest landmark the face is still exchanged, mm: below the hairline. */
const aboveBrowsMm = 4;
const browLandmarks = 10;

/** Pixels (x and y alternating) of the chosen vertices, by default of all, in one frame. */
function pixelsOf(track: FaceTrack, frameIndex: number, chosen?: readonly number[]): Float32Array {
  const points = project(vertices(track, frameIndex), frameOf(track, frameIndex).pose, track.camera);
  const indices = chosen ?? Array.from({ length: points.length / 3 }, (_, i) => i);
  return Float32Array.from({ length: indices.length * 2 }, (_, i) => points[indices[i >> 1]! * 3 + (i & 1)]!);
}

/** The vertices of the face from just above the brows down, without the forehead, over which hair may hang. */
function belowForehead({ neutral, landmarks, vertexCount }: Mesh): number[] {
  const heights = Array.from(landmarks.subarray(0, browLandmarks), (vertex) => neutral[vertex * 3 + 1]!);
  const highest = Math.min(...heights) - aboveBrowsMm;
  return Array.from({ length: vertexCount }, (_, i) => i).filter((i) => neutral[i * 3 + 1]! >= highest);
}

/** `face`, `exchanged`: points, pixels, in whose convex hulls lie the whole face and the part of it that a swap repaints. */
export type Place = { toCrop: Affine; face: Float32Array; exchanged: Float32Array };

/** Finds the places of a face in the frames of a clip. @param sizePx Side of the crop. @param region What a swap repaints. */
export function placesOf(
  track: FaceTrack,
  sizePx: number,
  region: FaceSwapOptions['region'] = 'face',
): (frameIndex: number) => Place {
  const chosen = region === 'mouth' ? mouthVertices(track.mesh) : belowForehead(track.mesh);
  return (frameIndex) => ({
    toCrop: cropMap(landmarksOf(track, frameIndex), sizePx),
    face: pixelsOf(track, frameIndex),
    exchanged: pixelsOf(track, frameIndex, chosen),
  });
}

/** 1 in the crop inside the hull of points of the frame, 0 outside. */
export function cropMask(toCrop: Affine, points: Float32Array, sizePx: number): Float32Array {
  return hullMask(mapPoints(toCrop, points), sizePx, sizePx);
}
