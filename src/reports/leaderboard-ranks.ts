/**
 * Ranks of the leaderboard: within what judged the very same clean clips of one generator. Runs are ranked together only where their test items are equal by id,
 * content and truth; a run that does not say what its items hash to is ranked alone.
 */
import { createHash } from 'node:crypto';
import { groupBy } from '../group.ts';
import { peopleToRank, rankJudges } from '../metrics/ranks.ts';
import { personOf } from '../pairs.ts';
import { createRng } from '../random.ts';
import type { RunScores } from '../records/run-scores.ts';
import { compareText, listed, plural } from './format.ts';
import { type LeaderboardRow, type Rank, scoredItems, type Shown } from './leaderboard-rows.ts';

/** Halves per test: the error of a standard error from so many is 3 %. `masque compare` draws 2000. */
const replicates = 500;
const seed = 0;
/** How the reason begins where people are too few. */
const fewPeople = 'too few people: ';

type Candidate = Shown & { scores: NonNullable<Shown['scores']>; items: RunScores['items'] };

/** The rows with their ranks, in the order given. `itemsOf`: of a run, by its id. */
export function rankRows(
  shown: readonly Shown[],
  itemsOf: (run: string) => RunScores['items'],
): LeaderboardRow[] {
  const ranks = new Map<LeaderboardRow, Rank>();
  const candidates: Candidate[] = [];
  for (const { row, scores } of shown) {
    const reason = whyUnranked(row, scores);
    if (reason !== undefined) ranks.set(row, { value: null, reason });
    else candidates.push({ row, scores: scores!, items: itemsOf(row.run) });
  }
  const groups = groupBy(candidates, ({ row, ...rest }) =>
    JSON.stringify([row.data, row.dataset, row.generator, itemsKey({ row, ...rest })]),
  );
  for (const group of groups.values()) {
    // In an order of their own, so that ranks depend on no order of runs.
    const sorted = group.toSorted(
      (a, b) => compareText(a.row.detector, b.row.detector) || compareText(a.row.run, b.row.run),
    );
    const among = [...new Set(sorted.map(({ row }) => row.run))].toSorted(compareText);
    const people = new Set(sorted[0]!.scores.map(personOf)).size;
    const needed = peopleToRank(sorted.length);
    if (people < needed) {
      const reason = `${fewPeople}${plural(sorted.length, 'detector')} on ${people} people, and a paired test could tell them apart from ${needed} on`;
      for (const { row } of sorted) ranks.set(row, { value: null, reason });
      continue;
    }
    const judges = sorted.map(({ row, scores }) => ({
      auc: row.metrics.auc.value!,
      items: scoredItems(scores),
    }));
    const { generator } = sorted[0]!.row;
    const values = rankJudges(judges, () => ({ rng: createRng(seed, 'ranks', generator), replicates }));
    sorted.forEach(({ row }, i) => ranks.set(row, { value: values[i]!, among }));
  }
  return shown.map(({ row }) => ({ ...row, rank: ranks.get(row)! }));
}

function whyUnranked(row: LeaderboardRow, scores: Shown['scores']): string | undefined {
  if (row.control) return 'a control';
  if (row.constructed) return 'a constructed cue';
  if (row.controlGenerator) return 'fakes of a control';
  if (row.perturbation !== 'none') return 'ranks are of clean clips';
  if (row.driving !== null) return 'a part of the fakes';
  if (row.variantOf !== null) return 'taught by some of the makers, to compare with';
  if (row.metrics.auc.value === null) return row.metrics.auc.reason;
  return scores ? undefined : 'its scores are not there';
}

/** Equal where the items are: ids, contents and truths. Of a run that does not say what its items hash to, its own id. */
function itemsKey({ row, scores, items }: Candidate): string {
  const lines = scores.map(({ id, label = '' }) => JSON.stringify([id, items?.get(id)?.sha256 ?? '', label]));
  const known = scores.every((one) => !('score' in one) || items?.get(one.id)?.sha256);
  const hash = createHash('sha256').update(lines.toSorted().join('\n')).digest('hex');
  return known ? hash : `${row.run} ${hash}`;
}

/** Sentences about detectors that could not be ranked, and runs on one data set that could not be ranked together, and why. */
export function rankedApart(
  rows: readonly LeaderboardRow[],
  itemsOf: (run: string) => RunScores['items'],
): string[] {
  const few = rows.filter(({ rank }) => rank.value === null && rank.reason.startsWith(fewPeople));
  const reasonIn = ({ rank }: LeaderboardRow): string => (rank.value === null ? rank.reason : '');
  const unranked = [...groupBy(few, reasonIn)].map(
    ([reason, own]) =>
      `${listed([...new Set(own.map(({ generator }) => generator))])}: not ranked: ${reason}`,
  );
  const ranked = rows.filter(({ rank }) => rank.value !== null);
  const sides = groupBy(ranked, ({ dataset, generator }) => JSON.stringify([dataset, generator]));
  const apart = [...sides.values()].flatMap((side) => {
    const sets = groupBy(side, ({ rank }) => JSON.stringify(rank.value === null ? [] : rank.among));
    if (sets.size < 2) return [];
    const runs = [...sets.keys()].map((key) => (JSON.parse(key) as string[]).join(' + '));
    const silent = [...new Set(side.map(({ run }) => run))].filter((run) => !hashesItems(itemsOf(run)));
    const why = [
      runs.filter((run) => !silent.includes(run)).length > 1
        ? 'their test items differ in id, content or truth'
        : '',
      silent.length > 0
        ? `${listed(silent)} ${silent.length > 1 ? 'do' : 'does'} not say what the items hash to`
        : '',
    ].filter(Boolean);
    return [`${side[0]!.generator}: ranked apart: ${runs.join(', ')} (${why.join('; ')})`];
  });
  return [...unranked, ...apart];
}

const hashesItems = (items: RunScores['items']): boolean =>
  items !== undefined && [...items.values()].some(({ sha256 }) => sha256 !== undefined);
