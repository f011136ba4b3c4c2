/** How pictures have moved, by their pixels alone. */
import type { Frame } from '../../src/types.ts';

/** Pixels, `right` and `bottom` exclusive. */
export type Window = { left: number; right: number; top: number; bottom: number };

/**
 * How a window of frame `a` has moved in frame `b`, pixels: Lucas and Kanade's registration (IJCAI 1981) of its green channel. It knows nothing of
 * faces.
 */
export function movement(a: Frame, b: Frame, { left, right, top, bottom }: Window): [number, number] {
  const green = ({ data, width }: Frame, x: number, y: number): number => data[3 * (y * width + x) + 1]!;
  const between = (frame: Frame, x: number, y: number): number => {
    const [column, row] = [Math.floor(x), Math.floor(y)];
    const [fx, fy] = [x - column, y - row];
    const line = (at: number): number =>
      green(frame, column, at) * (1 - fx) + green(frame, column + 1, at) * fx;
    return line(row) * (1 - fy) + line(row + 1) * fy;
  };
  let [dx, dy] = [0, 0];
  for (let step = 0; step < 15; step++) {
    let [xx, xy, yy, ex, ey] = [0, 0, 0, 0, 0];
    for (let y = top; y < bottom; y++)
      for (let x = left; x < right; x++) {
        const gx = (green(a, x + 1, y) - green(a, x - 1, y)) / 2;
        const gy = (green(a, x, y + 1) - green(a, x, y - 1)) / 2;
        const error = green(a, x, y) - between(b, x + dx, y + dy);
        xx += gx * gx;
        xy += gx * gy;
        yy += gy * gy;
        ex += gx * error;
        ey += gy * error;
      }
    const determinant = xx * yy - xy * xy;
    dx += (yy * ex - xy * ey) / determinant;
    dy += (xx * ey - xy * ex) / determinant;
  }
  return [dx, dy];
}
