/** The options of `puppetry` and what its presets stand for. */
import { z } from 'zod';
import { cosineRate } from '../../src/compute/cosine-rate.ts';
import { partLabel, partOption } from '../../src/pipeline/part.ts';
import { wordsOfText } from '../../src/speech/text.ts';
import { audioVariant, rendererVariant, variantLabel } from './variants.ts';
import type { AudioVariant, RendererVariant } from './variants.ts';

/**
 * `smoke` shows that the line works, `cpu` is meant to look right after a few minutes on two cores. `gpu` has the paper's sizes:
 * whole frames of 512 px, textures of 256²×16, the dilated renderer, Adam at 1e-4; the audio net takes the steps in which its
 * chunks of 60 frames make 50 epochs of the paper's 302,750 frames, the renderer those of 50 epochs over 2.5 minutes of one target.
 */
const presets = {
  smoke: {
    phone: { steps: 150, batch: 128 },
    audio: { steps: 150, batch: 6, checks: 2, rate: { highest: 1.5e-3 } },
    renderer: {
      sizePx: 96,
      texture: { columns: 64, rows: 36 },
      net: { architecture: 'strided', width: 8 },
      steps: 60,
      batch: 4,
      rate: { highest: 2e-3 },
    },
  },
  cpu: {
    phone: { steps: 2500, batch: 256 },
    audio: { steps: 1500, batch: 8, checks: 6, rate: { highest: 1.5e-3 } },
    renderer: {
      sizePx: 96,
      texture: { columns: 128, rows: 72 },
      net: { architecture: 'strided', width: 16 },
      steps: 2000,
      batch: 4,
      rate: { highest: 2e-3 },
    },
  },
  gpu: {
    phone: { steps: 2500, batch: 256 },
    audio: { steps: 15_768, batch: 16, checks: 50, rate: { highest: 1e-4, held: 0.4 } },
    renderer: {
      sizePx: 512,
      texture: { columns: 256, rows: 256 },
      net: { architecture: 'dilated', width: 32 },
      steps: 187_500,
      batch: 1,
      rate: { highest: 1e-4, held: 0.5 },
    },
  },
} as const satisfies Record<string, Settings>;

/** Learning rate of a training: along a cosine to 0, or held for a share of the steps and then falling in a straight line to 0. */
type Rate = { highest: number; held?: number };

/** Forms of the renderer's networks; `width`: feature maps of the outermost level. */
export type RendererNet = { architecture: 'strided' | 'dilated'; width: number };

/**
 * The form that is not the preset's, at a size that can be trained there too. A step of the dilated one (width 4, two windows of 96 px) takes
 * 0.23 s of processor time, one of the strided (width 16, four windows) 0.09.
 */
const otherForms = {
  smoke: { net: { architecture: 'dilated', width: 2 } },
  cpu: { net: { architecture: 'dilated', width: 4 }, steps: 1200, batch: 2 },
  gpu: { net: { architecture: 'strided', width: 64 } },
} as const satisfies Record<string, Partial<Settings['renderer']>>;

/** Steps and batches of the three trainings, how often validation looks at the audio net, and the renderer's window and texture. */
export type Settings = {
  phone: { steps: number; batch: number };
  audio: { steps: number; batch: number; checks: number; rate: Rate; variant?: AudioVariant };
  renderer: {
    sizePx: number;
    texture: { columns: number; rows: number };
    net: RendererNet;
    steps: number;
    batch: number;
    rate: Rate;
    variant?: RendererVariant;
  };
};

/** A text that the embedded voices can read. */
const text = z.string().superRefine((value, issues) => {
  try {
    wordsOfText(value);
  } catch (error) {
    issues.addIssue({ code: 'custom', message: (error as Error).message });
  }
});

export const puppetryOptions = z
  .strictObject({
    preset: z.enum(['smoke', 'cpu', 'gpu']).default('cpu'),
    /** What the puppets say, spoken by embedded voices; without it they say what other clips say. */
    driver: z.strictObject({ text }).optional(),
    audio: audioVariant,
    renderer: rendererVariant,
    /** How many of a target's clips of use `fit` are used, the first ones; all unless given. */
    fitClips: z.int().min(1).optional(),
    /** A part in time alone: there mouth and sound are another sentence's, elsewhere the target's own. */
    part: partOption,
  })
  .superRefine((chosen, issues) => {
    const { architecture } = settingsOf(chosen).renderer.net;
    const { dilations, downNorm } = chosen.renderer;
    const idle = (key: string, value: string): void =>
      issues.addIssue({
        code: 'custom',
        path: ['renderer', key],
        message: `${value} changes nothing in the ${architecture} form; choose the other with renderer.architecture`,
      });
    if (architecture === 'strided' && dilations !== 'paper') idle('dilations', dilations);
    if (architecture === 'dilated' && downNorm !== 'none') idle('downNorm', downNorm);
  });
export type PuppetryOptions = z.infer<typeof puppetryOptions>;

export function settingsOf({
  preset,
  audio,
  renderer,
}: Pick<PuppetryOptions, 'preset' | 'audio' | 'renderer'>): Settings {
  const chosen: Settings = presets[preset];
  const { architecture } = renderer;
  const other = architecture !== undefined && architecture !== chosen.renderer.net.architecture;
  return {
    phone: chosen.phone,
    audio: { ...chosen.audio, variant: audio },
    renderer: { ...chosen.renderer, ...(other ? otherForms[preset] : {}), variant: renderer },
  };
}

/** What stands in tables: `puppetry@cpu-96`, `puppetry@cpu-96-text`, `puppetry@cpu-96-filter-none-fitclips-2`. */
export function labelOf(options: PuppetryOptions): string {
  const { preset, audio, renderer, fitClips, driver, part } = options;
  const fit = fitClips === undefined ? '' : `-fitclips-${fitClips}`;
  const size = settingsOf(options).renderer.sizePx;
  return `puppetry@${preset}-${size}${variantLabel(audio, renderer)}${fit}${driver ? '-text' : ''}${partLabel(part)}`;
}

/** What the audio net hears. */
export const heardBy = ({ variant }: Settings['audio']): AudioVariant['input'] => variant?.input ?? 'phones';

/** The learning rate after `done` of `steps` steps. */
export function learningRate({ highest, held }: Rate, done: number, steps: number): number {
  if (held === undefined) return cosineRate(highest, done, steps);
  return highest * Math.min(1, (1 - done / steps) / (1 - held));
}
