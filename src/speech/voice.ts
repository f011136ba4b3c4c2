/** Who speaks: everything that sets one voice apart from another, and the room it is recorded in. Plain data. */
import type { Rng } from '../random.ts';

export type Voice = {
  /** Mean pitch, and how far accents rise above it, in semitones. */
  f0Hz: number;
  f0RangeSemitones: number;
  /** Formants relative to a grown man's, 0.82 to 1.18: the inverse of the vocal tract's length. */
  formantScale: number;
  /** Speaking rate, 1 = the durations of `phones.ts`. */
  rate: number;
  /** 0 = pressed, 1 = breathy: noise in the voice, and its spectral tilt. */
  breathiness: number;
  /** Share of a period in which the glottis is open. */
  openQuotient: number;
  /** Standard deviation from period to period, relative. */
  jitter: number;
  shimmer: number;
  room: Room;
  style: Style;
};

export type Room = {
  reverberationSeconds: number;
  reverberationDb: number;
  noiseDb: number;
  tapSeed: number;
};

/** How visibly a person speaks and moves. */
export type Style = {
  /** Size of the mouth's movements, 1 = as the targets say. */
  range: number;
  /** 0 = every target is reached, 1 = neighbouring phones blur into one another. */
  laziness: number;
  /** Size of head movements and how often the brows move. */
  liveliness: number;
  heartBeatsPerMinute: number;
};

export const formantScales = { low: 0.82, high: 1.18 } as const;

/**
 * A voice. Formant scale and pitch go together as they do among people (long vocal tracts with low voices), but loosely.
 * @param smallness 0 = the longest vocal tract and the lowest pitch, 1 = the shortest and highest; drawn when not given.
 */
export function createVoice(rng: Rng, smallness = rng.fork('smallness').uniform()): Voice {
  const formantScale = formantScales.low + (formantScales.high - formantScales.low) * smallness;
  return {
    f0Hz: 98 * 2 ** (1.15 * smallness + rng.normal(0, 0.1)),
    f0RangeSemitones: rng.uniform(2.5, 5.5),
    formantScale,
    rate: rng.uniform(1.05, 1.35),
    breathiness: rng.uniform(0.05, 0.8),
    openQuotient: rng.uniform(0.5, 0.7),
    jitter: rng.uniform(0.003, 0.012),
    shimmer: rng.uniform(0.01, 0.05),
    room: {
      reverberationSeconds: rng.uniform(0.12, 0.4),
      reverberationDb: rng.uniform(-24, -14),
      noiseDb: rng.uniform(-64, -50),
      tapSeed: rng.int(2 ** 31),
    },
    style: {
      range: rng.uniform(0.8, 1.15),
      laziness: rng.uniform(0, 0.8),
      liveliness: rng.uniform(0.6, 1.4),
      heartBeatsPerMinute: rng.uniform(55, 95),
    },
  };
}
