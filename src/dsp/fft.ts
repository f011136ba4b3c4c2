/**
 * Discrete Fourier transforms by the radix-2 algorithm of Cooley and Tukey (Mathematics of Computation 19, 1965), in
 * double precision: F[k] = Σ_n f[n] · exp(-2πi·k·n/N), without a factor. Sizes are powers of two.
 */

/** Complex numbers as two arrays of equal length. */
export type Complex = { real: Float64Array; imaginary: Float64Array };

/** The transform of N complex numbers. Throws RangeError unless N is a power of two. */
export function fft({ real, imaginary }: Complex): Complex {
  const result = { real: Float64Array.from(real), imaginary: Float64Array.from(imaginary) };
  transform(result, 0, 1, planFor(real.length));
  return result;
}

/** The transform of N real numbers: bins 0 to N/2; the others are the conjugates of these. */
export function realFft(samples: ArrayLike<number>): Complex {
  const { real, imaginary } = fft({
    real: Float64Array.from(samples),
    imaginary: new Float64Array(samples.length),
  });
  const bins = samples.length / 2 + 1;
  return { real: real.slice(0, bins), imaginary: imaginary.slice(0, bins) };
}

/** The transform of a real picture of size×size values in row-major order: F[v·size + u], u along rows, v along columns. */
export function fft2d(values: ArrayLike<number>, size: number): Complex {
  if (values.length !== size * size)
    throw new RangeError(`fft2d: ${values.length} values are not ${size}×${size}`);
  const result = { real: Float64Array.from(values), imaginary: new Float64Array(values.length) };
  const plan = planFor(size);
  for (let row = 0; row < size; row++) transform(result, row * size, 1, plan);
  for (let column = 0; column < size; column++) transform(result, column, size, plan);
  return result;
}

type Plan = { size: number; reversed: Uint32Array; cosines: Float64Array; sines: Float64Array };

const plans = new Map<number, Plan>();

function planFor(size: number): Plan {
  let plan = plans.get(size);
  if (!plan) {
    const bits = Math.log2(size);
    if (size < 1 || !Number.isInteger(bits)) throw new RangeError(`fft: ${size} is not a power of two`);
    const reversed = new Uint32Array(size);
    for (let i = 1; i < size; i++) reversed[i] = (reversed[i >> 1]! >> 1) | (i & 1 ? size >> 1 : 0);
    const angles = Float64Array.from({ length: size >> 1 }, (_, k) => (-2 * Math.PI * k) / size);
    plan = { size, reversed, cosines: angles.map(Math.cos), sines: angles.map(Math.sin) };
    plans.set(size, plan);
  }
  return plan;
}

/** In place, over the `size` values at offset, offset + stride, … */
function transform({ real, imaginary }: Complex, offset: number, stride: number, plan: Plan): void {
  const { size, reversed, cosines, sines } = plan;
  for (let i = 0; i < size; i++) {
    const j = reversed[i]!;
    if (j <= i) continue;
    swap(real, offset + i * stride, offset + j * stride);
    swap(imaginary, offset + i * stride, offset + j * stride);
  }
  for (let half = 1; half < size; half *= 2) {
    const step = size / (2 * half);
    for (let start = 0; start < size; start += 2 * half) {
      for (let k = 0; k < half; k++) {
        const a = offset + (start + k) * stride;
        const b = a + half * stride;
        const cosine = cosines[k * step]!;
        const sine = sines[k * step]!;
        const re = real[b]! * cosine - imaginary[b]! * sine;
        const im = real[b]! * sine + imaginary[b]! * cosine;
        real[b] = real[a]! - re;
        imaginary[b] = imaginary[a]! - im;
        real[a] = real[a]! + re;
        imaginary[a] = imaginary[a]! + im;
      }
    }
  }
}

function swap(values: Float64Array, i: number, j: number): void {
  const value = values[i]!;
  values[i] = values[j]!;
  values[j] = value;
}
