import type { FrameSettings } from '../../src/frame-net/settings.ts';

/** `featureDropRate`: share of what the convolutions found that a step of training hides; 0.5 as published. */
type Preset = FrameSettings & { featureDropRate: number };

const small = { shown: 0.5, featureDropRate: 0, batch: 16, rate: 1e-3 };

/**
 * `cpu`: two minutes of training on one thread. It hides no features: with half of them hidden the loss of puppets as good as
 * these leaves ln 2 after some 600 steps, without after 200. `smoke`: seconds, to see that everything runs; it learns next to nothing.
 * `paper`: as published, whole frames of 256 px, batches of 75 (one more here, so that real and fake are as many), rates from 1e-3 to
 * 1e-6; never trained by us.
 */
export const presets = {
  smoke: { ...small, sizePx: 64, framesPerClip: 4, steps: 20, stepsPerCheck: 10, patience: 20 },
  cpu: { ...small, sizePx: 128, framesPerClip: 30, steps: 800, stepsPerCheck: 50, patience: 500 },
  paper: {
    sizePx: 256,
    shown: 1,
    framesPerClip: 60,
    featureDropRate: 0.5,
    batch: 76,
    rate: 1e-3,
    steps: 4000,
    stepsPerCheck: 100,
    patience: 2000,
    stepsPerDecay: 1000,
  },
} satisfies Record<string, Preset>;
