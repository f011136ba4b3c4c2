/** The options of `gan` and what its presets stand for. */
import { z } from 'zod';
import { partLabel, partOption } from '../../src/pipeline/part.ts';

import type { DcganNet } from './networks.ts';
import type { R3Net } from './r3gan.ts';

export type GanNet = ({ form: 'dcgan' } & DcganNet) | ({ form: 'r3gan' } & R3Net);

/** Networks and how they are trained; what stands as a pair goes from the first to the second along half a cosine in the course of `rampSteps`. */
export type Settings = {
  net: GanNet;
  batch: number;
  steps: number;
  rampSteps: number;
  /** Of Adam, for both networks. */
  rate: [number, number];
  beta2: number;
  /** Share of pictures that DiffAugment changes. */
  augmented: number;
  /** Weight of R3GAN's gradient penalties. */
  penalty: [number, number];
  /** After how many pictures the averaged generator has forgotten half of what it was, at most. */
  halfLife: number;
};

/**
 * `smoke` shows that the line works; `cpu` is meant to look like faces after less than four minutes of one thread; its DiffAugment changes three
 * pictures in ten, where the published one changes all. `gpu` is R3GAN as published for FFHQ at
 * 64 px, but for DiffAugment in place of adaptive augmentation and β₂ at its final value throughout; it was never trained by us.
 */
const presets = {
  smoke: {
    net: { form: 'dcgan', sizePx: 32, latent: 32, width: { generator: 8, discriminator: 8 } },
    batch: 8,
    steps: 40,
    rampSteps: 40,
    rate: [1e-3, 1e-3],
    beta2: 0.9,
    augmented: 1,
    penalty: [0, 0],
    halfLife: 50,
  },
  cpu: {
    net: { form: 'dcgan', sizePx: 64, latent: 64, width: { generator: 16, discriminator: 16 } },
    batch: 16,
    steps: 2000,
    rampSteps: 2000,
    rate: [5e-4, 5e-4],
    beta2: 0.9,
    augmented: 0.3,
    penalty: [0, 0],
    halfLife: 10_000,
  },
  gpu: {
    net: {
      form: 'r3gan',
      sizePx: 64,
      latent: 64,
      widths: [768, 768, 768, 768, 384],
      groups: [96, 96, 96, 96, 48],
    },
    batch: 256,
    steps: 200_000,
    rampSteps: 78_125,
    rate: [2e-4, 5e-5],
    beta2: 0.99,
    augmented: 0.3,
    penalty: [2, 0.2],
    halfLife: 500_000,
  },
} as const satisfies Record<string, Settings>;

export const ganOptions = z.strictObject({
  preset: z.enum(['smoke', 'cpu', 'gpu']).default('cpu'),
  /** When the portrait is seen in place of the target. */
  part: partOption,
});
export type GanOptions = z.infer<typeof ganOptions>;

export const settingsOf = ({ preset }: Pick<GanOptions, 'preset'>): Settings =>
  presets[preset] as unknown as Settings;

/** What stands in tables: `gan@cpu-64`, `gan@cpu-64-half`. */
export const labelOf = (options: GanOptions): string =>
  `gan@${options.preset}-${settingsOf(options).net.sizePx}${partLabel(options.part)}`;
