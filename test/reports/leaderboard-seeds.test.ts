import { expect, test } from 'vitest';
import { buildLeaderboard } from '../../src/reports/leaderboard.ts';
import type { SeedRow } from '../../src/reports/leaderboard-seeds.ts';
import { type MadeUpRun, madeUpRun } from './made-up-run.ts';
import { runsFolder } from './run-folders.ts';

/** The made-up run of this name, whose scores follow from it, as one whose networks were trained with `seed`. */
function trainedWith(id: string, seed: number | undefined, more: Record<string, unknown> = {}): MadeUpRun {
  const { record, outcomes } = madeUpRun(id);
  const config = { ...record.config, ...more, ...(seed === undefined ? {} : { trainingSeed: seed }) };
  return { record: { ...record, config }, outcomes };
}
const seedsIn = ({ json }: { json: string }): SeedRow[] =>
  (JSON.parse(json) as { seeds: { synthetic: SeedRow[] } }).seeds.synthetic;
const aucOf = ({ record }: MadeUpRun, detector: string): number =>
  record.results.find((row) => row.detector === detector && row.generator === 'recomposite')!.metrics.auc
    .value!;

test('runs that differ in the seed of their trainings alone are summed up: mean, deviation of a sample, lowest, highest', async () => {
  const runs = [trainedWith('a', undefined), trainedWith('b', 2), trainedWith('c', 3)];
  const board = await buildLeaderboard(await runsFolder(...runs, trainedWith('d', 4, { name: 'another' })));
  const found = seedsIn(board).find((row) => row.detector === 'spectrum' && row.generator === 'recomposite')!;
  const values = runs.map((run) => aucOf(run, 'spectrum'));
  const mean = (values[0]! + values[1]! + values[2]!) / 3;
  expect(found.seeds).toEqual([runs[0]!.record.seed, 2, 3].toSorted((a, b) => a - b));
  expect(found.runs.toSorted()).toEqual(['a', 'b', 'c']);
  expect(found.auc.mean).toBeCloseTo(mean, 12);
  expect(found.auc.deviation).toBeCloseTo(
    Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / 2),
    12,
  );
  expect([found.auc.low, found.auc.high]).toEqual([Math.min(...values), Math.max(...values)]);
  expect(seedsIn(board).some(({ runs: own }) => own.includes('d'))).toBe(false);
  for (const view of [board.markdown, board.html]) expect(view).toContain('Between seeds');
});

test('runs of other code are another experiment', async () => {
  const [a, b] = [trainedWith('a', 1), trainedWith('b', 2)];
  b.record.code.commit = 'f'.repeat(40);
  expect(seedsIn(await buildLeaderboard(await runsFolder(a, b)))).toEqual([]);
});

test('of one seed, nothing is said', async () => {
  const board = await buildLeaderboard(await runsFolder(trainedWith('a', 5)));
  expect(seedsIn(board)).toEqual([]);
  expect(board.markdown).not.toContain('Between seeds');
});

test('who was taught by some of the makers is listed in the data, and in no table', async () => {
  const { record, outcomes } = madeUpRun('a');
  const [spectrum] = record.detectors.filter(({ label }) => label === 'spectrum');
  const label = 'spectrum←a';
  record.detectors.push({ ...spectrum!, label, variantOf: 'spectrum' });
  record.results.push(
    ...record.results
      .filter(({ detector }) => detector === 'spectrum')
      .map((row) => ({ ...row, detector: label })),
  );
  outcomes.push(
    ...outcomes.filter(({ detector }) => detector === 'spectrum').map((row) => ({ ...row, detector: label })),
  );
  const board = await buildLeaderboard(await runsFolder({ record, outcomes }));
  expect(board.skipped).toEqual([]);
  expect(board.csv).toContain(label);
  expect(board.markdown).not.toContain(label);
  expect(board.markdown).toContain('taught by some of the makers');
});
