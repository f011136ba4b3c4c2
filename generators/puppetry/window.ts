/**
 * One frame of a target as the renderer sees it: where, what is known, what must be painted. Training draws thousands of these, so
 * pixels are filled in plain loops: `TypedArray.from` with a function takes ten times as long.
 */
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
  const covered = new Float32Array(hole.length);
  for (let i = 0; i < covered.length; i++) covered[i] = image.uv[i * 2]! >= 0 ? 1 : 0;
  const face = soften(covered, window);
  for (let i = 0; i < face.length; i++) face[i]! *= hole[i]!;
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
  const across = new Float32Array(mask.length);
  for (let y = 0; y < height; y++)
    for (let x = 0, i = y * width; x < width; x++, i++)
      across[i] = mask[x > 0 ? i - 1 : i]! + mask[i]! + mask[x < width - 1 ? i + 1 : i]!;
  const mean = new Float32Array(mask.length);
  for (let y = 0; y < height; y++) {
    const [above, below] = [y > 0 ? -width : 0, y < height - 1 ? width : 0];
    for (let x = 0, i = y * width; x < width; x++, i++)
      mean[i] = (across[i + above]! + across[i]! + across[i + below]!) / 9;
  }
  return mean;
}

/** The window's pixels in [-1, 1], the hole blanked. */
export function backgroundOf(frame: Frame, { window, hole }: Place): Float32Array {
  const { data } = cropFrame(frame, window);
  const pixels = new Float32Array(data.length);
  for (let i = 0, at = 0; i < hole.length; i++, at += 3) {
    if (hole[i] === 1) continue;
    for (let c = 0; c < 3; c++) pixels[at + c] = data[at + c]! / 127.5 - 1;
  }
  return pixels;
}

/** A picture in [-1, 1] as bytes. */
export function toFrame(pixels: Float32Array, { width, height }: Box): Frame {
  const data = new Uint8Array(pixels.length);
  for (let i = 0; i < data.length; i++)
    data[i] = Math.max(0, Math.min(255, Math.round((pixels[i]! + 1) * 127.5)));
  return { width, height, data };
}
