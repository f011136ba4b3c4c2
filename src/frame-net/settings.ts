/** How a network that judges single frames is shown them and trained. */
export type FrameSettings = {
  /** Side in pixels of the square it sees, and the share of the frame's width and height that lies in it, its middle. */
  sizePx: number;
  shown: number;
  /** Frames of a clip that are learned from, evenly spaced. */
  framesPerClip: number;
  /** Frames of a step, half of them real. */
  batch: number;
  steps: number;
  stepsPerCheck: number;
  /** So many steps without a gain on validation are enough, as where there is nothing to learn (a probe). */
  patience: number;
  /** Of Adam; after every `stepsPerDecay` steps it falls to a tenth, where that is given. */
  rate: number;
  stepsPerDecay?: number;
};
