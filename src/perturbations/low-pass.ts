import { z } from 'zod';
import { filterCentred, lowPassKernel } from '../dsp/low-pass.ts';
import type { Perturbation } from '../types.ts';
import { onSound } from './on-clips.ts';

const options = z.strictObject({});

/** The upper band taken away. Of a clip whose rate has no such frequencies nothing is. */
export const lowPass: Perturbation<z.infer<typeof options>> = {
  name: 'low-pass',
  cite: 'low-pass filtering as in ASVspoof-LD (Ali et al., 2024); cut-offs are ours: wide-band and narrow-band telephony and below',
  options,
  series: () => [
    {
      name: 'low-pass',
      changes: 'sound',
      levels: [7, 4, 3.4, 2].map((cutoffKHz) => ({
        severity: `${cutoffKHz} kHz`,
        distort: onSound(({ samples, sampleRate }) => ({
          sampleRate,
          samples: filterCentred(samples, lowPassKernel(1000 * cutoffKHz, sampleRate)),
        })),
      })),
    },
  ],
};
