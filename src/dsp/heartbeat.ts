/**
 * The pulse in the colour of skin: two signals made of the mean colour frame by frame, and how much of their power lies at one
 * heart rate. Everything is done on whole clips; a filter run forwards and backwards is its squared gain on the spectrum.
 */
import { mean } from '../mean.ts';
import { fft } from './fft.ts';

/** Mean red, green and blue of each frame. */
export type Colours = readonly (readonly [number, number, number])[];

const windowSeconds = 1.6;
const [lowestHz, highestHz] = [0.75, 3];
/** Signal within this distance of the heart rate and its double; noise is what else lies between these two. */
const [besideHz, noiseFromHz, noiseToHz] = [0.1, 0.6, 3.3];
const smoothness = 100;

/**
 * POS (Wang, den Brinker, Stuijk, de Haan: Algorithmic Principles of Remote PPG, IEEE TBME 2017): colours of each 1.6 s over their
 * mean, projected on (0, 1, −1) and (−2, 1, 1), the second weighted by the ratio of their deviations, overlapping windows added.
 * @returns One value per frame, without trend, between 0.75 and 3 Hz.
 */
export function posPulse(colours: Colours, fps: number): Float64Array {
  const length = Math.min(colours.length, Math.ceil(windowSeconds * fps));
  const pulse = new Float64Array(colours.length);
  for (let start = 0; start + length <= colours.length; start++) {
    const shown = relative(colours.slice(start, start + length));
    const first = shown.map(([, g, b]) => g - b);
    const second = shown.map(([r, g, b]) => -2 * r + g + b);
    const weight = ratio(deviation(first), deviation(second));
    const mixed = first.map((value, i) => value + weight * second[i]!);
    const level = mean(mixed);
    for (let i = 0; i < length; i++) pulse[start + i]! += mixed[i]! - level;
  }
  return bandPass(detrend(pulse), { fps, lowHz: lowestHz, highHz: highestHz, order: 1 });
}

/**
 * CHROM (de Haan, Jeanne: Robust Pulse Rate From Chrominance-Based rPPG, IEEE TBME 2013): X = 3R − 2G and Y = 1.5R + G − 1.5B of the
 * colours over their mean, both between 0.7 and 2.5 Hz; X − σ(X)/σ(Y)·Y. @returns One value per frame.
 */
export function chromPulse(colours: Colours, fps: number): Float64Array {
  const shown = relative(colours);
  const band = { fps, lowHz: 0.7, highHz: 2.5, order: 3 };
  const x = bandPass(detrend(shown.map(([r, g]) => 3 * r - 2 * g)), band);
  const y = bandPass(detrend(shown.map(([r, g, b]) => 1.5 * r + g - 1.5 * b)), band);
  const weight = ratio(deviation(x), deviation(y));
  return x.map((value, i) => value - weight * y[i]!);
}

/**
 * Power at the heart rate over the rest, in dB: the heart rate is where the periodogram is highest between 0.75 and 3 Hz; what lies
 * within 0.1 Hz of it and of its double is signal, the rest between 0.6 and 3.3 Hz is noise. Undefined for a signal without power.
 */
export function pulseSnr(
  pulse: ArrayLike<number>,
  fps: number,
): { hertz: number; decibel: number } | undefined {
  const size = 2 ** Math.ceil(Math.log2(Math.max(pulse.length * 8, fps * 64)));
  const { real, imaginary } = fft(padded(pulse, size));
  const power = (k: number): number => real[k]! ** 2 + imaginary[k]! ** 2;
  const bins = Array.from({ length: size / 2 }, (_, k) => ({ hertz: (k * fps) / size, power: power(k) }));
  const heart = bins
    .filter(({ hertz }) => hertz >= lowestHz && hertz <= highestHz)
    .reduce((best, bin) => (bin.power > best.power ? bin : best));
  let [signal, noise] = [0, 0];
  for (const { hertz, power: here } of bins) {
    if (hertz < noiseFromHz || hertz > noiseToHz) continue;
    const near = [1, 2].some((harmonic) => Math.abs(hertz - harmonic * heart.hertz) <= besideHz);
    if (near) signal += here;
    else noise += here;
  }
  return noise > 0 && signal > 0
    ? { hertz: heart.hertz, decibel: 10 * Math.log10(signal / noise) }
    : undefined;
}

/**
 * Without its slow trend: z − (I + λ²DᵀD)⁻¹z, D second differences (Tarvainen, Ranta-aho, Karjalainen: An Advanced Detrending
 * Method, IEEE TBME 2002), λ = 100. The matrix has five diagonals, so it is solved by LDLᵀ in one pass.
 */
export function detrend(values: ArrayLike<number>): Float64Array {
  const n = values.length;
  const strength = smoothness ** 2;
  const diagonals = [0, 1, 2].map((offset) => Float64Array.from({ length: n }, () => (offset === 0 ? 1 : 0)));
  const difference = [1, -2, 1];
  for (let row = 0; row + 2 < n; row++)
    for (let i = 0; i < 3; i++)
      for (let j = 0; j <= i; j++) diagonals[i - j]![row + j]! += strength * difference[i]! * difference[j]!;
  const [main, next, second] = diagonals as [Float64Array, Float64Array, Float64Array];
  const trend = Float64Array.from(values);
  for (let i = 0; i < n; i++) {
    // Row i of L: entries one and two left of the diagonal, stored where the matrix had them.
    const [one, two] = [i > 0 ? next[i - 1]! / main[i - 1]! : 0, i > 1 ? second[i - 2]! / main[i - 2]! : 0];
    main[i]! -= one * one * (main[i - 1] ?? 0) + two * two * (main[i - 2] ?? 0);
    trend[i]! -= one * (trend[i - 1] ?? 0) + two * (trend[i - 2] ?? 0);
    if (i + 1 < n && i > 0) next[i]! -= one * second[i - 1]!;
  }
  for (let i = n - 1; i >= 0; i--)
    trend[i] =
      (trend[i]! -
        (i + 1 < n ? next[i]! * trend[i + 1]! : 0) -
        (i + 2 < n ? second[i]! * trend[i + 2]! : 0)) /
      main[i]!;
  return trend.map((value, i) => values[i]! - value);
}

type Band = { fps: number; lowHz: number; highHz: number; order: number };

/** Gain of a Butterworth band-pass of this order run forwards and backwards, 0 to 1: ½ at either edge. */
export function butterworthGain(hertz: number, { lowHz, highHz, order }: Omit<Band, 'fps'>): number {
  if (hertz === 0) return 0;
  const distance = (hertz * hertz - lowHz * highHz) / (hertz * (highHz - lowHz));
  return 1 / (1 + distance ** (2 * order));
}

/** The signal through that filter; before it begins and after it ends it is taken to be 0. */
export function bandPass(values: ArrayLike<number>, band: Band): Float64Array {
  const size = 2 ** Math.ceil(Math.log2(2 * values.length));
  const { real, imaginary } = fft(padded(values, size));
  for (let k = 0; k < size; k++) {
    const gain = butterworthGain((Math.min(k, size - k) * band.fps) / size, band) / size;
    real[k]! *= gain;
    imaginary[k]! *= -gain;
  }
  // The transform of the conjugate is the inverse transform, and what comes out is real.
  return fft({ real, imaginary }).real.slice(0, values.length);
}

function padded(values: ArrayLike<number>, size: number) {
  const real = new Float64Array(size);
  real.set(Float64Array.from(values));
  return { real, imaginary: new Float64Array(size) };
}

/** Each colour over its mean over all frames. */
function relative(colours: Colours): [number, number, number][] {
  const [r, g, b] = [0, 1, 2].map((c) => mean(colours.map((colour) => colour[c]!)) || 1);
  return colours.map((colour) => [colour[0] / r!, colour[1] / g!, colour[2] / b!]);
}

function deviation(values: ArrayLike<number>): number {
  const level = mean(values);
  return Math.sqrt(mean(Array.from(values, (value) => (value - level) ** 2)));
}

const ratio = (a: number, b: number): number => (b > 0 ? a / b : 0);
