/** The options of `puppetry` and what its presets stand for. */
import { z } from 'zod';

/** `smoke` shows that the line works, `cpu` is meant to look right after a few minutes on two cores. */
const presets = {
  smoke: {
    phone: { steps: 150, batch: 128 },
    audio: { steps: 150, batch: 6, checks: 2 },
    renderer: { sizePx: 96, textureColumns: 64, width: 8, steps: 60, batch: 4 },
  },
  cpu: {
    phone: { steps: 2500, batch: 256 },
    audio: { steps: 2000, batch: 8, checks: 8 },
    renderer: { sizePx: 96, textureColumns: 128, width: 16, steps: 2000, batch: 4 },
  },
} as const;

/** Steps and batches of the three trainings, how often validation looks at the audio net, and the renderer's window, texture and width (feature maps of its outermost level). */
export type Settings = {
  phone: { steps: number; batch: number };
  audio: { steps: number; batch: number; checks: number };
  renderer: { sizePx: number; textureColumns: number; width: number; steps: number; batch: number };
};

export const puppetryOptions = z.strictObject({ preset: z.enum(['smoke', 'cpu']).default('cpu') });
export type PuppetryOptions = z.infer<typeof puppetryOptions>;

export const settingsOf = ({ preset }: PuppetryOptions): Settings => presets[preset];

/** What stands in tables: `puppetry@cpu-96`. */
export const labelOf = (options: PuppetryOptions): string =>
  `puppetry@${options.preset}-${settingsOf(options).renderer.sizePx}`;
