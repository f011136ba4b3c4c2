/** Whether a detector also says where the fake is: in time (spans) and in the picture (masks). */
import type { Measured, Span } from '../types.ts';

/** Stretches that a detector calls fake, with its score of each; higher = more likely. */
export type ScoredSpan = Span & { score: number };
export type SpanItem = { truth: readonly Span[]; found: readonly ScoredSpan[] };

/** Overlap of two stretches over what they cover together, in [0, 1]. */
export function spanIou(a: Span, b: Span): number {
  const both = Math.max(0, Math.min(a.end, b.end) - Math.max(a.start, b.start));
  const either = a.end - a.start + (b.end - b.start) - both;
  return either > 0 ? both / either : 0;
}

/**
 * Average precision of finding forged stretches (temporal localisation as in ActivityNet and LAV-DF): all found stretches of all clips by falling score; one is right where it overlaps by
 * at least `leastIou` with a true stretch of its clip that none before it has taken, the best one. The step form of precision over recall, without interpolation; equal scores count as one step.
 */
export function segmentAp(items: readonly SpanItem[], leastIou: number): Measured {
  const wanted = items.reduce((sum, { truth }) => sum + truth.length, 0);
  if (wanted === 0) return { value: null, reason: 'segment AP needs forged stretches, and there are none' };
  const found = items
    .flatMap((item, i) => item.found.map((span) => ({ ...span, truth: item.truth, i })))
    .toSorted((a, b) => b.score - a.score);
  const taken = items.map(({ truth }) => truth.map(() => false));
  let [right, seen, rightBefore, sum] = [0, 0, 0, 0];
  found.forEach(({ truth, i, ...span }, k) => {
    const overlaps = truth.map((own, j) => (taken[i]![j] ? 0 : spanIou(own, span)));
    const best = overlaps.indexOf(Math.max(...overlaps));
    seen++;
    if (best >= 0 && overlaps[best]! >= leastIou) {
      taken[i]![best] = true;
      right++;
    }
    if (found[k + 1]?.score === span.score) return;
    sum += (right - rightBefore) * (right / seen);
    rightBefore = right;
  });
  return { value: sum / wanted };
}

/** Pixels called fake and forged over pixels called fake or forged, summed over the frames; null with a reason where there is neither. */
export function maskIou(found: readonly Uint8Array[], truth: readonly Uint8Array[]): Measured {
  if (found.length !== truth.length)
    throw new Error(`${found.length} masks found, but ${truth.length} true ones`);
  let [both, either] = [0, 0];
  found.forEach((mask, t) => {
    const own = truth[t]!;
    if (mask.length !== own.length)
      throw new Error(`frame ${t}: ${mask.length} pixels found, but ${own.length} true ones`);
    for (let i = 0; i < mask.length; i++) {
      both += mask[i] && own[i] ? 1 : 0;
      either += mask[i] || own[i] ? 1 : 0;
    }
  });
  return either === 0
    ? { value: null, reason: 'nothing is forged and nothing was called so' }
    : { value: both / either };
}
