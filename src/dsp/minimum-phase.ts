import { type Complex, fft } from './fft.ts';

/**
 * The spectrum (bins 0 to N/2) with these natural logarithms of its sizes whose energy comes as early as it can, as that of a vocal tract
 * does: the cepstrum's second half folded onto its first (Oppenheim & Schafer: Discrete-Time Signal Processing, § 13.5).
 */
export function minimumPhase(logSizes: ArrayLike<number>): Complex {
  const bins = logSizes.length;
  const size = 2 * (bins - 1);
  const real = Float64Array.from({ length: size }, (_, k) => logSizes[k < bins ? k : size - k]!);
  const cepstrum = fft({ real, imaginary: new Float64Array(size) }).real;
  const folded = cepstrum.map((value, n) => {
    const share = n === 0 || n === size / 2 ? 1 : n < size / 2 ? 2 : 0;
    return (share * value) / size;
  });
  const logarithm = fft({ real: folded, imaginary: new Float64Array(size) });
  const [re, im] = [new Float64Array(bins), new Float64Array(bins)];
  for (let k = 0; k < bins; k++) {
    const length = Math.exp(logarithm.real[k]!);
    re[k] = length * Math.cos(logarithm.imaginary[k]!);
    im[k] = length * Math.sin(logarithm.imaginary[k]!);
  }
  return { real: re, imaginary: im };
}
