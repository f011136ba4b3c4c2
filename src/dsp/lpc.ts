/** Linear prediction of speech: a vocal tract as an all-pole filter, and what excites it. */
import type { Rng } from '../random.ts';
import { hann } from './stft.ts';

/** s[n] ≈ −Σ a[i] s[n − i], i from 1; `a[0]` is 1. `gain`: standard deviation of what is left. */
export type Predictor = { a: Float64Array; gain: number };

/** By the autocorrelation method and Levinson's recursion (Makhoul: Linear Prediction, 1975). Silence gives gain 0. */
export function predict(segment: ArrayLike<number>, order: number): Predictor {
  const r = Float64Array.from({ length: order + 1 }, (_, lag) => {
    let sum = 0;
    for (let n = lag; n < segment.length; n++) sum += segment[n]! * segment[n - lag]!;
    return sum / segment.length;
  });
  const a = new Float64Array(order + 1);
  a[0] = 1;
  let error = r[0]! * (1 + 1e-9) + 1e-12;
  for (let i = 1; i <= order; i++) {
    let sum = r[i]!;
    for (let j = 1; j < i; j++) sum += a[j]! * r[i - j]!;
    const reflection = -sum / error;
    const before = a.slice(0, i);
    for (let j = 1; j < i; j++) a[j] = before[j]! + reflection * before[i - j]!;
    a[i] = reflection;
    error *= 1 - reflection * reflection;
  }
  return { a, gain: Math.sqrt(Math.max(0, error)) };
}

const [lowestHz, highestHz] = [60, 400];
/** Autocorrelation at the period, relative to that at 0, from which on a segment counts as voiced. */
const voicedFrom = 0.4;

/** The period in samples (a fraction by the parabola through the peak), 0 where the segment is not voiced. */
export function pitchPeriod(segment: ArrayLike<number>, sampleRate: number): number {
  const at = (lag: number): number => {
    let [sum, own, moved] = [0, 1e-12, 1e-12];
    for (let n = lag; n < segment.length; n++) {
      sum += segment[n]! * segment[n - lag]!;
      own += segment[n]! ** 2;
      moved += segment[n - lag]! ** 2;
    }
    return sum / Math.sqrt(own * moved);
  };
  const [shortest, longest] = [Math.floor(sampleRate / highestHz), Math.ceil(sampleRate / lowestHz)];
  const values = Float64Array.from({ length: longest + 2 - shortest }, (_, i) => at(shortest - 1 + i));
  // The first peak nearly as high as the highest: later ones are its multiples.
  const highest = Math.max(...values.subarray(1, -1));
  if (highest < voicedFrom) return 0;
  for (let i = 1; i < values.length - 1; i++) {
    const [before, here, after] = [values[i - 1]!, values[i]!, values[i + 1]!];
    if (here < 0.9 * highest || here < before || here < after) continue;
    const bend = before - 2 * here + after;
    return shortest - 1 + i + (bend < 0 ? (0.5 * (before - after)) / bend : 0);
  }
  return 0;
}

const order = 18;
const windowSeconds = 0.032;
const hopSeconds = 0.008;

/**
 * The sound said again by a machine: every 8 ms a vocal tract (order 18) and a pitch are taken of 32 ms, and pulses of that pitch, or
 * noise from `rng` where there is none, are sent through it (the vocoder of Atal & Hanauer, 1971).
 */
export function lpcVocoder(samples: Float32Array, sampleRate: number, rng: Rng): Float32Array {
  const size = windowSize(sampleRate);
  const hop = Math.round(hopSeconds * sampleRate);
  const window = hann(size);
  const fade = hann(2 * hop);
  const out = new Float32Array(samples.length);
  const frameCount = 1 + Math.ceil(samples.length / hop);
  const periods = pitchPeriods(samples, sampleRate, hop);
  const excitation = excite(periods, hop, samples.length, rng);
  const loudest = Math.sqrt(3 / 8); // of a Hann window, root mean square
  for (let t = 0; t < frameCount; t++) {
    const segment = segmentAround(samples, t * hop, size).map((value, n) => (value * window[n]!) / loudest);
    const { a, gain } = predict(segment, order);
    // The filter swings in before the part that is heard.
    const start = Math.max(0, t * hop - hop - size);
    const end = Math.min(samples.length, t * hop + hop);
    const said = new Float64Array(Math.max(0, end - start));
    for (let n = 0; n < said.length; n++) {
      let value = gain * excitation[start + n]!;
      for (let i = 1; i <= order && i <= n; i++) value -= a[i]! * said[n - i]!;
      said[n] = value;
      const place = start + n - (t * hop - hop);
      if (place >= 0) out[start + n]! += fade[place]! * value;
    }
  }
  return out;
}

function segmentAround(samples: Float32Array, centre: number, size: number): Float64Array {
  const segment = new Float64Array(size);
  for (let n = 0; n < size; n++) segment[n] = samples[centre - size / 2 + n] ?? 0;
  return segment;
}

/** The pitch period in samples every `hop` samples, 0 where there is none, of windows of 32 ms centred there. */
export function pitchPeriods(samples: Float32Array, sampleRate: number, hop: number): Float64Array {
  const size = windowSize(sampleRate);
  return Float64Array.from({ length: 1 + Math.ceil(samples.length / hop) }, (_, t) =>
    pitchPeriod(segmentAround(samples, t * hop, size), sampleRate),
  );
}

const windowSize = (sampleRate: number): number => 2 * Math.round((windowSeconds * sampleRate) / 2);

/** Pulses one period apart, as strong as noise of standard deviation 1; silence where there is no period. */
export function pulseTrain(periods: Float64Array, hop: number, length: number): Float64Array {
  const pulses = new Float64Array(length);
  let next = 0;
  for (let n = 0; n < length; n++) {
    const period = periods[Math.round(n / hop)]!;
    if (period === 0) next = n + 1;
    else if (n >= next) {
      pulses[n] = Math.sqrt(period);
      next = Math.max(next + period, n + 1);
    }
  }
  return pulses;
}

/** Pulses where there is a period, noise of the same strength where there is none. */
function excite(periods: Float64Array, hop: number, length: number, rng: Rng): Float64Array {
  return pulseTrain(periods, hop, length).map((pulse, n) =>
    periods[Math.round(n / hop)] === 0 ? rng.normal() : pulse,
  );
}
