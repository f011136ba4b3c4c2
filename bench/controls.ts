/**
 * Do the controls stay at chance? For 20 seeds of detector and bootstrap, with the run's split kept: how many 95 % intervals
 * hold 0.5, and the mean AUC. `random` draws new scores per seed; `metadata` has no randomness of its own, so that the
 * scores of the run are resampled anew.
 *   npx tsx bench/controls.ts results/runs/<id>
 */
import { join } from 'node:path';
import { measureScores, type ScoredItem } from '../src/metrics/detection.ts';
import { createRng } from '../src/random.ts';
import { parseOutcomes, type OutcomeRow } from '../src/records/outcomes.ts';
import { readFile } from 'node:fs/promises';

const seeds = Array.from({ length: 20 }, (_, i) => i + 1);
const [folder] = process.argv.slice(2);
if (!folder) throw new Error('usage: npx tsx bench/controls.ts results/runs/<id>');

const path = join(folder, 'outcomes.csv');
const rows = parseOutcomes(await readFile(path, 'utf8'), path);
const generators = [...new Set(rows.map((row) => row.generator))].filter((name) => name !== 'none');

for (const detector of ['random', 'metadata']) {
  for (const generator of generators) {
    const own = rows.filter(
      (row) => row.detector === detector && ['none', generator].includes(row.generator),
    );
    const found = seeds.map(
      (seed) =>
        measureScores(items(own, detector, seed), {
          rng: createRng(seed, 'controls', generator),
          replicates: 2000,
        }).auc,
    );
    const holding = found.filter(
      (auc) =>
        'low' in auc && auc.low !== null && auc.low !== undefined && auc.low <= 0.5 && auc.high! >= 0.5,
    ).length;
    const mean = found.reduce((sum, auc) => sum + (auc.value ?? Number.NaN), 0) / seeds.length;
    process.stdout.write(
      `${detector.padEnd(10)} ${generator.padEnd(20)} ${holding} of ${seeds.length} intervals hold 0.5, mean AUC ${mean.toFixed(3)}\n`,
    );
  }
}

function items(own: OutcomeRow[], detector: string, seed: number): ScoredItem[] {
  return own.flatMap((row) => {
    if (!('score' in row) || !row.label) return [];
    const score = detector === 'random' ? createRng(seed, 'random', row.id).uniform() : row.score;
    return [{ truth: row.label, score, group: row.sources[0]! }];
  });
}
