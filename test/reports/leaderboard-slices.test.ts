import { expect, test } from 'vitest';
import { measureSlices } from '../../src/metrics/slices.ts';
import { createRng } from '../../src/random.ts';
import type { ItemRow } from '../../src/records/item-table.ts';
import { buildLeaderboard } from '../../src/reports/leaderboard.ts';
import type { SliceRow } from '../../src/reports/leaderboard-slices.ts';
import { type MadeUpRun, madeUpRun } from './made-up-run.ts';
import { runsFolder } from './run-folders.ts';

const toneOf = (person: string) => (Number(person.slice(-2)) % 2 ? 'dark' : 'light');

/** Every clip with its person's skin tone; the record says what each detector does on each. */
function slicedRun(id: string): MadeUpRun & { items: ItemRow[] } {
  const { record, outcomes } = madeUpRun(id, 12);
  const people = new Map(outcomes.map((row) => [row.id, row.sources[0]!]));
  record.slices = record.results.flatMap(({ detector, generator }) => {
    const items = outcomes.flatMap((row) =>
      row.detector === detector && ['none', generator].includes(row.generator) && 'score' in row
        ? [
            {
              truth: row.label!,
              score: row.score,
              group: row.sources[0]!,
              attributes: { tone: toneOf(row.sources[0]!) },
            },
          ]
        : [],
    );
    const slices = measureSlices(items, () => ({ rng: createRng(1), replicates: 100 }));
    return slices.map((slice) => ({ detector, generator, ...slice }));
  });
  const items = [...people].map(([clip, person]) => ({ id: clip, attributes: { tone: toneOf(person) } }));
  return { record, outcomes, items };
}
const slicesIn = ({ json }: { json: string }): SliceRow[] =>
  (JSON.parse(json) as { slices: { synthetic: SliceRow[] } }).slices.synthetic;

test('every slice stands in the JSON, the worst of each ranked detector in the tables', async () => {
  const run = slicedRun('a');
  const board = await buildLeaderboard(await runsFolder(run));
  expect(board.skipped).toEqual([]);
  const slices = slicesIn(board);
  expect(slices).toHaveLength(20);
  for (const { detector, generator } of run.record.results) {
    const own = slices.filter((slice) => slice.detector === detector && slice.generator === generator);
    const values = own.map(({ auc }) => auc.value!);
    const least = Math.min(...values);
    // Where all are equal none is the worst.
    expect(own.filter(({ worst }) => worst)).toEqual(
      least === Math.max(...values)
        ? []
        : [expect.objectContaining({ auc: expect.objectContaining({ value: least }) })],
    );
  }
  const [, table] = board.markdown.split('### Worst slices');
  const lines = table!.split('\n').filter((line) => line.startsWith('| ') && !line.startsWith('| detector'));
  // One detector is right on all slices.
  expect(lines).toHaveLength(1);
  for (const line of lines) expect(line).toMatch(/\| tone: (dark|light) \| 0?1?\.\d{3} \| .+ \| 2 \| a \|$/);
  expect(lines.join()).not.toContain('random');
  expect(board.html.match(/data-label="Worst slice"/g)).toHaveLength(1);
});

test('a slice that the scores do not give is refused with what was expected and found', async () => {
  const run = slicedRun('a');
  const moved = run.record.slices.find(({ detector }) => detector === 'spectrum')!;
  const before = moved.auc.value;
  moved.auc = { value: 0.25 };
  const board = await buildLeaderboard(await runsFolder(run));
  expect(board.skipped).toEqual([
    {
      path: 'runs/a/record.json',
      reason: `spectrum against puppetry@cpu-96, tone dark: AUC 0.25 in the record, ${before} from the scores`,
    },
  ]);
  expect(slicesIn(board)).toHaveLength(19);
});

test('without attributes there is no such section', async () => {
  const board = await buildLeaderboard(await runsFolder(madeUpRun('a')));
  expect(board.markdown).not.toContain('Worst slices');
  expect(board.html).not.toContain('Worst slices');
});
