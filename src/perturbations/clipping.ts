import { z } from 'zod';
import type { Audio, Perturbation } from '../types.ts';
import { onSound, peakOf } from './on-clips.ts';

const options = z.strictObject({});

/** Hard clipping, below the clip's own peak so that quiet clips are clipped too; what is left is not made louder again. */
export const clipping: Perturbation<z.infer<typeof options>> = {
  name: 'clipping',
  cite: 'overdriven input: samples limited to a threshold below the peak of the clip; thresholds are ours',
  options,
  series: () => [
    {
      name: 'clipping',
      changes: 'sound',
      levels: [3, 6, 12].map((belowDb) => ({
        severity: `${belowDb} dB below the peak`,
        distort: onSound((audio) => clipped(audio, belowDb)),
      })),
    },
  ],
};

function clipped({ samples, sampleRate }: Audio, belowDb: number): Audio {
  const limit = peakOf(samples) * 10 ** (-belowDb / 20);
  return { sampleRate, samples: samples.map((sample) => Math.max(-limit, Math.min(limit, sample))) };
}
