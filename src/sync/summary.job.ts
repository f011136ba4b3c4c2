/** What `sync-own` says of many clips together, every figure with its interval over identities. */
import { resample, type ResamplingOptions, indexGroups, meanWithInterval } from '../metrics/resampling.ts';
import { defineJob } from '../pipeline/job.ts';
import { createRng } from '../random.ts';
import type { Driving, Measured } from '../types.ts';
import type { OwnMeasured } from './measure-own.job.ts';
import type { Sync } from './offsets.ts';

type Figures = Record<string, Measured>;
/** What `sync-own` says of a clip, or why it says nothing. */
export type OwnSync = OwnMeasured | { reason: string };
export type MeasuredReal = { person: string; measured: OwnSync };
/** One fake, under its own and under a foreign sound, and the real clip it was made of. */
export type MeasuredFake = { person: string; driving: Driving | null; fake: OwnSync; real: OwnSync };

/** Whether the measure notices that sound was moved: the share of moves found to within one frame, and exactly. */
export const summarizeReals = defineJob({
  name: 'sync-own-reals',
  module: import.meta.url,
  threads: 1,
  async run({ reals, seed }: { reals: MeasuredReal[]; seed: number }): Promise<Figures> {
    const known = reals.flatMap(({ person, measured }) =>
      'own' in measured ? [{ person, ...measured }] : [],
    );
    const people = known.map(({ person }) => person);
    const share = (most: number): number[] =>
      known.map(({ errors }) => errors.filter((error) => Math.abs(error) <= most).length / errors.length);
    const options = (): ResamplingOptions => ({ rng: createRng(seed, 'sync-own', 'reals') });
    return {
      'offsetFoundWithin1Frame/shifted by ±1 to ±5': meanWithInterval(share(1), people, options()),
      'offsetFoundExactly/shifted by ±1 to ±5': meanWithInterval(share(0), people, options()),
      'confidence/unshifted': meanWithInterval(
        known.map(({ own }) => own.confidence),
        people,
        options(),
      ),
      offsetFoundCoverage: coverage(known.length, reals.length),
    };
  },
});

/**
 * Figures of one generator: `syncOwnConfidence/…` and `syncOwnDistance/…` of fakes, of the real clips they were made of, and of the fakes
 * under another sound; `syncOwnShare/…` = (C_fake − C_shuffled) / (C_real − C_shuffled), 1 where the mouth follows as a real one does and
 * 0 where it follows as little as under a foreign sound, over all fakes and by who drives; `syncOwnCoverage`: the share of fakes for
 * which all three were measured.
 */
export const summarizeFakes = defineJob({
  name: 'sync-own-fakes',
  module: import.meta.url,
  threads: 1,
  async run({
    label,
    fakes,
    seed,
  }: {
    label: string;
    fakes: MeasuredFake[];
    seed: number;
  }): Promise<Figures> {
    const options = (): ResamplingOptions => ({ rng: createRng(seed, 'sync-own', label) });
    const known = fakes.flatMap((entry) => complete(entry) ?? []);
    const people = known.map(({ person }) => person);
    const figures: Figures = {};
    for (const kind of ['fake', 'real', 'shuffled'] as const) {
      const mean = (pick: (sync: Sync) => number): Measured =>
        known.length === 0
          ? { value: null, reason: reasonIn(fakes) }
          : meanWithInterval(
              known.map((entry) => pick(entry[kind])),
              people,
              options(),
            );
      figures[`syncOwnConfidence/${kind}`] = mean(({ confidence }) => confidence);
      figures[`syncOwnDistance/${kind}`] = mean(({ distance }) => distance);
    }
    figures['syncOwnCoverage'] = coverage(known.length, fakes.length);
    figures['syncOwnShare/all'] = shareOfReal(known, reasonIn(fakes), options());
    const ways = [...new Set(fakes.flatMap(({ driving }) => driving ?? []))];
    if (ways.length > 1)
      for (const way of ways.toSorted()) {
        const own = known.filter(({ driving }) => driving === way);
        figures[`syncOwnShare/${way}`] = shareOfReal(own, reasonIn(fakes), options());
      }
    return figures;
  },
});

/** The share of clips that the figures rest on. */
function coverage(known: number, all: number): Measured {
  return all > 0 ? { value: known / all } : { value: null, reason: 'there are no clips' };
}

type Complete = { person: string; driving: Driving | null } & Record<'fake' | 'real' | 'shuffled', Sync>;

function complete({ person, driving, fake, real }: MeasuredFake): Complete | undefined {
  return 'own' in fake && fake.foreign && 'own' in real
    ? { person, driving, fake: fake.own, real: real.own, shuffled: fake.foreign }
    : undefined;
}

function reasonIn(fakes: readonly MeasuredFake[]): string {
  if (fakes.length === 0) return 'there are no fakes';
  const reasons = fakes.flatMap(({ fake, real }) => [fake, real]);
  return (
    reasons.flatMap((measured) => ('reason' in measured ? [measured.reason] : []))[0] ??
    'there is no foreign sound'
  );
}

/** The ratio of means and its interval; real clips no better than foreign sound leave nothing to compare with. */
function shareOfReal(known: readonly Complete[], reason: string, options: ResamplingOptions): Measured {
  if (known.length === 0) return { value: null, reason };
  const { groupOf, groups } = indexGroups(known.map(({ person }) => person));
  const ratio = (drawn: ArrayLike<number>): number => {
    let [above, below] = [0, 0];
    known.forEach(({ fake, real, shuffled }, i) => {
      const weight = drawn[groupOf[i]!]!;
      above += weight * (fake.confidence - shuffled.confidence);
      below += weight * (real.confidence - shuffled.confidence);
    });
    return below > 0 ? above / below : Number.NaN;
  };
  const wanted = 'hold real clips that are told from foreign sound';
  const value = ratio(groups.map(() => 1));
  if (Number.isNaN(value))
    return { value: null, reason: 'sync-own is no more confident of real clips than of foreign sound' };
  const statistics = (drawn: Uint32Array): number[] | undefined => {
    const share = ratio(drawn);
    return Number.isNaN(share) ? undefined : [share];
  };
  return { value, ...resample(groups.length, statistics, options, wanted).interval(0) };
}
