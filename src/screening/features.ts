/**
 * What the test of the domain looks at: how a picture and a sound were taken and kept, hardly what they show. A camera, a room and a codec leave themselves in what is left of a picture
 * without its content (Fridrich & Kodovský: Rich Models for Steganalysis of Digital Images, IEEE TIFS 2012) and in the pauses of a sound.
 */
import { lcnnLfcc, lfcc } from '../dsp/lfcc.ts';
import { pearson } from '../metrics/correlation.ts';
import { cropCentre, greyOf } from '../media/sample-frames.ts';
import type { Audio, Frame } from '../types.ts';

const sidePx = 256;
export const soundRateHz = 16_000;

/**
 * Of frames of one file, the mean of 18 values: deviation (logarithm) and kurtosis of each colour's residual under the Laplacian, how the colours' residuals hang together, four quantiles of the
 * green one's size (logarithm), and how it hangs together with itself one and two pixels on. From the middle 256×256 px; a smaller picture is enlarged.
 */
export async function pictureFeatures(frames: readonly Frame[]): Promise<number[]> {
  const rows = await Promise.all(frames.map(frameFeatures));
  return rows[0]!.map((_, j) => meanOf(rows.map((row) => row[j]!)));
}

async function frameFeatures(frame: Frame): Promise<number[]> {
  const { resizeFrame } = await import('../media/images.ts');
  const fits = Math.min(frame.width, frame.height) >= sidePx;
  const square = fits ? cropCentre(frame, sidePx) : await resizeFrame(frame, sidePx, sidePx);
  const [red, green, blue] = [0, 1, 2].map((channel) => laplacian(square, channel)) as [
    Float64Array,
    Float64Array,
    Float64Array,
  ];
  const sizes = green.map(Math.abs).sort();
  const quantile = (p: number): number => Math.log(1 + sizes[Math.floor(p * sizes.length)]!);
  return [
    ...[red, green, blue].map((values) => Math.log(0.1 + deviationOf(values))),
    ...[red, green, blue].map(logKurtosis),
    correlation(red, green),
    correlation(green, blue),
    correlation(red, blue),
    ...[0.25, 0.5, 0.75, 0.95].map(quantile),
    ...shifts.map(([dx, dy]) => withItself(green, dx, dy)),
  ];
}

const shifts = [
  [1, 0],
  [0, 1],
  [2, 0],
  [0, 2],
  [1, 1],
] as const;
const insidePx = sidePx - 2;

/** Four times each pixel less its four neighbours, without the border. */
function laplacian({ data }: Frame, channel: number): Float64Array {
  const value = (x: number, y: number): number => data[3 * (y * sidePx + x) + channel]!;
  return Float64Array.from({ length: insidePx ** 2 }, (_, i) => {
    const [x, y] = [1 + (i % insidePx), 1 + Math.floor(i / insidePx)];
    return 4 * value(x, y) - value(x - 1, y) - value(x + 1, y) - value(x, y - 1) - value(x, y + 1);
  });
}

function withItself(values: Float64Array, dx: number, dy: number): number {
  const [a, b]: [number[], number[]] = [[], []];
  for (let y = 0; y + dy < insidePx; y += 2)
    for (let x = 0; x + dx < insidePx; x += 2) {
      a.push(values[y * insidePx + x]!);
      b.push(values[(y + dy) * insidePx + x + dx]!);
    }
  return correlation(a, b);
}

/**
 * Of sound at 16 kHz: 12 cepstral coefficients (`lfcc`) of its quietest fifth, five quantiles of the level, and 12 coefficients of its loudest third: 29 values. Undefined where it is shorter than
 * a window of 20 ms.
 */
export function soundFeatures({ samples, sampleRate }: Audio): number[] | undefined {
  if (sampleRate !== soundRateHz)
    throw new RangeError(`expected sound at ${soundRateHz} Hz, got ${sampleRate}`);
  const rows = lfcc(samples, sampleRate, lcnnLfcc).toSorted((a, b) => a[0]! - b[0]!);
  if (rows.length === 0) return undefined;
  const mean = (some: readonly Float32Array[]): number[] =>
    Array.from({ length: coefficients }, (_, c) => meanOf(some.map((row) => row[c]!)));
  return [
    ...mean(rows.slice(0, Math.ceil(rows.length / 5))),
    ...[0.05, 0.25, 0.5, 0.75, 0.95].map((p) => rows[Math.floor(p * rows.length)]![0]!),
    ...mean(rows.slice(-Math.ceil(rows.length / 3))),
  ];
}

const coefficients = 12;

/**
 * 64 bits of a picture in 16 hex digits, whether each of 8×8 patches is brighter than its neighbour to the right (dHash): copies in another size or encoding differ in
 * few of them.
 */
export async function fingerprint(frame: Frame): Promise<string> {
  const { resizeFrame } = await import('../media/images.ts');
  const { data } = await resizeFrame(frame, 9, 8, 'fill');
  const grey = greyOf({ width: 9, height: 8, data });
  let bits = 0n;
  for (let y = 0; y < 8; y++)
    for (let x = 0; x < 8; x++) bits = (bits << 1n) | (grey[9 * y + x]! > grey[9 * y + x + 1]! ? 1n : 0n);
  return bits.toString(16).padStart(16, '0');
}

function meanOf(values: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i]!;
  return sum / values.length;
}

function deviationOf(values: Float64Array): number {
  const mean = meanOf(values);
  return Math.sqrt(meanOf(values.map((value) => (value - mean) ** 2)));
}

/** A flat picture has none: the small number stands for it. */
const leastDeviation = 1e-3;

function logKurtosis(values: Float64Array): number {
  const deviation = deviationOf(values) + leastDeviation;
  return Math.log(leastDeviation + meanOf(values.map((value) => (value / deviation) ** 4)));
}

/** 0 where one of them is flat. */
const correlation = (a: ArrayLike<number>, b: ArrayLike<number>): number => pearson(a, b).value ?? 0;
