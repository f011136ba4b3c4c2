/** The options of `face-swap` and what its presets stand for. */
import { z } from 'zod';
import { partLabel, partOption } from '../../src/pipeline/part.ts';

/** A network and how it is trained. */
export type Settings = {
  net: SwapNet;
  /** Faces of a step: of each of `people` persons, `facesEach`. */
  batch: { people: number; facesEach: number };
  steps: number;
  /** Of Adam, falling along a cosine to 0. */
  rate: number;
  /** How far faces are turned, enlarged and shifted, as a share of the published ranges, and how often they are mirrored. */
  jitter: number;
  flip: number;
};

/**
 * `shared`: one network for any number of people, whose decoder has the kernels in common (`shared-net.ts`). `original`, `df`, `liae`: a
 * network per pair of people (`pair-nets.ts`). `sizePx`: side of the faces that go in and come out.
 */
export type SwapNet =
  | { form: 'shared'; sizePx: number; width: number; code: number }
  | { form: 'original'; sizePx: number; width: number; code: number }
  | {
      form: 'df' | 'liae';
      sizePx: number;
      encoder: number;
      code: number;
      inter: number;
      decoder: number;
      mask: number;
    };

/**
 * `smoke` shows that the line works, `cpu` is meant to look like faces after some four minutes of one thread. The others have the published
 * sizes: `original` that of the first deepfakes (faceswap), `df` and `liae` of DeepFaceLab's SAEHD at 128 px; they were never trained by
 * us, their steps are a guess. Like `cpu` they learn by SSIM and L1 with Adam of β₁ 0.5 along a cosine, where faceswap has SSIM, MSE and β₁
 * 0.9 at a constant rate, and SAEHD AdaBelief.
 */
const presets = {
  smoke: {
    net: { form: 'shared', sizePx: 64, width: 8, code: 64 },
    batch: { people: 2, facesEach: 4 },
    steps: 60,
    rate: 2e-3,
    jitter: 0,
    flip: 0,
  },
  cpu: {
    net: { form: 'shared', sizePx: 64, width: 16, code: 128 },
    batch: { people: 2, facesEach: 8 },
    steps: 1400,
    rate: 1.5e-3,
    jitter: 0,
    flip: 0,
  },
  original: {
    net: { form: 'original', sizePx: 64, width: 128, code: 1024 },
    batch: { people: 2, facesEach: 32 },
    steps: 100_000,
    rate: 5e-5,
    jitter: 1,
    flip: 0.5,
  },
  df: {
    net: { form: 'df', sizePx: 128, encoder: 64, code: 256, inter: 256, decoder: 64, mask: 22 },
    batch: { people: 2, facesEach: 8 },
    steps: 200_000,
    rate: 5e-5,
    jitter: 1,
    flip: 0.4,
  },
  liae: {
    net: { form: 'liae', sizePx: 128, encoder: 64, code: 256, inter: 512, decoder: 64, mask: 22 },
    batch: { people: 2, facesEach: 8 },
    steps: 200_000,
    rate: 5e-5,
    jitter: 1,
    flip: 0.4,
  },
} as const satisfies Record<string, Settings>;

export const faceSwapOptions = z.strictObject({
  preset: z.enum(['smoke', 'cpu', 'original', 'df', 'liae']).default('cpu'),
  /**
   * How the face is laid in: `feather` through a soft mask as it is; `poisson` with its border's colours led over to the frame's besides,
   * which smears where hair or shade lies on the border.
   */
  blend: z.enum(['feather', 'poisson']).default('feather'),
  /** What is exchanged: the face from the brows down, or the mouth alone. */
  region: z.enum(['face', 'mouth']).default('face'),
  /** When. */
  part: partOption,
});
export type FaceSwapOptions = z.infer<typeof faceSwapOptions>;

export const settingsOf = ({ preset }: Pick<FaceSwapOptions, 'preset'>): Settings => presets[preset];

/** What stands in tables: `face-swap@cpu-64`, `face-swap@cpu-64-mouth`, `face-swap@cpu-64-poisson-half`. */
export function labelOf(options: FaceSwapOptions): string {
  const { preset, blend, region, part } = options;
  const more = [blend === 'poisson' ? '-poisson' : '', region === 'mouth' ? '-mouth' : '', partLabel(part)];
  return `face-swap@${preset}-${settingsOf(options).net.sizePx}${more.join('')}`;
}
