/** Attacks by whoever knows the network: of detectors that this run trained, never of what screens other people's media. */
import { z } from 'zod';
import type { Perturbation } from '../types.ts';

const options = z.strictObject({
  /** Largest change of a pixel's value, in 255ths. */
  radius: z.array(z.int().min(1).max(64)).min(1).default([1, 2, 4]),
  steps: z.int().min(1).max(100).default(5),
});

export const pgd: Perturbation<z.infer<typeof options>> = {
  name: 'pgd',
  cite: 'Madry, Makelov, Schmidt, Tsipras, Vladu: Towards Deep Learning Models Resistant to Adversarial Attacks, ICLR 2018 (projected gradient descent, largest change per value)',
  options,
  series: ({ radius, steps }) => [
    {
      name: 'pgd',
      changes: 'picture',
      levels: radius.map((most) => ({
        severity: `at most ${most}/255 a value, ${steps} steps`,
        attack: { radius: most, steps },
      })),
    },
  ],
};
