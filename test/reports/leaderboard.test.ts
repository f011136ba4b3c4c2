import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { parseCsv } from '../../src/records/csv.ts';
import { type RunRecord, writeRecord } from '../../src/records/record.ts';
import { buildLeaderboard, type Leaderboard } from '../../src/reports/leaderboard.ts';
import { madeUpRecordings, madeUpRun, withDriving } from './made-up-run.ts';

async function runsFolder(...records: RunRecord[]): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'masque-runs-'));
  for (const record of records) {
    await mkdir(join(folder, record.id));
    await writeRecord(join(folder, record.id), record);
  }
  return folder;
}

type Parsed = {
  tables: Record<'synthetic' | 'recorded', { detector: string; generator: string; run: string }[]>;
};

describe('two runs on rendered and one on recorded people', () => {
  let folder: string;
  let board: Leaderboard;
  beforeAll(async () => {
    folder = await runsFolder(madeUpRun('a').record, madeUpRun('b', 12).record, madeUpRecordings('c').record);
    board = await buildLeaderboard(folder);
  });

  test('controls stand first, then the highest AUC', () => {
    const { tables } = JSON.parse(board.json) as Parsed;
    const names = tables.synthetic.map((row) => `${row.detector} ${row.generator} ${row.run}`);
    expect(names.slice(0, 2)).toEqual([
      'background-only@cpu-64 recomposite a',
      'background-only@cpu-64 recomposite b',
    ]);
    expect(names.slice(10, 12)).toEqual([
      'background-only@cpu-64 puppetry@cpu-96 a',
      'background-only@cpu-64 puppetry@cpu-96 b',
    ]);
    expect(names.at(-1)).toMatch(/^spectrum puppetry@cpu-96/);
  });

  test('controls are named as they stand in the rows', () => {
    for (const text of [board.markdown, board.html]) {
      expect(text).toContain('what they (background-only@cpu-64, metadata, random) find');
      expect(text).toContain('Control generators (recomposite) show');
    }
  });

  test('rendered and recorded people stand in different tables', () => {
    const { tables } = JSON.parse(board.json) as Parsed;
    expect(new Set(tables.synthetic.map((row) => row.run))).toEqual(new Set(['a', 'b']));
    expect(new Set(tables.recorded.map((row) => row.run))).toEqual(new Set(['c']));
    const [rendered, recorded] = board.markdown.split('## Recorded people');
    expect(rendered).not.toContain('| c |');
    expect(recorded).not.toContain('| a |');
    expect(recorded).toContain('– (AUC needs both classes, got 8 real and 0 fake)');
  });

  test('every row carries interval, counts, coverage, method and run', () => {
    const row = board.markdown
      .split('\n')
      .find((line) => line.includes('spectrum') && line.includes('| a |'));
    expect(row).toMatch(
      /\| 0\.\d{3} \| 0\.\d{3}–0\.\d{3} \| 0\.\d{3} \| 0\.\d{3}–0\.\d{3} \| interpolated-roc \| 0\.\d{3} \| 31 \/ 31 \| 2 \| 0 \| 96\.9 % \|/,
    );
    const [header, ...rows] = parseCsv(board.csv, 'leaderboard.csv');
    expect(header?.fields).toHaveLength(rows[0]!.fields.length);
    expect(rows).toHaveLength(25);
    for (const { fields } of rows) expect(fields).toHaveLength(header!.fields.length);
  });

  test('how fakes were driven stands below the row of all of them', async () => {
    const split = await buildLeaderboard(await runsFolder(withDriving(madeUpRun('d').record)));
    const rows = parseCsv(split.csv, 'leaderboard.csv').map(({ fields }) => fields);
    const column = rows[0]!.indexOf('driving');
    expect(rows.slice(1).map((fields) => fields[column])).toEqual([
      ...Array(5).fill('all'),
      ...Array.from({ length: 5 }, () => ['all', 'same-person', 'other-person']).flat(),
    ]);
    expect(split.html.match(/driven by the same person/g)).toHaveLength(5);
    expect(split.markdown).toContain('| same-person |');
  });

  test('same records, same bytes, wherever they lie', async () => {
    const elsewhere = await runsFolder(
      madeUpRecordings('c').record,
      madeUpRun('b', 12).record,
      madeUpRun('a').record,
    );
    expect(await buildLeaderboard(elsewhere)).toEqual(board);
  });

  test('damaged, foreign and missing records are named and the others shown', async () => {
    await mkdir(join(folder, 'damaged'));
    await writeFile(join(folder, 'damaged', 'record.json'), '{"schemaVersion":1');
    await mkdir(join(folder, 'later'));
    await writeFile(join(folder, 'later', 'record.json'), '{"schemaVersion":2}');
    await mkdir(join(folder, 'copied'));
    await writeRecord(join(folder, 'copied'), madeUpRun('a').record);
    await mkdir(join(folder, 'unfinished'));
    const { skipped, markdown, html, json } = await buildLeaderboard(folder);
    expect(skipped).toEqual([
      { path: 'runs/copied/record.json', reason: expect.stringContaining('record of run "a"') },
      { path: 'runs/damaged/record.json', reason: expect.stringContaining('damaged, not JSON') },
      { path: 'runs/later/record.json', reason: expect.stringContaining('not a record of version 1') },
      { path: 'runs/unfinished/record.json', reason: expect.stringContaining('was not finished') },
    ]);
    for (const { path } of skipped)
      for (const view of [markdown, html, json]) expect(view).toContain(path.replaceAll('_', '\\_'));
    expect(JSON.stringify(skipped)).not.toContain(folder);
    expect((JSON.parse(json) as Parsed).tables.synthetic).toHaveLength(20);
  });
});

test('no runs yet', async () => {
  const folder = await runsFolder();
  await rm(folder, { recursive: true });
  const board = await buildLeaderboard(folder);
  expect(board.markdown).toContain('No runs.');
  expect(parseCsv(board.csv, 'x')).toHaveLength(1);
});

test('names cannot break out of a table', async () => {
  const { record } = madeUpRun('x');
  const hostile = '<img src=x onerror=alert(1)>|"&\n`[a](javascript:b)';
  record.results = record.results.map((result) => ({ ...result, detector: hostile, trainedOn: hostile }));
  const { html, markdown, csv } = await buildLeaderboard(await runsFolder(record));
  expect(html).not.toContain('<img');
  expect(markdown).not.toMatch(/(^|[^\\])<img|(^|[^\\])\]\(/);
  const rows = markdown.split('\n').filter((line) => line.startsWith('| '));
  for (const row of rows) expect(row.match(/(?<!\\)\|/g)).toHaveLength(18);
  expect(parseCsv(csv, 'x')[1]?.fields[3]).toBe(hostile);
});
