/** The options of `gan` and what its presets stand for. */
import { z } from 'zod';

/** @property latent Length of what a portrait is drawn from. @property width Channels of the finest features of generator and discriminator. */
export type GanNet = { sizePx: number; latent: number; width: { generator: number; discriminator: number } };

/** Networks and how they are trained. */
export type Settings = {
  net: GanNet;
  batch: number;
  steps: number;
  /** Of Adam, for both networks. */
  rate: number;
  /** How much of the averaged generator a step leaves, once the average has begun. */
  emaKeep: number;
};

/** `smoke` shows that the line works; `cpu` is meant to look like faces after less than four minutes of one thread. */
const presets = {
  smoke: {
    net: { sizePx: 32, latent: 32, width: { generator: 8, discriminator: 8 } },
    batch: 8,
    steps: 40,
    rate: 1e-3,
    emaKeep: 0.9,
  },
  cpu: {
    net: { sizePx: 64, latent: 64, width: { generator: 24, discriminator: 24 } },
    batch: 16,
    steps: 1500,
    rate: 4e-4,
    emaKeep: 0.995,
  },
} as const satisfies Record<string, Settings>;

export const ganOptions = z.strictObject({
  preset: z.enum(['smoke', 'cpu']).default('cpu'),
});
export type GanOptions = z.infer<typeof ganOptions>;

export const settingsOf = ({ preset }: GanOptions): Settings => presets[preset];

/** What stands in tables: `gan@cpu-64`. */
export const labelOf = (options: GanOptions): string =>
  `gan@${options.preset}-${settingsOf(options).net.sizePx}`;
