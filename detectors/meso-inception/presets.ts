export type Preset = { sizePx: number; framesPerClip: number; steps: number; stepsPerCheck: number };

/** `cpu`: about a minute of training on one thread. `smoke`: seconds, to see that everything runs; it learns next to nothing. */
export const presets = {
  smoke: { sizePx: 64, framesPerClip: 4, steps: 20, stepsPerCheck: 10 },
  cpu: { sizePx: 128, framesPerClip: 30, steps: 500, stepsPerCheck: 50 },
} satisfies Record<string, Preset>;

/** Frames per run of the exported network. */
export const scoringBatch = 8;
