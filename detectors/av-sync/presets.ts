export type Preset = { steps: number; stepsPerCheck: number };

/** `cpu`: half a minute on one thread; the loss of rendered people's speech has flattened by then. `smoke`: seconds. */
export const presets = {
  smoke: { steps: 60, stepsPerCheck: 20 },
  cpu: { steps: 300, stepsPerCheck: 50 },
} satisfies Record<string, Preset>;
