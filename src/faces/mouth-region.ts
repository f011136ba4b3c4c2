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

/** What speech moves; the rest (brows, lids, smile and frown) is the mood and stays with the target. */
export const speechShapes = [
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

/** A vertex belongs to the region when a speech shape of strength 1 moves it by at least this much. */
const movedMm = 1.5;
const featherPx = 6;
const marginPx = 3;

/** Points of head space (three values each, mm) around everything that speech moves: at rest and with the jaw wide open. */
export type MouthRegion = { points: Float32Array; centre: Float32Array };

/** The region of one head. */
export function mouthRegion(mesh: Mesh): MouthRegion {
  const { vertexCount, neutral, basis } = mesh;
  const jaw = expressionIndex.jawOpen * vertexCount * 3;
  const points: number[] = [];
  for (let v = 0; v < vertexCount; v++) {
    const moved = speechShapes.some((name) => {
      const at = (expressionIndex[name] * vertexCount + v) * 3;
      return Math.hypot(basis[at]!, basis[at + 1]!, basis[at + 2]!) >= movedMm;
    });
    if (!moved) continue;
    for (let c = 0; c < 3; c++) points.push(neutral[v * 3 + c]!);
    for (let c = 0; c < 3; c++) points.push(neutral[v * 3 + c]! + basis[jaw + v * 3 + c]!);
  }
  if (points.length === 0)
    throw new ItemError(
      'E_TRACK',
      'the face track has no expression that moves the mouth. Make the track again.',
    );
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
 * How much of the new picture shows at each pixel of the window, 0 to 1: 1 inside the convex hull of the region, falling
 * smoothly to 0 at `marginPx` outside it; 0 along the window's edge.
 */
export function mouthMask(region: MouthRegion, pose: Pose, camera: Camera, window: Box): Float32Array {
  const hull = convexHull(project(region.points, pose, camera), 3);
  const mask = new Float32Array(window.width * window.height);
  for (let y = 0; y < window.height; y++) {
    for (let x = 0; x < window.width; x++) {
      const depth = Math.min(
        depthInside(hull, window.x + x + 0.5, window.y + y + 0.5) + marginPx,
        Math.min(x, y, window.width - 1 - x, window.height - 1 - y),
      );
      const t = Math.min(1, Math.max(0, depth / featherPx));
      mask[y * window.width + x] = t * t * (3 - 2 * t);
    }
  }
  return mask;
}

type Point = readonly [x: number, y: number];

/** Corners of the convex hull, clockwise on a screen with y down (Andrew's monotone chain). `points` has `stride` values each, x and y first. */
export function convexHull(points: ArrayLike<number>, stride: number): Point[] {
  const sorted = Array.from(
    { length: points.length / stride },
    (_, i): Point => [points[i * stride]!, points[i * stride + 1]!],
  );
  sorted.sort((a, b) => a[0] - b[0] || a[1] - b[1]);
  const chain = (ordered: Point[]): Point[] => {
    const corners: Point[] = [];
    for (const point of ordered) {
      while (corners.length > 1 && turn(corners.at(-2)!, corners.at(-1)!, point) <= 0) corners.pop();
      corners.push(point);
    }
    return corners.slice(0, -1);
  };
  return [...chain(sorted), ...chain(sorted.toReversed())];
}

/** Twice the area of the triangle; above 0 when a → b → c turns clockwise on a screen with y down. */
function turn(a: Point, b: Point, c: Point): number {
  return (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0]);
}

/** Distance in pixels from the nearest edge line of a convex polygon: positive inside, negative outside. */
function depthInside(hull: Point[], x: number, y: number): number {
  let depth = Infinity;
  for (let i = 0; i < hull.length; i++) {
    const a = hull[i]!;
    const b = hull[(i + 1) % hull.length]!;
    depth = Math.min(depth, turn(a, b, [x, y]) / Math.hypot(b[0] - a[0], b[1] - a[1]));
  }
  return depth;
}
