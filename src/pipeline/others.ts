/** What a detector that asks others is told. */
import { type Failure, isNotApplicable } from './items.ts';

export type Said = { score: number } | { failure: Failure };

/** Their scores, null of one that the clip is no question for; or why one failed, or why it is no question for any. */
export function answersOf(
  asked: readonly { label: string; said: Said }[],
): (number | null)[] | { failure: Failure } {
  const failures = asked.flatMap(({ label, said }) =>
    'failure' in said ? [{ label, failure: said.failure }] : [],
  );
  const broken = failures.find(({ failure }) => !isNotApplicable(failure));
  const silent = broken ?? (failures.length === asked.length ? failures[0] : undefined);
  if (!silent) return asked.map(({ said }) => ('score' in said ? said.score : null));
  const { code, cause } = silent.failure;
  return { failure: { code, cause: `${silent.label} gives no score: ${cause}` } };
}
