/** The points of a ROC that are drawn. */
import type { RocPoint } from '../metrics/detection.ts';

/** Leaves out points that no eye could tell from their neighbours. */
export function thin(points: readonly RocPoint[]): RocPoint[] {
  let last: RocPoint | undefined;
  return points.filter((point, i) => {
    const moved = last
      ? Math.hypot(
          point.falsePositiveRate - last.falsePositiveRate,
          point.truePositiveRate - last.truePositiveRate,
        )
      : 1;
    if (moved < 1 / 400 && i < points.length - 1) return false;
    last = point;
    return true;
  });
}

/** The straight lines between points of a ROC bend on other axes: points on the way, one per hundredth of a rate. */
export function bent(points: readonly RocPoint[]): Omit<RocPoint, 'threshold'>[] {
  const thinned = thin(points);
  return thinned.flatMap((point, i) => {
    const next = thinned[i + 1];
    if (!next) return [point];
    const [dx, dy] = [
      next.falsePositiveRate - point.falsePositiveRate,
      next.truePositiveRate - point.truePositiveRate,
    ];
    const steps = Math.max(1, Math.ceil(100 * Math.max(dx, dy)));
    return Array.from({ length: steps }, (_, k) => ({
      falsePositiveRate: point.falsePositiveRate + (dx * k) / steps,
      truePositiveRate: point.truePositiveRate + (dy * k) / steps,
    }));
  });
}
