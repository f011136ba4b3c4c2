import { convolve } from './convolve.ts';

/** From the last frequency that passes whole to the first that is gone. */
const transitionHz = 100;

/**
 * A low-pass without delay as a symmetric kernel of odd length: a sinc under a Blackman window (Oppenheim & Schafer: Discrete-Time Signal
 * Processing, § 7.5). Half of the amplitude is left at `cutoffHz`, all of it (to 0.1 %) 50 Hz below and nothing (−70 dB) 50 Hz above. Up to
 * half the sampling rate from there on there is nothing to filter: the kernel is one impulse.
 */
export function lowPassKernel(cutoffHz: number, sampleRate: number): Float64Array {
  const reach = Math.ceil((2.75 * sampleRate) / transitionHz);
  const kernel = Float64Array.from({ length: 2 * reach + 1 }, (_, i) => {
    const angle = (Math.PI * (i - reach)) / reach;
    const window = 0.42 + 0.5 * Math.cos(angle) + 0.08 * Math.cos(2 * angle);
    return window * sinc((2 * cutoffHz * (i - reach)) / sampleRate);
  });
  if (2 * cutoffHz >= sampleRate) return kernel.fill(0).fill(1, reach, reach + 1);
  const sum = kernel.reduce((total, value) => total + value, 0);
  return kernel.map((value) => value / sum);
}

/** What lies between the two frequencies, each a limit as `lowPassKernel` has it. */
export function bandPassKernel(lowHz: number, highHz: number, sampleRate: number): Float64Array {
  const low = lowPassKernel(lowHz, sampleRate);
  return lowPassKernel(highHz, sampleRate).map((value, i) => value - low[i]!);
}

/** The sound through a symmetric kernel, which moves nothing in time. */
export const filterCentred = (samples: Float32Array, kernel: Float64Array): Float32Array =>
  Float32Array.from(convolve(samples, kernel, (kernel.length - 1) / 2));

const sinc = (x: number): number => (x === 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x));
