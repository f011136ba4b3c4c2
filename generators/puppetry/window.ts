/** One frame of a target as the renderer sees it: where, what is known, what must be painted. */
import { cropFrame } from '../../src/faces/composite.ts';
import { mouthMask, mouthRegion, mouthWindow } from '../../src/faces/mouth-region.ts';
import type { MouthRegion } from '../../src/faces/mouth-region.ts';
import { deform, project } from '../../src/head/mesh.ts';
import type { Camera, Mesh, Pose } from '../../src/head/mesh.ts';
import { rasterizeUv } from '../../src/head/raster.ts';
import type { Box, FaceTrack } from '../../src/head/track.ts';
import type { Frame } from '../../src/types.ts';
import { insideSharesOf, separateInside, teethPlane } from './mouth-inside.ts';
import type { TeethPlane } from './mouth-inside.ts';
import { sampleTable, textureSpace } from './texture.ts';
import type { SampleTable, TextureSize, TextureSpace } from './texture.ts';

/** What stays the same for a person. The mesh's inside of the mouth has vertices of its own (`separateInside`). */
export type Stage = {
  mesh: Mesh;
  camera: Camera;
  region: MouthRegion;
  space: TextureSpace;
  plane: TeethPlane;
};

export function stageOf({ mesh, camera }: FaceTrack, size: TextureSize): Stage {
  return {
    mesh: separateInside(mesh),
    camera,
    region: mouthRegion(mesh),
    space: textureSpace(mesh, size),
    plane: teethPlane(mesh),
  };
}

/** Where the mouth of a pose is repainted. `hole`: 1 where the mask lets anything new through, else 0. */
export type Place = { window: Box; mask: Float32Array; hole: Float32Array };

export function placeOf({ region, camera }: Stage, pose: Pose, sizePx: number): Place {
  const window = mouthWindow(region, pose, camera, sizePx);
  const mask = mouthMask(region, pose, camera, window);
  return { window, mask, hole: mask.map((alpha) => (alpha > 0 ? 1 : 0)) };
}

/**
 * The face with an expression in a place: its sample table, how much of each pixel it covers inside the hole (0 to 1), and where
 * its mouth lies, in pixels of the window.
 */
export type FaceImage = { table: SampleTable; face: Float32Array; mouth: Box };

export function faceImage(
  stage: Stage,
  pose: Pose,
  expression: Float32Array,
  { window, hole }: Place,
): FaceImage {
  const vertices = deform(stage.mesh, expression);
  const image = rasterizeUv(stage.mesh, vertices, pose, stage.camera, window);
  const covered = Float32Array.from({ length: hole.length }, (_, i) => (image.uv[i * 2]! >= 0 ? 1 : 0));
  const face = soften(covered, window).map((share, i) => share * hole[i]!);
  const inside = insideSharesOf(stage.plane, pose, stage.camera, window);
  return {
    table: sampleTable(image, stage.space, inside),
    face,
    mouth: mouthOf(stage, vertices, pose, window),
  };
}

/** The smallest box around the mouth's vertices. */
function mouthOf({ mesh, camera }: Stage, vertices: Float32Array, pose: Pose, window: Box): Box {
  const points = project(vertices, pose, camera);
  let [left, top, right, bottom] = [Infinity, Infinity, -Infinity, -Infinity];
  for (let v = 0; v < mesh.vertexCount; v++) {
    if (mesh.mouth[v] === 0) continue;
    left = Math.min(left, points[v * 3]!);
    right = Math.max(right, points[v * 3]!);
    top = Math.min(top, points[v * 3 + 1]!);
    bottom = Math.max(bottom, points[v * 3 + 1]!);
  }
  return { x: left - window.x, y: top - window.y, width: right - left, height: bottom - top };
}

/** The mean over 3×3 pixels, edges held: the outline of the raster is hard, that of a filmed face is not. */
function soften(mask: Float32Array, { width, height }: Box): Float32Array {
  return mask.map((_, i) => {
    const [x, y] = [i % width, Math.floor(i / width)];
    let sum = 0;
    for (let dy = -1; dy <= 1; dy++) {
      const row = Math.max(0, Math.min(height - 1, y + dy)) * width;
      for (let dx = -1; dx <= 1; dx++) sum += mask[row + Math.max(0, Math.min(width - 1, x + dx))]!;
    }
    return sum / 9;
  });
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
