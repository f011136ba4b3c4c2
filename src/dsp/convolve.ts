import { realFft } from './fft.ts';
import { inverseRealFft } from './stft.ts';

/**
 * y[n] = Σ_k kernel[k] · x[n + delay − k], as many values as x, silence beyond its ends. `delay`: how many samples the kernel holds the sound
 * back, (length − 1) / 2 of a symmetric one. Block by block by Fourier transforms (overlap-add; Oppenheim & Schafer: Discrete-Time
 * Signal Processing, § 8.7.3), so that memory does not grow with the sound but for the result.
 */
export function convolve(x: ArrayLike<number>, kernel: ArrayLike<number>, delay = 0): Float64Array {
  const y = new Float64Array(x.length);
  const whole = x.length + kernel.length;
  const size = 2 ** Math.ceil(Math.log2(Math.min(whole, 4 * kernel.length)));
  const step = size - kernel.length + 1;
  const padded = new Float64Array(size);
  for (let k = 0; k < kernel.length; k++) padded[k] = kernel[k]!;
  const response = realFft(padded);
  for (let start = 0; start < x.length; start += step) {
    for (let n = 0; n < size; n++) padded[n] = n < step ? (x[start + n] ?? 0) : 0;
    const { real, imaginary } = realFft(padded);
    const product = {
      real: real.map((value, k) => value * response.real[k]! - imaginary[k]! * response.imaginary[k]!),
      imaginary: real.map((value, k) => value * response.imaginary[k]! + imaginary[k]! * response.real[k]!),
    };
    const block = inverseRealFft(product);
    const [from, to] = [Math.max(0, delay - start), Math.min(size, y.length + delay - start)];
    for (let n = from; n < to; n++) y[start + n - delay]! += block[n]!;
  }
  return y;
}
