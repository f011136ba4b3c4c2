/**
 * The synthesizer: Klatt, "Software for a cascade/parallel formant synthesizer", JASA 67 (1980), with the glottal source of
 * Klatt & Klatt, JASA 87 (1990). Voice and aspiration pass the formants in cascade, frication passes them in parallel.
 * Parameters are constant over a step of 2.5 ms; each filter runs over the whole signal before the next one does.
 */
import type { Rng } from '../random.ts';

export const speechSampleRate = 16000;
/** Samples per step of a control track: 2.5 ms. */
export const stepSamples = 40;

/** What the synthesizer is told, one value per step (levels are amplitudes, not dB). */
export type ControlTrack = {
  stepCount: number;
  f0Hz: Float32Array;
  voicing: Float32Array;
  aspiration: Float32Array;
  /** Level of the noise at F2–F6 and unfiltered: six tracks. */
  frication: Float32Array[];
  /** F1–F5 and their bandwidths: five tracks each. */
  formantsHz: Float32Array[];
  bandwidthsHz: Float32Array[];
  /** The nasal pole is where the zero is while the nose is closed: they cancel. */
  nasalPoleHz: number;
  nasalZeroHz: Float32Array;
};

/** The larynx: `tilt` 0 to 1 (one-pole low-pass), jitter and shimmer relative standard deviations per period. */
export type Glottis = { openQuotient: number; tilt: number; jitter: number; shimmer: number };

const nasalBandwidthHz = 100;
/** Formants above the fifth hardly move; they keep the spectrum of a tube up to half the sampling rate. Relative to F5. */
const upperFormants = { ratios: [1.24, 1.48, 1.7], bandwidthHz: 500, highestHz: 7600 };
const frication6 = { ratio: 1.3, bandwidthHz: 1600 };
/** Noise makes the voice rough only while the glottis is open. */
const modulationDepth = 0.5;

/** Sound of a control track, `stepCount · stepSamples` samples at 16 kHz, not normalised. */
export function synthesize(track: ControlTrack, glottis: Glottis, rng: Rng): Float32Array {
  const { voice, openness } = glottalSource(track, glottis, rng.fork('glottis'));
  const throat = aspirate(voice, openness, track.aspiration, rng.fork('aspiration'));
  antiresonate(throat, track.nasalZeroHz, nasalBandwidthHz);
  resonate(throat, constant(track.nasalPoleHz), constant(nasalBandwidthHz), 'unity-at-zero');
  const fifth = track.formantsHz[4]!;
  for (const ratio of upperFormants.ratios) {
    if (fifth[0]! * ratio > upperFormants.highestHz) continue;
    resonate(throat, constant(fifth[0]! * ratio), constant(upperFormants.bandwidthHz), 'unity-at-zero');
  }
  for (let k = 4; k >= 0; k--)
    resonate(throat, track.formantsHz[k]!, track.bandwidthsHz[k]!, 'unity-at-zero');
  addFrication(throat, track, openness, rng.fork('frication'));
  return throat;
}

/**
 * Derivative of the glottal flow (KLGLOTT88: flow x² − x³ while open, nothing while closed), scaled so that the closing
 * slope is 1 at any pitch; and how open the glottis is, 0 to 1. The difference of the flow between samples, not its
 * derivative at them, is taken: it averages over the sample and aliases less.
 */
function glottalSource(
  track: ControlTrack,
  glottis: Glottis,
  rng: Rng,
): { voice: Float32Array; openness: Float32Array } {
  const count = track.stepCount * stepSamples;
  const voice = new Float32Array(count);
  const openness = new Float32Array(count);
  const smoothing = 0.1 + 0.6 * glottis.tilt;
  let start = 0;
  let period = speechSampleRate / track.f0Hz[0]!;
  let strength = 1;
  let flowBefore = 0;
  let smoothed = 0;
  for (let n = 0; n < count; n++) {
    if (n - start >= period) {
      start += period;
      const step = Math.floor(n / stepSamples);
      period = (speechSampleRate / track.f0Hz[step]!) * (1 + glottis.jitter * rng.normal());
      strength = 1 + glottis.shimmer * rng.normal();
    }
    const open = glottis.openQuotient * period;
    const x = (n - start) / open;
    const flow = x < 1 ? x * x * (1 - x) : 0;
    const slope = (flow - flowBefore) * open * strength;
    flowBefore = flow;
    smoothed += (1 - smoothing) * (slope - smoothed);
    voice[n] = smoothed * interpolate(track.voicing, n);
    openness[n] = flow * (27 / 4);
  }
  return { voice, openness };
}

function aspirate(voice: Float32Array, openness: Float32Array, level: Float32Array, rng: Rng): Float32Array {
  const out = new Float32Array(voice.length);
  for (let n = 0; n < out.length; n++) {
    const noise = rng.uniform(-1, 1);
    out[n] =
      voice[n]! + noise * interpolate(level, n) * (1 - modulationDepth + modulationDepth * openness[n]!);
  }
  return out;
}

/** Adds the parallel branch. Neighbouring formants have opposite sign, so that no zero arises between them (Klatt 1980). */
function addFrication(out: Float32Array, track: ControlTrack, openness: Float32Array, rng: Rng): void {
  const noise = new Float32Array(out.length);
  for (let n = 0; n < noise.length; n++) {
    const modulation = interpolate(track.voicing, n) > 0.05 ? 0.4 + 0.6 * openness[n]! : 1;
    noise[n] = rng.uniform(-1, 1) * modulation;
  }
  const sixth = Math.min(track.formantsHz[4]![0]! * frication6.ratio, 6800);
  const branch = new Float32Array(out.length);
  for (const [k, level] of track.frication.entries()) {
    if (level.every((value) => value === 0)) continue;
    for (let n = 0; n < branch.length; n++) branch[n] = noise[n]! * interpolate(level, n);
    if (k < 4) resonate(branch, track.formantsHz[k + 1]!, track.bandwidthsHz[k + 1]!, 'unity-at-peak');
    else if (k === 4) resonate(branch, constant(sixth), constant(frication6.bandwidthHz), 'unity-at-peak');
    const sign = k % 2 === 0 ? 1 : -1;
    for (let n = 0; n < out.length; n++) out[n] = out[n]! + sign * branch[n]!;
  }
}

const constant = (value: number): Float32Array => Float32Array.of(value);
const at = (track: Float32Array, step: number): number =>
  track[step < track.length ? step : track.length - 1]!;

/** A track's value at a sample, linear between the steps' beginnings. */
function interpolate(track: Float32Array, sample: number): number {
  const step = (sample / stepSamples) | 0;
  const value = at(track, step);
  return value + ((sample - step * stepSamples) / stepSamples) * (at(track, step + 1) - value);
}

/** Klatt's resonator y = Ax + By' + Cy'' (1980, equations 1 and 2), in place; frequency and bandwidth may change per step. */
function resonate(
  signal: Float32Array,
  frequencyHz: Float32Array,
  bandwidthHz: Float32Array,
  gain: 'unity-at-zero' | 'unity-at-peak',
): void {
  let [before, beforeThat] = [0, 0];
  for (let from = 0, step = 0; from < signal.length; from += stepSamples, step++) {
    const { a, b, c } = resonator(at(frequencyHz, step), at(bandwidthHz, step));
    const scale = gain === 'unity-at-zero' ? a : peakScale(b, c, at(frequencyHz, step));
    const to = Math.min(signal.length, from + stepSamples);
    for (let n = from; n < to; n++) {
      const y = scale * signal[n]! + b * before + c * beforeThat;
      beforeThat = before;
      before = y;
      signal[n] = y;
    }
  }
}

/** Klatt's antiresonator, the inverse of the resonator, in place. */
function antiresonate(signal: Float32Array, frequencyHz: Float32Array, bandwidthHz: number): void {
  let [before, beforeThat] = [0, 0];
  for (let from = 0, step = 0; from < signal.length; from += stepSamples, step++) {
    const { a, b, c } = resonator(at(frequencyHz, step), bandwidthHz);
    const to = Math.min(signal.length, from + stepSamples);
    for (let n = from; n < to; n++) {
      const x = signal[n]!;
      signal[n] = (x - b * before - c * beforeThat) / a;
      beforeThat = before;
      before = x;
    }
  }
}

function resonator(frequencyHz: number, bandwidthHz: number): { a: number; b: number; c: number } {
  const radius = Math.exp((-Math.PI * bandwidthHz) / speechSampleRate);
  const c = -radius * radius;
  const b = 2 * radius * Math.cos((2 * Math.PI * frequencyHz) / speechSampleRate);
  return { a: 1 - b - c, b, c };
}

/** The inverse of the resonator's gain at its own frequency. */
function peakScale(b: number, c: number, frequencyHz: number): number {
  const angle = (2 * Math.PI * frequencyHz) / speechSampleRate;
  const real = 1 - b * Math.cos(angle) - c * Math.cos(2 * angle);
  const imaginary = b * Math.sin(angle) + c * Math.sin(2 * angle);
  return Math.hypot(real, imaginary);
}
