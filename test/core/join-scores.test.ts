/** Scores of another tool in the leaderboard. */
import { mkdir, mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { measureFile } from '../../experiments/measure-scores.ts';
import { readRecord } from '../../src/records/record.ts';
import { buildLeaderboard } from '../../src/reports/leaderboard.ts';
import type { LeaderboardRow } from '../../src/reports/leaderboard-rows.ts';
import { createRng } from '../../src/random.ts';
import { leaveRun } from '../reports/run-folders.ts';
import { madeUpRun } from '../reports/made-up-run.ts';

let results: string;
let said: string;
beforeEach(async () => {
  results = await mkdtemp(join(tmpdir(), 'masque-join-'));
  said = '';
  vi.spyOn(process.stdout, 'write').mockImplementation((chunk) => {
    said += String(chunk);
    return true;
  });
  vi.spyOn(process.stderr, 'write').mockImplementation(() => true);
});
afterEach(() => void vi.restoreAllMocks());

const options = { dataset: 'ff++', kind: 'recorded', generator: 'deepfakes' } as const;
async function joined(text: string, name = 'tool', more: { key?: string } = {}): Promise<void> {
  await writeFile(join(results, 's.csv'), text);
  const key = more.key === undefined ? {} : { key: join(results, 'key.csv') };
  if (more.key !== undefined) await writeFile(join(results, 'key.csv'), more.key);
  const scores = join(results, 's.csv');
  await measureFile({ scores, ...key, llr: false, json: true, join: { ...options, name, results } });
}
const rows = async (): Promise<LeaderboardRow[]> => {
  const { json, skipped } = await buildLeaderboard(join(results, 'runs'));
  expect(skipped).toEqual([]);
  return (JSON.parse(json) as { tables: { recorded: LeaderboardRow[] } }).tables.recorded;
};

const scoresOf = (detectors: string[], strength: number): string => {
  const rng = createRng(1, 'import');
  const lines = detectors.flatMap((detector) =>
    Array.from({ length: 24 }, (_, i) => {
      const fake = i % 2;
      return `${detector},clip-${i},${fake ? 'fake' : 'real'},p${i >> 2},${rng.normal(strength * fake)}`;
    }),
  );
  return `detector,id,label,group,score\n${lines.join('\n')}\n`;
};

test('what measure prints stands in the leaderboard, marked, and its scores are verified', async () => {
  await joined(scoresOf(['one', 'two'], 2));
  const { detectors } = JSON.parse(said) as { detectors: { detector: string; auc: object; ap: object }[] };
  const board = await rows();
  expect(board.map(({ run }) => run)).toEqual(['imported-tool', 'imported-tool']);
  for (const { detector, auc, ap } of detectors) {
    const row = board.find((one) => one.detector === detector)!;
    expect(row).toMatchObject({ dataset: 'ff++', generator: 'deepfakes', imported: true, verified: true });
    expect(row.metrics).toMatchObject({ auc, ap });
    expect(row.rank).toMatchObject({ among: ['imported-tool'] });
  }
  const markdown = await readFile(join(results, 'leaderboard.md'), 'utf8');
  expect(markdown).toContain('| imported-tool, imported |');
  expect(markdown).toContain('Imported: the scores of imported-tool are another tool’s');
});

test('scores that are missing or no numbers are failed, and coverage says so', async () => {
  const key = 'id,label\na,real\nb,fake\nc,real\nd,fake\ne,fake\n';
  await joined('id,score\na,0\nb,1\nc,nan\nd,2\n', 'tool', { key });
  const [row] = await rows();
  expect(row).toMatchObject({
    detector: 'tool',
    counts: { real: 1, fake: 2, failed: 2, notApplicable: 0 },
    coverage: 0.6,
  });
  expect(await readFile(join(results, 'runs/imported-tool/outcomes.csv'), 'utf8')).toContain(
    ',E_SCORE_MISSING\n',
  );
});

test('the same name again replaces it; a run of ours, and names that are no folders, are refused', async () => {
  await joined(scoresOf(['one'], 2));
  await joined(scoresOf(['other'], 2));
  expect((await rows()).map(({ detector }) => detector)).toEqual(['other']);
  const own = madeUpRun('imported-ours');
  await mkdir(join(results, 'runs'), { recursive: true });
  await leaveRun(join(results, 'runs'), own);
  await expect(joined(scoresOf(['one'], 2), 'ours')).rejects.toThrow('a run of ours lies there');
  expect((await readRecord(join(results, 'runs/imported-ours/record.json'))).imported).toBeUndefined();
  for (const name of ['../x', '', 'a/b', '.hidden'])
    await expect(joined(scoresOf(['one'], 2), name)).rejects.toThrow('a name of letters');
});
