/** Masks: how much of something shows at each pixel of a picture, 0 to 1, row-major. */

/** 1 at pixel centres inside the convex hull of `points` (x, y alternating, pixels), 0 outside; all 0 for fewer than three points that are not in line. */
export function hullMask(points: ArrayLike<number>, width: number, height: number): Float32Array {
  const hull = convexHull(points);
  const mask = new Float32Array(width * height);
  if (hull.length < 3) return mask;
  for (let y = 0; y < height; y++) {
    let [left, right] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
    const row = y + 0.5;
    hull.forEach(([ax, ay], i) => {
      const [bx, by] = hull[(i + 1) % hull.length]!;
      if (ay === by || row < Math.min(ay, by) || row > Math.max(ay, by)) return;
      const x = ax + ((row - ay) / (by - ay)) * (bx - ax);
      left = Math.min(left, x);
      right = Math.max(right, x);
    });
    const first = Math.max(0, Math.ceil(left - 0.5));
    const last = Math.min(width - 1, Math.floor(right - 0.5));
    if (first <= last) mask.fill(1, y * width + first, y * width + last + 1);
  }
  return mask;
}

type Point = readonly [x: number, y: number];

/** Andrew's monotone chain. */
function convexHull(points: ArrayLike<number>): Point[] {
  const sorted = Array.from(
    { length: points.length / 2 },
    (_, i): Point => [points[i * 2]!, points[i * 2 + 1]!],
  );
  sorted.sort((a, b) => a[0] - b[0] || a[1] - b[1]);
  const half = (chain: Point[]): Point[] => {
    const kept: Point[] = [];
    for (const point of chain) {
      while (kept.length >= 2 && turn(kept.at(-2)!, kept.at(-1)!, point) <= 0) kept.pop();
      kept.push(point);
    }
    return kept.slice(0, -1);
  };
  return [...half(sorted), ...half(sorted.toReversed())];
}

const turn = (a: Point, b: Point, c: Point): number =>
  (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0]);

/** A Gaussian of this standard deviation (pixels) along both axes, cut off `reach` pixels away, by default at three deviations; edges held. */
export function blurMask(
  mask: Float32Array,
  width: number,
  height: number,
  sigmaPx: number,
  reach = Math.max(1, Math.ceil(3 * sigmaPx)),
): Float32Array {
  if (sigmaPx <= 0) return mask.slice();
  const weights = new Float64Array(2 * reach + 1);
  let sum = 0;
  for (let i = -reach; i <= reach; i++)
    sum += weights[i + reach] = Math.exp(-(i * i) / (2 * sigmaPx * sigmaPx));
  const across = new Float32Array(mask.length);
  const out = new Float32Array(mask.length);
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      let value = 0;
      for (let i = -reach; i <= reach; i++)
        value += weights[i + reach]! * mask[y * width + Math.max(0, Math.min(width - 1, x + i))]!;
      across[y * width + x] = value / sum;
    }
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      let value = 0;
      for (let i = -reach; i <= reach; i++)
        value += weights[i + reach]! * across[Math.max(0, Math.min(height - 1, y + i)) * width + x]!;
      out[y * width + x] = value / sum;
    }
  return out;
}
