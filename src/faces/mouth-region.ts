/**
 * Where a puppet's mouth is repainted: the part of the face that speech moves, as a window of whole pixels and a feathered
 * mask. Both depend on the pose alone, never on what the mouth does, so they hide the old mouth and give nothing away.
 */
import { ItemError } from '../errors.ts';
import { expressionIndex } from '../head/expressions.ts';
import type { ExpressionName } from '../head/expressions.ts';
import { project } from '../head/mesh.ts';
import type { Camera, Mesh, Pose } from '../head/mesh.ts';
import type { Box } from '../head/track.ts';

/** The shapes that move lips and jaw and nothing far from them; `smile` also moves cheeks and lids, but barely in speech. */
const mouthShapes = [
  'jawOpen',
  'jawForward',
  'lipsClosed',
  'pucker',
  'funnel',
  'stretch',
  'upperLipUp',
  'lowerLipDown',
  'lipsPressed',
  'lowerLipTuck',
  'cheeksPuffed',
] as const satisfies readonly ExpressionName[];

/** A vertex belongs to the region when one of these shapes at strength 1 moves it by at least this much. */
const movedMm = 4;
const outlineDirections = 32;
const featherPx = 6;
const marginPx = 3;

/** Points of head space (three values each, mm) around everything that speech moves: at rest and with the jaw wide open. */
export type MouthRegion = { points: Float32Array; centre: Float32Array };

/** Vertices that move with the mouth. */
export function mouthVertices({ vertexCount, basis }: Mesh): number[] {
  const starts = mouthShapes.map((name) => expressionIndex[name] * vertexCount);
  const moves = (v: number): boolean =>
    starts.some((start) => {
      const at = (start + v) * 3;
      return Math.hypot(basis[at]!, basis[at + 1]!, basis[at + 2]!) >= movedMm;
    });
  return Array.from({ length: vertexCount }, (_, v) => v).filter(moves);
}

/** The region of one head. Throws ItemError `E_TRACK` when no expression of its track moves the mouth. */
export function mouthRegion(mesh: Mesh): MouthRegion {
  const { vertexCount, neutral, basis } = mesh;
  const jaw = expressionIndex.jawOpen * vertexCount * 3;
  const points = mouthVertices(mesh).flatMap((v) => {
    const at = [v * 3, v * 3 + 1, v * 3 + 2];
    return [...at.map((i) => neutral[i]!), ...at.map((i) => neutral[i]! + basis[jaw + i]!)];
  });
  if (points.length === 0) {
    throw new ItemError('E_TRACK', 'no expression of the face track moves the mouth. Make the track again.');
  }
  return { points: Float32Array.from(points), centre: centreOf(points) };
}

function centreOf(points: number[]): Float32Array {
  const centre = [0, 1, 2].map((c) => {
    let [low, high] = [Infinity, -Infinity];
    for (let i = c; i < points.length; i += 3) {
      low = Math.min(low, points[i]!);
      high = Math.max(high, points[i]!);
    }
    return c === 2 ? low : (low + high) / 2;
  });
  return Float32Array.from(centre);
}

/**
 * The square of `sizePx` around the region, moved into the picture where it would reach beyond it.
 * Throws ItemError `E_SMALL_PICTURE` when the picture is smaller than the window.
 */
export function mouthWindow(region: MouthRegion, pose: Pose, camera: Camera, sizePx: number): Box {
  if (camera.width < sizePx || camera.height < sizePx) {
    throw new ItemError(
      'E_SMALL_PICTURE',
      `a mouth window of ${sizePx} px does not fit into ${camera.width}×${camera.height}. Use larger footage.`,
    );
  }
  const [x, y] = project(region.centre, pose, camera) as unknown as [number, number];
  const inside = (start: number, limit: number): number =>
    Math.max(0, Math.min(limit - sizePx, Math.round(start - sizePx / 2)));
  return { x: inside(x, camera.width), y: inside(y, camera.height), width: sizePx, height: sizePx };
}

/**
 * How much of the new picture shows at each pixel of the window, 0 to 1: 1 inside the region's outline (its convex hull, as
 * the intersection of half-planes in `outlineDirections` directions), falling smoothly to 0 at `marginPx` outside it; 0 along
 * the window's edge.
 */
export function mouthMask(region: MouthRegion, pose: Pose, camera: Camera, window: Box): Float32Array {
  const points = project(region.points, pose, {
    ...camera,
    centreX: camera.centreX - window.x,
    centreY: camera.centreY - window.y,
  });
  const sides = Array.from({ length: outlineDirections }, (_, i) => {
    const angle = (2 * Math.PI * i) / outlineDirections;
    return supportingLine(points, Math.cos(angle), Math.sin(angle));
  });
  const mask = new Float32Array(window.width * window.height);
  for (let y = 0; y < window.height; y++) {
    for (let x = 0; x < window.width; x++) {
      let depth = Math.min(x, y, window.width - 1 - x, window.height - 1 - y);
      for (let i = 0; i < sides.length && depth > 0; i++) {
        const { dx, dy, limit } = sides[i]!;
        const inside = limit + marginPx - dx * (x + 0.5) - dy * (y + 0.5);
        if (inside < depth) depth = inside;
      }
      if (depth <= 0) continue;
      const t = Math.min(1, depth / featherPx);
      mask[y * window.width + x] = t * t * (3 - 2 * t);
    }
  }
  return mask;
}

type Side = { dx: number; dy: number; limit: number };

/** The line across the direction (dx, dy) behind which all points (x, y, depth each) lie. */
function supportingLine(points: Float32Array, dx: number, dy: number): Side {
  let limit = -Infinity;
  for (let i = 0; i < points.length; i += 3) {
    limit = Math.max(limit, dx * points[i]! + dy * points[i + 1]!);
  }
  return { dx, dy, limit };
}
