/** What the test of the domain looks at: how a picture and a sound were taken, hardly what they show. */
import { azimuthalMeans } from '../dsp/azimuthal.ts';
import { fft2d } from '../dsp/fft.ts';
import { lcnnLfcc, lfcc, lfccCount } from '../dsp/lfcc.ts';
import { cropCentre, greyOf } from '../media/sample-frames.ts';
import type { Audio, Frame } from '../types.ts';

const sidePx = 128;
const rings = 11;
export const soundRateHz = 16_000;

/**
 * Of frames of one file: mean and deviation of each colour, skew of the brightness, and the mean level of its spectrum on 11 rings, at 128×128 px. 18 values; natural logarithms of
 * amplitudes of brightness in [0, 255].
 */
export async function pictureFeatures(frames: readonly Frame[]): Promise<number[]> {
  const rows = await Promise.all(frames.map(frameFeatures));
  return rows[0]!.map((_, j) => meanOf(rows.map((row) => row[j]!)));
}

async function frameFeatures(frame: Frame): Promise<number[]> {
  const { resizeFrame } = await import('../media/images.ts');
  const square = cropCentre(await resizeFrame(frame, sidePx, sidePx), sidePx);
  const colours = [0, 1, 2].flatMap((channel) => {
    const values = Float64Array.from({ length: sidePx * sidePx }, (_, i) => square.data[3 * i + channel]!);
    const mean = meanOf(values);
    return [mean, Math.sqrt(meanOf(values.map((value) => (value - mean) ** 2)))];
  });
  const grey = greyOf(square);
  const mean = meanOf(grey);
  const deviation = 1 + Math.sqrt(meanOf(grey.map((value) => (value - mean) ** 2)));
  const skew = meanOf(grey.map((value) => ((value - mean) / deviation) ** 3));
  const { real, imaginary } = fft2d(grey, sidePx);
  const levels = azimuthalMeans(
    real.map((value, i) => Math.log(Math.hypot(value, imaginary[i]!) + 1)),
    sidePx,
  );
  const perRing = Math.floor(levels.length / rings);
  const spectrum = Array.from({ length: rings }, (_, ring) =>
    meanOf(levels.slice(ring * perRing, (ring + 1) * perRing)),
  );
  return [...colours, skew, ...spectrum];
}

/** Mean and deviation over time of 20 cepstral coefficients (`lfcc`) of sound at 16 kHz: 40 values. Undefined where it is shorter than a window. */
export function soundFeatures({ samples, sampleRate }: Audio): number[] | undefined {
  if (sampleRate !== soundRateHz)
    throw new RangeError(`expected sound at ${soundRateHz} Hz, got ${sampleRate}`);
  const rows = lfcc(samples, sampleRate, lcnnLfcc);
  if (rows.length === 0) return undefined;
  return Array.from({ length: lfccCount }, (_, c) => {
    const values = rows.map((row) => row[c]!);
    const mean = meanOf(values);
    return [mean, Math.sqrt(meanOf(values.map((value) => (value - mean) ** 2)))];
  }).flat();
}

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
