/** What detectors share that learn to tell real from fake by example: pairs to learn from, what training hides, and how wrong they are. */
import { groupBy } from '../group.ts';
import type { Rng } from '../random.ts';
import type { Truth } from '../types.ts';

/** Who is seen in it, and `moment`: the same for a fake and what it was made of, known where a face track is. */
export type Known = { person: string; moment?: string };

/** The lessons of a truth that one of the other may be paired with (`counterpartsIn`). */
export type Counterparts<Lesson> = (one: Lesson, truth: Truth) => Lesson[];

/**
 * Of the same moment where there are both, so that a step sees what was changed and little else; else of the same person; else any. In
 * a batch the truths take turns in choosing, so that also people with lessons of one kind alone are seen.
 */
export function counterpartsIn<Lesson extends Known>(lessons: Record<Truth, Lesson[]>): Counterparts<Lesson> {
  const index = (some: Lesson[]) => ({
    byMoment: groupBy(some, ({ moment = '' }) => moment),
    byPerson: groupBy(some, ({ person }) => person),
  });
  const indices = { real: index(lessons.real), fake: index(lessons.fake) };
  return ({ person, moment }, truth) => {
    const { byMoment, byPerson } = indices[truth];
    const then = moment === undefined ? undefined : byMoment.get(moment);
    return then ?? byPerson.get(person) ?? lessons[truth];
  };
}

/** Multipliers of `count` values, of which a share `rate` is hidden: 0, or so much that the mean stays. */
export function dropMask(count: number, rate: number, rng: Rng): Float32Array {
  const values = new Float32Array(count);
  for (let i = 0; i < count; i++) values[i] = rng.uniform() < rate ? 0 : 1 / (1 - rate);
  return values;
}

/** Mean squared error of the probabilities that the logits stand for, the two truths weighing the same. */
export function probabilityError(logits: Record<Truth, readonly number[]>): number {
  const errorOf = (truth: Truth, probability: 0 | 1): number =>
    logits[truth].reduce((sum, logit) => sum + (1 / (1 + Math.exp(-logit)) - probability) ** 2, 0) /
    logits[truth].length;
  return (errorOf('real', 0) + errorOf('fake', 1)) / 2;
}
