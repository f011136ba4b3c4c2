import type { FrameSettings } from '../../src/frame-net/settings.ts';
import type { Trunk } from './network.ts';

const small = { trunk: 'small', shown: 0.5, batch: 16, rate: 1e-3 } as const;

/**
 * `cpu`: the middle of a frame of 256 px as it is, because scaling wipes residuals out. `smoke`: seconds, to see that everything runs. `paper`: two
 * Xceptions on 256 px, batches of 32, by cross-entropy where the paper has a margin (AM-softmax); it starts them from ImageNet's
 * weights, which are not brought along, so it was never trained by us.
 */
export const presets = {
  smoke: { ...small, sizePx: 64, framesPerClip: 4, steps: 20, stepsPerCheck: 10, patience: 20 },
  cpu: { ...small, sizePx: 128, framesPerClip: 30, steps: 600, stepsPerCheck: 50, patience: 400 },
  paper: {
    trunk: 'xception',
    sizePx: 256,
    shown: 1,
    framesPerClip: 60,
    batch: 32,
    rate: 2e-4,
    steps: 20_000,
    stepsPerCheck: 500,
    patience: 4000,
  },
} satisfies Record<string, FrameSettings & { trunk: Trunk }>;
