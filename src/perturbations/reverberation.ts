import { z } from 'zod';
import { convolve } from '../dsp/convolve.ts';
import type { Rng } from '../random.ts';
import type { Audio, Perturbation } from '../types.ts';
import { onSound } from './on-clips.ts';

const options = z.strictObject({});
const decaysSeconds = [0.2, 0.4, 0.8, 1.2];

/** The sound in a room that is made up anew for each person; as loud (root mean square) as before, its end cut where the clip ends. */
export const reverberation: Perturbation<z.infer<typeof options>> = {
  name: 'reverberation',
  cite: 'synthetic impulse response, Gaussian noise under an exponential decay (Polack, 1988); RT60 after Schroeder, JASA 37, 1965',
  options,
  series: () => [
    {
      name: 'reverberation',
      changes: 'sound',
      levels: decaysSeconds.map((rt60Seconds) => ({
        severity: `RT60 ${rt60Seconds} s`,
        distort: onSound((audio, draw) => reverberated(audio, rt60Seconds, draw)),
      })),
    },
  ],
};

/** From the direct sound to the first reflection: a way of one metre more. */
const firstReflectionSeconds = 0.003;

/**
 * Direct sound, 1 at time 0, and a tail of the same energy, as at the critical distance: noise that falls by 60 dB in `rt60Seconds`, where it ends.
 * With the ratio of the two fixed the severity is the decay alone.
 */
export function roomResponse(rt60Seconds: number, sampleRate: number, rng: Rng): Float64Array {
  const first = Math.max(1, Math.round(firstReflectionSeconds * sampleRate));
  const response = new Float64Array(Math.max(first + 1, Math.round(rt60Seconds * sampleRate)));
  for (let n = first; n < response.length; n++)
    response[n] = rng.normal() * 10 ** ((-3 * n) / (rt60Seconds * sampleRate));
  const tail = rms(response);
  const scale = tail > 0 ? 1 / (tail * Math.sqrt(response.length)) : 0;
  return response.map((value, n) => (n === 0 ? 1 : value * scale));
}

function reverberated({ samples, sampleRate }: Audio, rt60Seconds: number, draw: Rng): Audio {
  const wet = convolve(samples, roomResponse(rt60Seconds, sampleRate, draw));
  const loudness = rms(wet);
  const gain = loudness > 0 ? rms(samples) / loudness : 1;
  return { sampleRate, samples: Float32Array.from(wet.map((value) => gain * value)) };
}

function rms(values: Float32Array | Float64Array): number {
  let sum = 0;
  for (const value of values) sum += value * value;
  return Math.sqrt(sum / values.length);
}
