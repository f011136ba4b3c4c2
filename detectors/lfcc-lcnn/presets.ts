/** How large the network is, what it hears and how it is trained. */
export type Preset = {
  /** Feature maps of the published network are divided by this. */
  narrower: number;
  /** Two recurrent layers behind the convolutions, as published; else the mean over time is taken at once. */
  recurrent: boolean;
  /** Rows of LFCC (10 ms each) that are judged at once; a multiple of 16. */
  rows: number;
  batch: number;
  steps: number;
  stepsPerCheck: number;
  patience: number;
  rate: number;
  /** After so many steps the rate is halved. */
  stepsPerHalving: number;
};

/**
 * `paper`: the published sizes, batch, rate and length (100 epochs of the 25,380 utterances of ASVspoof 2019 LA, halved every ten), of
 * which we made 1000 steps, on a GPU. `cpu`: a quarter of the feature maps and no recurrence, two minutes on one core. `smoke`: seconds, to see that everything runs.
 */
export const presets = {
  smoke: {
    narrower: 8,
    recurrent: false,
    rows: 32,
    batch: 8,
    steps: 10,
    stepsPerCheck: 5,
    patience: 10,
    rate: 1e-3,
    stepsPerHalving: 10,
  },
  cpu: {
    narrower: 4,
    recurrent: false,
    rows: 160,
    batch: 16,
    steps: 400,
    stepsPerCheck: 40,
    patience: 160,
    rate: 1e-3,
    stepsPerHalving: 150,
  },
  paper: {
    narrower: 1,
    recurrent: true,
    rows: 400,
    batch: 64,
    steps: 39_700,
    stepsPerCheck: 397,
    patience: 39_700,
    rate: 3e-4,
    stepsPerHalving: 3970,
  },
} satisfies Record<string, Preset>;
