/** A sound from the sizes of its short-time spectra alone (Griffin & Lim 1984). */
import type { Rng } from '../random.ts';
import type { Complex } from './fft.ts';
import { filtered, type Triangle } from './filter-bank.ts';
import { type Frames, inverseStft, stft } from './stft.ts';

/**
 * Samples whose spectra have these sizes (one row of size / 2 + 1 per hop) as nearly as `iterations` rounds bring it: the sound of the sizes
 * with the phases of the sound before. It begins with random phases from `rng`.
 */
export function griffinLim(
  sizes: readonly Float64Array[],
  frames: Frames,
  length: number,
  iterations: number,
  rng: Rng,
): Float32Array {
  let spectra: Complex[] = sizes.map((row) => {
    const angles = row.map(() => rng.uniform(0, 2 * Math.PI));
    return {
      real: row.map((value, k) => value * Math.cos(angles[k]!)),
      imaginary: row.map((value, k) => value * Math.sin(angles[k]!)),
    };
  });
  for (let i = 0; i < iterations; i++) {
    const found = stft(inverseStft(spectra, frames, length), frames);
    spectra = sizes.map((row, t) => withPhasesOf(found[t]!, row));
  }
  return inverseStft(spectra, frames, length);
}

function withPhasesOf({ real, imaginary }: Complex, sizes: Float64Array): Complex {
  const scale = sizes.map((value, k) => value / Math.max(1e-12, Math.hypot(real[k]!, imaginary[k]!)));
  return {
    real: real.map((value, k) => value * scale[k]!),
    imaginary: imaginary.map((value, k) => value * scale[k]!),
  };
}

/**
 * A spectrum of `bins` values ≥ 0 that the bank turns into `bands`, as nearly as `iterations` multiplicative steps bring it (Lee & Seung 2001:
 * S ← S · Mᵀb / MᵀMS, under which the squared error never grows).
 */
export function invertBank(
  bank: readonly Triangle[],
  bands: Float64Array,
  bins: number,
  iterations = 30,
): Float64Array {
  const back = (values: Float64Array): Float64Array => {
    const out = new Float64Array(bins);
    bank.forEach(({ first, weights }, f) => {
      for (let i = 0; i < weights.length; i++) out[first + i]! += weights[i]! * values[f]!;
    });
    return out;
  };
  const wanted = back(bands);
  let spectrum = wanted.map((value) => value + 1e-12);
  for (let i = 0; i < iterations; i++) {
    const given = back(filtered(bank, spectrum));
    spectrum = spectrum.map((value, k) => (given[k]! > 0 ? (value * wanted[k]!) / given[k]! : 0));
  }
  return spectrum;
}
