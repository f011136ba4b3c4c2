import { type Net, publishedNet, smallNet } from './network.ts';

/** `frames`: of a window that is judged at once. `read`: learning to read visemes; `judge`: learning what is fake. */
export type Preset = {
  net: Net;
  frames: number;
  read: Steps & { windows: number };
  judge: Steps & { windows: number };
};
/** `windows` of a step; `rate`: the highest, of Adam. */
type Steps = { steps: number; stepsPerCheck: number; rate: number };

/** `cpu`: a minute on one thread. `smoke`: seconds, to see that everything runs. `paper`: the published layers; never trained by us. */
export const presets = {
  smoke: {
    net: smallNet,
    frames: 16,
    read: { windows: 8, steps: 20, stepsPerCheck: 10, rate: 2e-3 },
    judge: { windows: 16, steps: 40, stepsPerCheck: 20, rate: 1e-3 },
  },
  cpu: {
    net: smallNet,
    frames: 25,
    read: { windows: 8, steps: 600, stepsPerCheck: 50, rate: 2e-3 },
    judge: { windows: 16, steps: 600, stepsPerCheck: 50, rate: 1e-3 },
  },
  paper: {
    net: publishedNet,
    frames: 25,
    read: { windows: 8, steps: 20_000, stepsPerCheck: 500, rate: 2e-4 },
    judge: { windows: 32, steps: 20_000, stepsPerCheck: 500, rate: 2e-4 },
  },
} satisfies Record<string, Preset>;
