import type { FrameSettings } from '../../src/frame-net/settings.ts';

const small = { shown: 0.5, batch: 16, rate: 1e-3 };

/** `cpu`: the middle of a frame of 256 px as it is, because scaling wipes residuals out. `smoke`: seconds, to see that everything runs. */
export const presets = {
  smoke: { ...small, sizePx: 64, framesPerClip: 4, steps: 20, stepsPerCheck: 10, patience: 20 },
  cpu: { ...small, sizePx: 128, framesPerClip: 30, steps: 600, stepsPerCheck: 50, patience: 400 },
} satisfies Record<string, FrameSettings>;
