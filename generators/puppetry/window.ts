/** One frame of a target as the renderer sees it: where, what is known, what must be painted. */
import { cropFrame } from '../../src/faces/composite.ts';
import { mouthMask, mouthRegion, mouthWindow } from '../../src/faces/mouth-region.ts';
import type { MouthRegion } from '../../src/faces/mouth-region.ts';
import { deform } from '../../src/head/mesh.ts';
import type { Camera, Mesh, Pose } from '../../src/head/mesh.ts';
import { rasterizeUv } from '../../src/head/raster.ts';
import type { Box, FaceTrack } from '../../src/head/track.ts';
import type { Frame } from '../../src/types.ts';
import { sampleTable, textureSpace } from './texture.ts';
import type { SampleTable, TextureSize, TextureSpace } from './texture.ts';

/** What stays the same for a person. */
export type Stage = { mesh: Mesh; camera: Camera; region: MouthRegion; space: TextureSpace };

export function stageOf({ mesh, camera }: FaceTrack, texture: TextureSize): Stage {
  return { mesh, camera, region: mouthRegion(mesh), space: textureSpace(mesh, texture) };
}

/** Where the mouth of a pose is repainted. `hole`: 1 where the mask lets anything new through, else 0. */
export type Place = { window: Box; mask: Float32Array; hole: Float32Array };

export function placeOf({ region, camera }: Stage, pose: Pose, sizePx: number): Place {
  const window = mouthWindow(region, pose, camera, sizePx);
  const mask = mouthMask(region, pose, camera, window);
  return { window, mask, hole: mask.map((alpha) => (alpha > 0 ? 1 : 0)) };
}

/** The face with an expression in a place: its sample table, and 1 per pixel where it shows inside the hole. */
export type FaceImage = { table: SampleTable; face: Float32Array };

export function faceImage(
  stage: Stage,
  pose: Pose,
  expression: Float32Array,
  { window, hole }: Place,
): FaceImage {
  const image = rasterizeUv(stage.mesh, deform(stage.mesh, expression), pose, stage.camera, window);
  const table = sampleTable(image, stage.space);
  const face = hole.map((inside, i) => (inside === 1 && image.uv[i * 2]! >= 0 ? 1 : 0));
  return { table, face };
}

/** The window's pixels in [-1, 1]. */
export function windowPixels(frame: Frame, window: Box): Float32Array {
  return Float32Array.from(cropFrame(frame, window).data, (value) => value / 127.5 - 1);
}

/** The same with the hole blanked. */
export function backgroundOf(pixels: Float32Array, hole: Float32Array): Float32Array {
  return pixels.map((value, i) => (hole[Math.floor(i / 3)] === 1 ? 0 : value));
}

/** A picture in [-1, 1] as bytes. */
export function toFrame(pixels: ArrayLike<number>, { width, height }: Box): Frame {
  const data = Uint8Array.from(pixels, (value) =>
    Math.max(0, Math.min(255, Math.round((value + 1) * 127.5))),
  );
  return { width, height, data };
}
