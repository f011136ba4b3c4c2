import { type Follower, smallFollower } from './network.ts';

/** `frames`: of a window that is judged at once. `read`: learning to read visemes; `judge`: learning what is fake. */
export type Preset = {
  frames: number;
  follower: Follower;
  read: Steps;
  judge: Steps;
};
type Steps = { steps: number; stepsPerCheck: number; rate: number };

/** `cpu`: a minute on one thread. `smoke`: seconds, to see that everything runs. */
export const presets = {
  smoke: {
    frames: 16,
    follower: smallFollower,
    read: { steps: 20, stepsPerCheck: 10, rate: 2e-3 },
    judge: { steps: 40, stepsPerCheck: 20, rate: 1e-3 },
  },
  cpu: {
    frames: 25,
    follower: smallFollower,
    read: { steps: 600, stepsPerCheck: 50, rate: 2e-3 },
    judge: { steps: 600, stepsPerCheck: 50, rate: 1e-3 },
  },
} satisfies Record<string, Preset>;
