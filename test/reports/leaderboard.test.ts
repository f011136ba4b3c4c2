import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { parseCsv } from '../../src/records/csv.ts';
import { writeRecord } from '../../src/records/record.ts';
import { buildLeaderboard, type Leaderboard } from '../../src/reports/leaderboard.ts';
import { latex as latexOf } from '../../src/reports/leaderboard-latex.ts';
import type { LeaderboardRow } from '../../src/reports/leaderboard-rows.ts';
import type { ItemRow } from '../../src/records/item-table.ts';
import { type MadeUpRun, madeUpRecordings, madeUpRun, withCue, withDriving } from './made-up-run.ts';
import { runsFolder } from './run-folders.ts';

type Parsed = {
  tables: Record<'synthetic' | 'recorded', { detector: string; generator: string; run: string }[]>;
};

describe('two runs on rendered and one on recorded people', () => {
  let folder: string;
  let board: Leaderboard;
  beforeAll(async () => {
    folder = await runsFolder(madeUpRun('a'), madeUpRun('b', 12), madeUpRecordings('c'));
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
    const run = madeUpRun('d');
    const split = await buildLeaderboard(await runsFolder({ ...run, record: withDriving(run.record) }));
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
    const elsewhere = await runsFolder(madeUpRecordings('c'), madeUpRun('b', 12), madeUpRun('a'));
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
  const { record, outcomes } = madeUpRun('x');
  const hostile = '<img src=x onerror=alert(1)>|"&\n`[a](javascript:b)';
  const renamed = (name: string) => (name === 'spectrum' ? hostile : name);
  record.results = record.results.map((result) => ({
    ...result,
    detector: renamed(result.detector),
    trainedOn: hostile,
  }));
  const judged = outcomes.map((row) => ({ ...row, detector: renamed(row.detector) }));
  const { html, markdown, csv, skipped } = await buildLeaderboard(
    await runsFolder({ record, outcomes: judged }),
  );
  expect(skipped).toEqual([]);
  expect(html).not.toContain('<img');
  expect(markdown).not.toMatch(/(^|[^\\])<img|(^|[^\\])\]\(/);
  const rows = markdown.split('\n').filter((line) => line.startsWith('| '));
  for (const row of rows) expect(row.match(/(?<!\\)\|/g)).toHaveLength(18);
  expect(parseCsv(csv, 'x').map(({ fields }) => fields[3])).toContain(hostile);
});

type Row = LeaderboardRow & Record<string, unknown>;
const rowsIn = ({ json }: Leaderboard): Row[] =>
  (JSON.parse(json) as { tables: { synthetic: Row[] } }).tables.synthetic;

describe('numbers that the scores do not give', () => {
  test('a row that says otherwise is refused with what was expected and found, and its neighbours stand', async () => {
    const run = madeUpRun('a');
    const [moved] = run.record.results;
    const before = moved!.metrics.auc.value!;
    moved!.metrics.auc = { value: 0.9 };
    const board = await buildLeaderboard(await runsFolder(run));
    expect(board.skipped).toEqual([
      {
        path: 'runs/a/record.json',
        reason: `random against puppetry@cpu-96: AUC 0.9 in the record, ${before} from the scores`,
      },
    ]);
    expect(rowsIn(board)).toHaveLength(9);
    expect(board.markdown).toContain('## Not shown');
  });

  test('an interval that does not hold its value is refused', async () => {
    const run = madeUpRun('a');
    const [row] = run.record.results;
    Object.assign(row!.metrics.auc, { low: 0.99, high: 1 });
    const board = await buildLeaderboard(await runsFolder(run));
    expect(board.skipped).toMatchObject([
      { reason: expect.stringContaining('the interval of AUC in the record does not hold its value') },
    ]);
  });

  test('a run whose scores are missing or were changed is refused as a whole', async () => {
    const folder = await runsFolder(madeUpRun('a'), madeUpRun('b'), madeUpRun('c'));
    await rm(join(folder, 'a', 'outcomes.csv'));
    const path = join(folder, 'b', 'outcomes.csv');
    await writeFile(path, (await readFile(path, 'utf8')).replace(/0\.5/, '0.6'));
    const board = await buildLeaderboard(folder);
    expect(board.skipped).toEqual([
      { path: 'runs/a/record.json', reason: expect.stringContaining('outcomes.csv is missing') },
      { path: 'runs/b/record.json', reason: expect.stringContaining('outcomes.csv was changed') },
    ]);
    expect(new Set(rowsIn(board).map(({ run }) => run))).toEqual(new Set(['c']));
  });

  test('an older record, without a hash, is shown and marked', async () => {
    const run = madeUpRun('a');
    const folder = await runsFolder(run);
    await writeRecord(join(folder, 'a'), run.record);
    const board = await buildLeaderboard(folder);
    expect(rowsIn(board).map(({ verified }) => verified)).toEqual(Array(10).fill(false));
    for (const text of [board.markdown, board.html, board.latex])
      expect(text).toContain('scores not verified');
    expect(rowsIn(await buildLeaderboard(await runsFolder(run))).every(({ verified }) => verified)).toBe(
      true,
    );
  });
});

describe('ranks', () => {
  const items = ({ outcomes }: MadeUpRun, content = (id: string) => `hash of ${id}`): ItemRow[] =>
    [...new Set(outcomes.map(({ id }) => id))].map((id) => ({ id, sha256: content(id), attributes: {} }));
  const rankOf = (board: Leaderboard, detector: string, run = 'a') =>
    rowsIn(board).find(
      (row) => row.detector === detector && row.run === run && row.generator === 'puppetry@cpu-96',
    )!.rank;

  test('detectors are ranked, controls and constructed cues are not, and say why', async () => {
    const run = madeUpRun('a', 40);
    const board = await buildLeaderboard(await runsFolder(run));
    expect(rankOf(board, 'meso-inception@cpu-128')).toEqual({ value: 1, among: ['a'] });
    expect(rankOf(board, 'spectrum')).toEqual({ value: 2, among: ['a'] });
    expect(rankOf(board, 'random')).toEqual({ value: null, reason: 'a control' });
    const cue = withCue(run.record, 'spectrum');
    const cues = await buildLeaderboard(await runsFolder({ ...run, record: cue }));
    expect(rankOf(cues, 'spectrum')).toEqual({ value: null, reason: 'a constructed cue' });
  });

  test('runs are ranked together where their items are equal by content, else apart, with the reason', async () => {
    const [a, b] = [madeUpRun('a', 40), madeUpRun('b', 40)];
    const together = await buildLeaderboard(
      await runsFolder({ ...a, items: items(a) }, { ...b, items: items(b) }),
    );
    expect(rankOf(together, 'spectrum', 'b')).toEqual({ value: 3, among: ['a', 'b'] });
    expect(together.markdown).not.toContain('ranked apart');
    const others = await buildLeaderboard(
      await runsFolder({ ...a, items: items(a) }, { ...b, items: items(b, (id) => `other ${id}`) }),
    );
    expect(rankOf(others, 'spectrum', 'b')).toEqual({ value: 2, among: ['b'] });
    expect(others.markdown).toContain('ranked apart: a, b (their test items differ in id, content or truth)');
    const silent = await buildLeaderboard(await runsFolder({ ...a, items: items(a) }, b));
    expect(silent.markdown).toContain('ranked apart: a, b (b does not say what the items hash to)');
  });

  test('perturbed rows stand in CSV and JSON alone, unranked', async () => {
    const { record, outcomes } = madeUpRun('a');
    const perturbed = { perturbation: 'blur', level: 3 };
    record.results.push(...record.results.map((result) => ({ ...result, ...perturbed })));
    const rows = [...outcomes, ...outcomes.map((row) => ({ ...row, ...perturbed }))];
    const board = await buildLeaderboard(await runsFolder({ record, outcomes: rows }));
    expect(board.skipped).toEqual([]);
    expect(rowsIn(board).filter(({ perturbation }) => perturbation === 'blur')).toHaveLength(10);
    expect(parseCsv(board.csv, 'x')).toHaveLength(21);
    for (const text of [board.markdown, board.html, board.latex]) {
      expect(text).toContain('Perturbed clips (10 rows) stand in leaderboard.csv');
      expect(text).not.toContain('blur');
    }
  });
});

describe('LaTeX', () => {
  test('a table of booktabs for each generator, its cells as many as its columns', async () => {
    const { latex } = await buildLeaderboard(await runsFolder(madeUpRun('a_b')));
    expect(latex.match(/\\begin\{tabular\}\{rlrcrcrrrl\}/g)).toHaveLength(2);
    const lines = latex.split('\n').filter((line) => line.endsWith('\\\\'));
    expect(lines).toHaveLength(12);
    for (const line of lines) expect(line.match(/(?<!\\)&/g)).toHaveLength(9);
    expect(latex).toContain('a\\_b');
  });

  test('a name cannot run a command, end a cell or begin a comment', () => {
    expect(latexOf('\\input{/etc/passwd}% & # $x_1^2$ ~ \n "')).toBe(
      '\\textbackslash{}input\\{/etc/passwd\\}\\% \\& \\# \\$x\\_1\\textasciicircum{}2\\$ \\textasciitilde{} \\char34{}',
    );
  });
});
