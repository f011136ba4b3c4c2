/** What the seed of the trainings alone changes: the same experiment on the same people, its networks trained once with each seed. */
import { groupBy } from '../group.ts';
import { type RunRecord, trainingSeedOf } from '../records/record.ts';
import { compareText } from './format.ts';
import type { LeaderboardRow } from './leaderboard-rows.ts';

export type SeedRow = {
  data: 'synthetic' | 'recorded';
  dataset: string;
  /** The experiment's. */
  name: string;
  detector: string;
  generator: string;
  control: boolean;
  seeds: number[];
  runs: string[];
  /** Of the AUC over the seeds; `deviation` is that of a sample (n − 1). */
  auc: { mean: number; deviation: number; low: number; high: number };
};

export const seedsTitle = 'Between seeds';
export const seedsNote =
  'The same people, and the networks of generators and detectors trained once with each seed: mean AUC over the seeds, standard deviation, lowest and highest. An interval of a single run says nothing of this.';

/** Rows of clean clips, all fakes of a generator together, that runs with at least two training seeds have in common. */
export function seedRows(rows: readonly LeaderboardRow[], records: readonly RunRecord[]): SeedRow[] {
  const recordOf = new Map(records.map((record) => [record.id, record]));
  const known = rows.filter(
    (row) =>
      row.perturbation === 'none' &&
      row.driving === null &&
      row.variantOf === null &&
      row.metrics.auc.value !== null &&
      recordOf.has(row.run),
  );
  const groups = groupBy(known, (row) =>
    JSON.stringify([row.data, experimentOf(recordOf.get(row.run)!), row.detector, row.generator]),
  );
  return [...groups.values()]
    .flatMap((group) => {
      const bySeed = new Map(group.map((row) => [trainingSeedOf(recordOf.get(row.run)!), row]));
      const seeds = [...bySeed.keys()].toSorted((a, b) => a - b);
      if (seeds.length < 2) return [];
      const own = seeds.map((seed) => bySeed.get(seed)!);
      const { data, dataset, run, detector, generator, control } = own[0]!;
      const name = String(recordOf.get(run)!.config['name']);
      const auc = spreadOf(own.map(({ metrics }) => metrics.auc.value!));
      return [
        { data, dataset, name, detector, generator, control, seeds, runs: own.map((row) => row.run), auc },
      ];
    })
    .toSorted(inOrder);
}

/** All that an experiment is but for the seed of its trainings, and by what code on what it was computed. */
function experimentOf({ config, code }: RunRecord): string {
  const { trainingSeed: _, ...rest } = config;
  const { commit, dirty, backend } = code;
  return JSON.stringify([rest, commit, dirty, backend.name, backend.device]);
}

function spreadOf(values: readonly number[]): SeedRow['auc'] {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  const deviation = Math.sqrt(squares / (values.length - 1));
  return { mean, deviation, low: Math.min(...values), high: Math.max(...values) };
}

function inOrder(a: SeedRow, b: SeedRow): number {
  return (
    compareText(a.dataset, b.dataset) ||
    compareText(a.name, b.name) ||
    compareText(a.generator, b.generator) ||
    Number(b.control) - Number(a.control) ||
    b.auc.mean - a.auc.mean ||
    compareText(a.detector, b.detector) ||
    compareText(a.runs.join(), b.runs.join())
  );
}
