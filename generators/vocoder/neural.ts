/**
 * A small neural vocoder: source and filter, as in Neural Source-Filter Models (Wang, Takaki, Yamagishi, 2019) and DDSP (Engel et al., 2020).
 * From 80 mel bands and the pitch a network tells, frame by frame and bin by bin, how much of a train of pulses and how much of noise is
 * heard; these are filtered and added.
 *
 * It learns from spectra alone: with pulses of known spectrum and noise of known power the power of every bin is known, and a spectrum of
 * Gaussian values is most likely under the power that has the least Itakura-Saito distance to it. Stated deviations: no waveform loss, no
 * discriminator, one pitch detector for training and use.
 */
import type * as Tf from '@tensorflow/tfjs';
import { conv1d } from '../../src/compute/layers.ts';
import type { Parameters } from '../../src/compute/parameters.ts';
import { openRowModel, runRows } from '../../src/compute/rows.ts';
import { filtered, hertzToMel, triangles } from '../../src/dsp/filter-bank.ts';
import { pitchPeriods, pulseTrain } from '../../src/dsp/lpc.ts';
import { minimumPhase } from '../../src/dsp/minimum-phase.ts';
import { type Frames, hann, inverseStft, powerOf, stft } from '../../src/dsp/stft.ts';
import { bandCount, type Way } from './vocode.ts';

/** Of a frame: logarithms of 80 bands, whether there is a pitch, how high it is. */
export const heardWidth = bandCount + 2;
const hidden = 128;
/** Frames on either side that a frame's gains depend on. */
export const margin = 4;
/** Frames the exported network takes at once, besides the margins. */
const chunk = 64;
/** Added to powers: far below speech, above the errors of 16 bits. */
export const smallest = 1e-9;

/** Windows of 32 ms, to the nearest power of two, a quarter apart. */
export function framesFor(sampleRate: number): Frames {
  const size = 2 ** Math.round(Math.log2(0.032 * sampleRate));
  return { size, hop: size / 4 };
}

export const binsFor = (sampleRate: number): number => framesFor(sampleRate).size / 2 + 1;

/** Power in a bin of noise of standard deviation 1. */
export const noisePower = ({ size }: Frames): number =>
  hann(size).reduce((sum, value) => sum + value * value, 0);

/** What the network is given of a sound, and what is filtered. `rows`: row-major, `count` × `heardWidth`. */
export type HeardSound = { rows: Float32Array; count: number; pulses: Float32Array };

export function hearSound(samples: Float32Array, sampleRate: number): HeardSound {
  const frames = framesFor(sampleRate);
  const bank = triangles(
    bandCount,
    { size: frames.size, sampleRate },
    { lowHz: 0, highHz: sampleRate / 2, mel: true },
  );
  const areas = bank.map(({ weights }) => weights.reduce((sum, value) => sum + value, 0));
  const scale = noisePower(frames);
  const spectra = stft(samples, frames);
  const periods = pitchPeriods(samples, sampleRate, frames.hop);
  const rows = new Float32Array(spectra.length * heardWidth);
  for (const [t, spectrum] of spectra.entries()) {
    const bands = filtered(bank, powerOf(spectrum));
    const at = t * heardWidth;
    for (let f = 0; f < bandCount; f++) rows[at + f] = Math.log(bands[f]! / areas[f]! / scale + smallest);
    const period = periods[t]!;
    rows[at + bandCount] = period > 0 ? 1 : 0;
    rows[at + bandCount + 1] = period > 0 ? Math.log2(sampleRate / period / 150) : 0;
  }
  const pulses = Float32Array.from(pulseTrain(periods, frames.hop, samples.length));
  return { rows, count: spectra.length, pulses };
}

/**
 * @param heard [batch, frames + 2 · margin, heardWidth].
 * @returns [batch, frames, 2 · bins]: logarithms of the power let through, of pulses and then of noise. Both begin at the envelope that
 * the bands draw, and the network tells by how much they differ from it.
 */
export function gains(p: Parameters, heard: Tf.Tensor3D, sampleRate: number): Tf.Tensor3D {
  const { tf } = p;
  const bins = binsFor(sampleRate);
  const [batch, length] = heard.shape;
  const count = length - 2 * margin;
  const bands = tf.slice(heard, [0, 0, 0], [batch, length, bandCount]);
  const pitch = tf.slice(heard, [0, 0, bandCount], [batch, length, 2]);
  // To about zero mean and unit spread: logarithms of speech lie between -20 and 0.
  let x: Tf.Tensor3D = tf.concat([tf.div(tf.add(bands, 10), 5), pitch], 2);
  for (const [i, kernelSize] of [5, 5].entries())
    x = tf.leakyRelu(
      conv1d(p, `vocoder/conv${i}`, x, { filters: hidden, kernelSize, padding: 'valid', kernelInit: 'he' }),
      0.1,
    );
  const change = conv1d(p, 'vocoder/gains', x, { filters: 2 * bins, kernelSize: 1, kernelInit: 'zeros' });
  const middle: Tf.Tensor2D = tf.reshape(tf.slice(bands, [0, margin, 0], [batch, count, bandCount]), [
    batch * count,
    bandCount,
  ]);
  const envelope = tf.matMul(middle, tf.tensor2d(interpolation(sampleRate), [bandCount, bins]));
  const both: Tf.Tensor3D = tf.reshape(tf.concat([envelope, envelope], 1), [batch, count, 2 * bins]);
  return tf.add(both, change);
}

/** Row-major bands × bins: what lies between the middles of two bands is drawn as a straight line, beyond the outermost it is level. */
function interpolation(sampleRate: number): Float32Array {
  const bins = binsFor(sampleRate);
  const matrix = new Float32Array(bandCount * bins);
  const highest = hertzToMel(sampleRate / 2);
  for (let k = 0; k < bins; k++) {
    const place = (hertzToMel((k * sampleRate) / 2 / (bins - 1)) / highest) * (bandCount + 1) - 1;
    const held = Math.max(0, Math.min(bandCount - 1, place));
    const low = Math.min(bandCount - 2, Math.floor(held));
    matrix[low * bins + k] = 1 - (held - low);
    matrix[(low + 1) * bins + k] = held - low;
  }
  return matrix;
}

/** Shape of the exported network's input. */
export const chunkShape = [1, chunk + 2 * margin, heardWidth] as const;

/** Opens a trained network (`chunkShape` in, the gains of 64 frames out) for sounds at the rate it learned at. */
export async function openNeural(source: string | Uint8Array): Promise<{ way: Way; close(): void }> {
  const model = await openRowModel(source, chunkShape);
  const way: Way = async (samples, sampleRate, rng) => {
    const frames = framesFor(sampleRate);
    const { rows, count, pulses } = hearSound(samples, sampleRate);
    const found = await runRows(model, chunksOf(rows, count));
    const noise = samples.map(() => rng.normal());
    const [voiced, breathed] = [stft(pulses, frames), stft(noise, frames)];
    const bins = frames.size / 2 + 1;
    const spectra = voiced.map((pulse, t) => {
      const at = t * 2 * bins;
      const tract = minimumPhase(found.subarray(at, at + bins).map((value) => value / 2));
      const breath = found.subarray(at + bins, at + 2 * bins).map((value) => Math.exp(value / 2));
      const { real, imaginary } = breathed[t]!;
      return {
        real: real.map(
          (value, k) =>
            breath[k]! * value + tract.real[k]! * pulse.real[k]! - tract.imaginary[k]! * pulse.imaginary[k]!,
        ),
        imaginary: imaginary.map(
          (value, k) =>
            breath[k]! * value + tract.real[k]! * pulse.imaginary[k]! + tract.imaginary[k]! * pulse.real[k]!,
        ),
      };
    });
    return inverseStft(spectra, frames, samples.length);
  };
  return { way, close: () => model.network.close() };
}

/** All frames in chunks with their margins; the first and last frames are held beyond the ends. */
function chunksOf(rows: Float32Array, count: number): Float32Array {
  const chunks = Math.ceil(count / chunk);
  const length = chunk + 2 * margin;
  const out = new Float32Array(chunks * length * heardWidth);
  for (let c = 0; c < chunks; c++)
    for (let i = 0; i < length; i++) putRow(out, c * length + i, rows, count, c * chunk + i - margin);
  return out;
}

/** Writes frame `t`, or the nearest there is, as row `place` of `target`. */
export function putRow(
  target: Float32Array,
  place: number,
  rows: Float32Array,
  count: number,
  t: number,
): void {
  const from = Math.max(0, Math.min(count - 1, t)) * heardWidth;
  target.set(rows.subarray(from, from + heardWidth), place * heardWidth);
}
