/** Two sounds in one. */
import type { Span } from '../types.ts';

/** Fades last so long. They lie inside the spans: outside nothing is changed. */
const fadeSeconds = 0.02;

/** `said` inside the spans, `real` outside, faded into each other where they meet. */
export function spliced(
  real: Float32Array,
  said: Float32Array,
  spans: readonly Span[],
  sampleRate: number,
): Float32Array {
  const out = real.slice();
  const length = real.length / sampleRate;
  for (const { start, end } of spans) {
    const [first, last] = [Math.ceil(start * sampleRate), Math.min(real.length, Math.ceil(end * sampleRate))];
    for (let n = first; n < last; n++) {
      const seconds = n / sampleRate;
      // Nothing to fade into at the ends of the sound.
      const since = start > 0 ? seconds - start : fadeSeconds;
      const left = end < length ? end - seconds : fadeSeconds;
      const share = Math.min(1, Math.min(since, left) / fadeSeconds);
      const weight = 0.5 - 0.5 * Math.cos(Math.PI * share);
      out[n] = (1 - weight) * real[n]! + weight * said[n]!;
    }
  }
  return out;
}
