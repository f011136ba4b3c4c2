/** What was expected of a generator before the run, beside what came out, person by person. */
import { type ResamplingOptions, pairedDifference } from '../metrics/resampling.ts';
import type { Measured } from '../types.ts';
import type { Fakes } from './make-fakes.ts';

/** Of one entry: that its mean of a figure is higher or lower than that of the first entry of its name, and why. */
export type Hypothesis = { figure: string; expect: 'higher' | 'lower'; because: string };
export type Outcome = Hypothesis & {
  generator: string;
  against: string;
  /** This generator's figure less the other's, mean over the people judged in both. */
  difference: Measured;
  verdict: 'as expected' | 'contrary' | 'undecided';
};

/**
 * `entries` stand in the order of `fakes`. A difference whose interval holds 0, or that has none, decides nothing. Each is judged alone:
 * the more hypotheses, the more decide wrongly by chance, which the report says.
 */
export function judgeHypotheses(
  entries: readonly { hypothesis?: Hypothesis }[],
  fakes: readonly Fakes[],
  resampling: ResamplingOptions,
): Outcome[] {
  return entries.flatMap(({ hypothesis }, i) => {
    if (!hypothesis) return [];
    const own = fakes[i]!;
    const first = fakes.find(({ name }) => name === own.name)!;
    const difference = differenceOf(own, first, hypothesis.figure, resampling);
    const verdict = verdictOf(difference, hypothesis.expect);
    return [{ ...hypothesis, generator: own.label, against: first.label, difference, verdict }];
  });
}

function differenceOf(own: Fakes, first: Fakes, figure: string, resampling: ResamplingOptions): Measured {
  if (own === first) return { value: null, reason: 'it is itself the first of its name' };
  const [a, b] = [own, first].map(({ quality }) => quality?.byPerson?.[figure] ?? {});
  const people = Object.keys(a!).filter((person) => Object.hasOwn(b!, person));
  if (people.length === 0) return { value: null, reason: `nobody has the figure ${figure} in both` };
  const of = (values: Record<string, number>): number[] => people.map((person) => values[person]!);
  return pairedDifference(of(a!), of(b!), people, { ...resampling, rng: resampling.rng.fork('bootstrap') });
}

function verdictOf(difference: Measured, expect: Hypothesis['expect']): Outcome['verdict'] {
  if (difference.value === null || typeof difference.low !== 'number' || typeof difference.high !== 'number')
    return 'undecided';
  const found = difference.low > 0 ? 'higher' : difference.high < 0 ? 'lower' : undefined;
  if (found === undefined) return 'undecided';
  return found === expect ? 'as expected' : 'contrary';
}
