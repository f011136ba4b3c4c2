/** Brightness by a power law: v → v^γ for v in [0, 1]; γ below 1 brightens. */
import { z } from 'zod';
import type { Perturbation } from '../types.ts';
import { clipped } from './colour.ts';
import { onFrames } from './on-clips.ts';

const options = z.strictObject({
  exponent: z.array(z.number().gt(0).max(10)).min(1).default([0.8, 1.25, 0.6, 1.6]),
});

export const gamma: Perturbation<z.infer<typeof options>> = {
  name: 'gamma',
  cite: 'power law of brightness, as screens and apps that brighten have it',
  options,
  series: ({ exponent }) => [
    {
      name: 'gamma',
      changes: 'picture',
      levels: exponent.map((power) => {
        const table = Uint8Array.from({ length: 256 }, (_, value) => clipped(255 * (value / 255) ** power));
        return {
          severity: `γ ${power}`,
          distort: onFrames((frame) => ({ ...frame, data: frame.data.map((value) => table[value]!) })),
        };
      }),
    },
  ],
};
