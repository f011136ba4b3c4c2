/** Constructed cues find what was put there on purpose: they stand apart in every view of a record. */
import { rm } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { parseCsv } from '../../src/records/csv.ts';
import { buildLeaderboard, type Leaderboard } from '../../src/reports/leaderboard.ts';
import { buildReport } from '../../src/reports/report.ts';
import { type MadeUpRun, madeUpRun, withCue } from './made-up-run.ts';
import { runsFolder } from './run-folders.ts';

async function boardOf(run: MadeUpRun): Promise<Leaderboard> {
  const folder = await runsFolder(run);
  const board = await buildLeaderboard(folder);
  await rm(folder, { recursive: true });
  return board;
}

test('constructed cues stand in a table of their own behind all others, by name', async () => {
  const best = 'meso-inception@cpu-128';
  const { record, outcomes } = madeUpRun('a');
  const board = await boardOf({ record: withCue(record, best), outcomes });
  const [ranked, cues] = board.markdown.split('### Constructed cues, not ranked');
  expect(ranked).not.toMatch(/^\| [–\d]+ \| meso-inception/m);
  expect(cues!.match(/^\| – \| meso-inception@cpu-128 /gm)).toHaveLength(2);
  expect(cues).not.toContain('| spectrum');
  expect(ranked).toContain(`Constructed cues (${best}) find what we put into the clips ourselves`);
  const { tables } = JSON.parse(board.json) as { tables: Record<'synthetic', { constructed: boolean }[]> };
  expect(tables.synthetic.map((row) => row.constructed)).toEqual(
    Array.from({ length: 10 }, (_, i) => i % 5 === 4),
  );
  expect(board.html.match(/<table/g)).toHaveLength(2);
  expect(board.html.match(/<span class="tag">constructed cue<\/span>/g)).toHaveLength(2);
  const [header, ...rows] = parseCsv(board.csv, 'leaderboard.csv').map(({ fields }) => fields);
  const at = (name: string) => header!.indexOf(name);
  for (const row of rows) expect(row[at('constructed')]).toBe(String(row[at('detector')] === best));
});

test('a constructed cue stands apart, with its reason, and is in no curve', () => {
  const { record, outcomes } = madeUpRun();
  const plain = buildReport(record, outcomes, { strips: [] });
  const html = buildReport(withCue(record, 'spectrum'), outcomes, { strips: [] });
  const section = (text: string, id: string): string =>
    text.split(`<section id="${id}"`)[1]?.split('</section>')[0] ?? '';
  expect(section(plain, 'cues')).toBe('');
  expect(section(plain, 'results')).toContain('spectrum');
  for (const id of ['results', 'curves']) expect(section(html, id)).not.toContain('spectrum');
  expect(section(html, 'cues')).toContain('<b>spectrum</b>: we painted it');
  expect(section(html, 'cues').match(/<span class="tag">constructed cue<\/span>/g)).toHaveLength(2);
});
