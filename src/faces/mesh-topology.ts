/**
 * Which point of the 468-point face mesh is which. The mesh is that of MediaPipe (Kartynnik et al., "Real-time facial surface geometry from
 * monocular video on mobile GPUs", 2019, https://arxiv.org/abs/1907.06724); the numbers are those of its network's output. Left and right are the viewer's.
 */
import { readFileSync } from 'node:fs';
import { UserError } from '../errors.ts';
import { humanFile } from './human-package.ts';
import { meshPointCount } from './mesh-track.ts';

/** Loops of points, clockwise as seen (x right, y down), from the corner at the viewer's left. */
export const lips = {
  outer: [61, 185, 40, 39, 37, 0, 267, 269, 270, 409, 291, 375, 321, 405, 314, 17, 84, 181, 91, 146],
  /** The edge of the opening; the mesh has a hole there. */
  inner: [78, 191, 80, 81, 82, 13, 312, 311, 310, 415, 308, 324, 318, 402, 317, 14, 87, 178, 88, 95],
} as const;

/** The edges of the lids, clockwise from the corner at the viewer's left: `left` from its outer, `right` from its inner corner. */
export const eyes = {
  left: [33, 246, 161, 160, 159, 158, 157, 173, 133, 155, 154, 153, 145, 144, 163, 7],
  right: [362, 398, 384, 385, 386, 387, 388, 466, 263, 249, 390, 373, 374, 380, 381, 382],
} as const;
export const innerEyeCorners = [133, 362] as const;

/** Upper edge, then lower edge, each from the outer to the inner end. */
export const brows = {
  left: [70, 63, 105, 66, 107, 46, 53, 52, 65, 55],
  right: [300, 293, 334, 296, 336, 276, 283, 282, 295, 285],
} as const;

/** Down the middle from between the eyes to below the tip, then along the nostrils from left to right. */
export const nose = { ridge: [168, 6, 197, 195, 5, 4, 1], base: [98, 97, 2, 326, 327] } as const;

/** The outline: clockwise from the top of the forehead. `jaw`: its lower part from the viewer's left ear over the chin to the other. */
export const outline = [
  10, 338, 297, 332, 284, 251, 389, 356, 454, 323, 361, 288, 397, 365, 379, 378, 400, 377, 152, 148, 176, 149,
  150, 136, 172, 58, 132, 93, 234, 127, 162, 21, 54, 103, 67, 109,
] as const;
export const jaw = [
  234, 93, 132, 58, 172, 136, 150, 149, 176, 148, 152, 377, 400, 378, 379, 365, 397, 288, 361, 323, 454,
] as const;

/**
 * The 51 inner landmarks of the 68-point scheme (iBUG, indices 17 to 67) as points of the mesh: brows by their upper edges,
 * ridge, lips and lids by the points nearest to where the scheme divides them, as far as rendered heads and a 68-point net on recordings agree.
 */
export const landmarks51: readonly number[] = [
  // Brows.
  [70, 63, 105, 66, 107, 336, 296, 334, 293, 300],
  // Nose.
  [6, 197, 5, 4, 98, 97, 2, 326, 327],
  // Eyes.
  [33, 160, 158, 133, 153, 144, 362, 385, 387, 263, 373, 380],
  // Outer and inner lips.
  [61, 39, 37, 0, 267, 269, 291, 405, 314, 17, 84, 181],
  [78, 81, 13, 311, 308, 402, 14, 178],
].flat();

/** The 51 inner landmarks (102 values, x and y alternating) of the 468×3 points of a face. */
export function innerLandmarks(points: Float32Array): Float32Array {
  return Float32Array.from(landmarks51.flatMap((point) => [points[3 * point]!, points[3 * point + 1]!]));
}

/** `triangles`: 880, three points each, clockwise as seen from outside in pixel axes. `uv`: 468×2 in [0, 1], v down. */
export type MeshTopology = { triangles: Uint32Array; uv: Float32Array };
let known: MeshTopology | undefined;

/**
 * Triangles and texture coordinates of the face mesh, as `@vladmandic/human` has them. The lids' openings are closed by triangles, the
 * mouth's is not. Throws UserError when the package is not there or has other content.
 */
export function meshTopology(): MeshTopology {
  known ??= readTopology();
  return known;
}

function readTopology(): MeshTopology {
  const path = humanFile('src', 'face', 'facemeshcoords.ts');
  const uv = Float32Array.from(numbersOf(path, 'UV468'));
  const triangles = Uint32Array.from(numbersOf(path, 'TRI468'));
  const fits =
    uv.length === 2 * meshPointCount &&
    uv.every((value) => value >= 0 && value <= 1) &&
    triangles.length % 3 === 0 &&
    triangles.every((point) => point < meshPointCount);
  if (!fits) throw new UserError(`${path}: holds no mesh of ${meshPointCount} points. Run \`npm ci\``);
  for (let i = 0; i < triangles.length; i += 3) turnClockwise(triangles.subarray(i, i + 3), uv);
  return { triangles, uv };
}

/** The numbers of an array constant in the text of a program, which is not run. */
function numbersOf(path: string, name: string): number[] {
  const [, list] =
    new RegExp(`export const ${name}\\b[^=]*= \\[([^;]*)\\];`).exec(readFileSync(path, 'utf8')) ?? [];
  if (list === undefined) throw new UserError(`${path}: has no ${name}. Run \`npm ci\``);
  return (list.match(/[\d.]+(?:e-?\d+)?/g) ?? []).map(Number);
}

function turnClockwise(triangle: Uint32Array, uv: Float32Array): void {
  const [a, b, c] = [...triangle].map((point) => [uv[2 * point]!, uv[2 * point + 1]!] as const);
  const turn = (b![0] - a![0]) * (c![1] - a![1]) - (b![1] - a![1]) * (c![0] - a![0]);
  if (turn < 0) triangle.subarray(1).reverse();
}
