import { z } from 'zod';
import type { Audio, Perturbation } from '../types.ts';
import { onSound } from './on-clips.ts';

const options = z.strictObject({});

/** Coarser samples: rounded to the nearest of 2^bits steps of full scale, without dither. */
export const bitDepth: Perturbation<z.infer<typeof options>> = {
  name: 'bit-depth',
  cite: 'uniform quantisation; depths are ours',
  options,
  series: () => [
    {
      name: 'bit-depth',
      changes: 'sound',
      levels: [12, 8].map((bits) => ({
        severity: `${bits} bits`,
        distort: onSound((audio) => quantized(audio, bits)),
      })),
    },
  ],
};

function quantized({ samples, sampleRate }: Audio, bits: number): Audio {
  const half = 2 ** (bits - 1);
  return {
    sampleRate,
    samples: samples.map((sample) => Math.min(half - 1, Math.round(sample * half)) / half),
  };
}
