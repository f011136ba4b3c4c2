/** What grouping frames into videos by the last name of their folder does (DeepfakeBench), beside what `measure` does. */
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { auc } from '../../src/metrics/detection.ts';
import { rankScores } from '../../src/metrics/ranking.ts';
import { joinScores } from '../../src/score-files/join.ts';
import { meansOver } from '../../src/score-files/levels.ts';
import { readScores, type ScoreRow } from '../../src/score-files/read.ts';

/** Frames by `path.split('/')[-2]`, the mean of the scores, the mean of the labels cut to a whole number. */
function deepfakebenchVideoAuc(rows: ScoreRow[]): { videos: number; auc: number } {
  const videos = new Map<string, { scores: number[]; labels: number[] }>();
  for (const { id, score, truth } of rows) {
    const name = id.split('/').at(-2)!;
    const own = videos.get(name) ?? { scores: [], labels: [] };
    own.scores.push(score);
    own.labels.push(truth === 'fake' ? 1 : 0);
    videos.set(name, own);
  }
  const mean = (values: number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
  const own = [...videos.values()];
  const ranking = rankScores(
    own.map(({ scores }) => mean(scores)),
    own.map(({ labels }) => Math.trunc(mean(labels))),
  );
  return { videos: own.length, auc: auc(ranking).value! };
}

test('two manipulations of one name: by folder names 8 videos and an AUC of 1, by clips 12 and 0.71875', async () => {
  const { rows } = await readScores(join(import.meta.dirname, '../golden/scores/folder-names.json'));
  expect(deepfakebenchVideoAuc(rows)).toEqual({ videos: 8, auc: 1 });
  const { items } = meansOver(joinScores(rows, undefined, 'fake')[0]!, 'clip')!;
  expect(items).toHaveLength(12);
  const ranking = rankScores(
    items.map(({ score }) => score),
    items.map(({ truth }) => truth === 'fake'),
  );
  expect(auc(ranking).value).toBe(0.71875);
});
