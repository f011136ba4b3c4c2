export type Preset = { sizePx: number; framesPerClip: number; steps: number; stepsPerCheck: number };

/** `cpu`: about three minutes of training on one thread, because the loss of puppets as good as these leaves ln 2 only after some 800 steps. `smoke`: seconds, to see that everything runs; it learns next to nothing. */
export const presets = {
  smoke: { sizePx: 64, framesPerClip: 4, steps: 20, stepsPerCheck: 10 },
  cpu: { sizePx: 128, framesPerClip: 30, steps: 1600, stepsPerCheck: 100 },
} satisfies Record<string, Preset>;
