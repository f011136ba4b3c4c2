/** Formants by linear prediction, for tests only: autocorrelation method (Makhoul, Proc. IEEE 63, 1975), roots by Durand–Kerner. */
type Complex = { re: number; im: number };
const times = (a: Complex, b: Complex): Complex => ({
  re: a.re * b.re - a.im * b.im,
  im: a.re * b.im + a.im * b.re,
});
const minus = (a: Complex, b: Complex): Complex => ({ re: a.re - b.re, im: a.im - b.im });
const over = (a: Complex, b: Complex): Complex => {
  const norm = b.re * b.re + b.im * b.im;
  return { re: (a.re * b.re + a.im * b.im) / norm, im: (a.im * b.re - a.re * b.im) / norm };
};

/** The predictor polynomial 1, a1 … ap of a windowed stretch. */
export function predictor(samples: Float32Array, order: number): number[] {
  const count = samples.length;
  const windowed = Float64Array.from(samples, (value, n) => {
    const emphasised = value - 0.97 * (n > 0 ? samples[n - 1]! : 0);
    return emphasised * (0.54 - 0.46 * Math.cos((2 * Math.PI * n) / (count - 1)));
  });
  const correlation = Array.from({ length: order + 1 }, (_, lag) => {
    let sum = 0;
    for (let n = lag; n < count; n++) sum += windowed[n]! * windowed[n - lag]!;
    return sum;
  });
  let a = [1];
  let error = correlation[0]!;
  for (let i = 1; i <= order; i++) {
    const dot = a.reduce((sum, value, j) => sum + value * correlation[i - j]!, 0);
    const reflection = -dot / error;
    const padded = [...a, 0];
    a = padded.map((value, j) => value + reflection * padded[i - j]!);
    error *= 1 - reflection * reflection;
  }
  return a;
}

/** The roots of z^p + a1 z^(p−1) + … + ap. */
export function roots(polynomial: readonly number[]): Complex[] {
  const degree = polynomial.length - 1;
  const found: Complex[] = Array.from({ length: degree }, (_, i) => {
    const angle = (2 * Math.PI * i) / degree + 0.4;
    return { re: 0.9 * Math.cos(angle), im: 0.9 * Math.sin(angle) };
  });
  for (let round = 0; round < 200; round++) {
    for (let i = 0; i < degree; i++) {
      const z = found[i]!;
      let value: Complex = { re: 0, im: 0 };
      for (const coefficient of polynomial)
        value = { re: times(value, z).re + coefficient, im: times(value, z).im };
      let product: Complex = { re: 1, im: 0 };
      for (let j = 0; j < degree; j++) if (j !== i) product = times(product, minus(z, found[j]!));
      found[i] = minus(z, over(value, product));
    }
  }
  return found;
}

/** Frequencies in Hz, rising, of the resonances narrower than `widestHz`. */
export function formantsByLpc(
  samples: Float32Array,
  sampleRate: number,
  order: number,
  widestHz = 500,
): number[] {
  return roots(predictor(samples, order))
    .map(({ re, im }) => ({
      hertz: (Math.atan2(im, re) * sampleRate) / (2 * Math.PI),
      bandwidth: (-Math.log(Math.hypot(re, im)) * sampleRate) / Math.PI,
    }))
    .filter(({ hertz, bandwidth }) => hertz > 120 && hertz < sampleRate / 2 - 200 && bandwidth < widestHz)
    .map(({ hertz }) => hertz)
    .toSorted((a, b) => a - b);
}
