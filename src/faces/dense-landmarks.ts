/** The dense points of one face: which square of the frame the mesh network is shown, and what it says of it in pixels of the frame. */
import type { Box } from '../head/track.ts';
import type { Detection } from './detect.ts';
import { eyes } from './mesh-topology.ts';
import { type Square, squareMap } from './square.ts';

/** `points`: 468×3 (x, y in pixels of the frame, z in the same unit, smaller nearer). `presence`: how sure it is of a face, 0 to 1. */
export type FaceMesh = { points: Float32Array; presence: number };

/** Side of the picture that the network takes, pixels. */
export const meshSidePx = 192;
/** The square is by this much wider than the face, as where the network was trained (Kartynnik et al. 2019: a margin of 25 % each side). */
const margin = 1.5;

/** The square that shows a detected face upright: its eyes level. */
export function squareOfDetection({ box, points }: Detection): Square {
  const [leftX, leftY, rightX, rightY] = points as unknown as [number, number, number, number];
  return {
    x: box.x + box.width / 2,
    y: box.y + box.height / 2,
    side: margin * Math.max(box.width, box.height),
    angle: Math.atan2(rightY - leftY, rightX - leftX),
  };
}

/** The square that shows a face upright whose dense points are known (of this frame or the one before). */
export function squareOfMesh(points: Float32Array): Square {
  const [left, right] = [3 * eyes.left[0], 3 * eyes.right[8]];
  const angle = Math.atan2(points[right + 1]! - points[left + 1]!, points[right]! - points[left]!);
  const { x, y, width, height } = boxOf(points, angle);
  const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
  const [across, down] = [x + width / 2, y + height / 2];
  return {
    x: across * cos - down * sin,
    y: across * sin + down * cos,
    side: margin * Math.max(width, height),
    angle,
  };
}

/** The smallest box around the points (468×3 values, pixels of the frame) along axes that are turned by `angle`, in coordinates along these. */
export function boxOf(points: Float32Array, angle = 0): Box {
  const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
  let [left, top, right, bottom] = [Infinity, Infinity, -Infinity, -Infinity];
  for (let i = 0; i < points.length; i += 3) {
    const across = points[i]! * cos + points[i + 1]! * sin;
    const down = points[i + 1]! * cos - points[i]! * sin;
    [left, right] = [Math.min(left, across), Math.max(right, across)];
    [top, bottom] = [Math.min(top, down), Math.max(bottom, down)];
  }
  return { x: left, y: top, width: right - left, height: bottom - top };
}

/** Points in pixels of the network's picture, 468×3, as points of the frame that the square lies in. */
export function pointsInFrame(points: Float32Array, square: Square): Float32Array {
  const [a, b, c, d, e, f] = squareMap(square, meshSidePx);
  const scale = square.side / meshSidePx;
  const out = new Float32Array(points.length);
  for (let i = 0; i < points.length; i += 3) {
    out[i] = a * points[i]! + b * points[i + 1]! + c;
    out[i + 1] = d * points[i]! + e * points[i + 1]! + f;
    out[i + 2] = scale * points[i + 2]!;
  }
  return out;
}
