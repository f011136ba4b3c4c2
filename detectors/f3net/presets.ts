import type { FrameSettings } from '../../src/frame-net/settings.ts';
import type { Form } from './network.ts';

type Preset = FrameSettings & Pick<Form, 'trunk'>;

const small = { trunk: 'small', shown: 0.5, batch: 16, rate: 1e-3 } as const;

/**
 * `cpu`: the middle of a frame of 256 px as it is, because scaling moves frequencies. `smoke`: seconds, to see that everything runs. `paper`:
 * Xceptions on 299 px, batches of 12; the papers start them from ImageNet's weights, which are not brought along, so it was
 * never trained by us.
 */
export const presets = {
  smoke: { ...small, sizePx: 32, framesPerClip: 4, steps: 20, stepsPerCheck: 10, patience: 20 },
  cpu: { ...small, sizePx: 128, framesPerClip: 30, steps: 500, stepsPerCheck: 50, patience: 400 },
  paper: {
    trunk: 'xception',
    sizePx: 299,
    shown: 1,
    framesPerClip: 60,
    batch: 12,
    rate: 2e-4,
    steps: 20_000,
    stepsPerCheck: 500,
    patience: 4000,
  },
} satisfies Record<string, Preset>;
