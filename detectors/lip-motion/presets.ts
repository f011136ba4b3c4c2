import { type Net, publishedNet, smallNet } from './network.ts';

/** `frames`: of a window that is judged at once. `read`: learning to read visemes; `judge`: learning what is fake. */
export type Preset = {
  net: Net;
  frames: number;
  read: Steps;
  judge: Steps;
};
/** `windows` of a step; `patience` as `trainLoop`; `rate`: the highest, of Adam. */
type Steps = { windows: number; steps: number; stepsPerCheck: number; patience: number; rate: number };

/**
 * `cpu`: less than a minute on one thread; with few people to learn from, the lips of others are read best after some 150 steps. `smoke`:
 * seconds, to see that everything runs. `paper`: the published layers; never trained by us.
 */
export const presets = {
  smoke: {
    net: smallNet,
    frames: 16,
    read: { windows: 8, steps: 20, stepsPerCheck: 10, patience: 20, rate: 2e-3 },
    judge: { windows: 16, steps: 40, stepsPerCheck: 20, patience: 40, rate: 1e-3 },
  },
  cpu: {
    net: smallNet,
    frames: 25,
    read: { windows: 8, steps: 400, stepsPerCheck: 50, patience: 150, rate: 2e-3 },
    judge: { windows: 16, steps: 400, stepsPerCheck: 50, patience: 200, rate: 1e-3 },
  },
  paper: {
    net: publishedNet,
    frames: 25,
    read: { windows: 8, steps: 20_000, stepsPerCheck: 500, patience: 4000, rate: 2e-4 },
    judge: { windows: 32, steps: 20_000, stepsPerCheck: 500, patience: 4000, rate: 2e-4 },
  },
} satisfies Record<string, Preset>;
