/**
 * The leaderboard: a view of the run folders and of nothing else; equal folders give equal bytes. Every number is computed again from `outcomes.csv`, and a row whose
 * record says otherwise is not shown. Controls stand first; constructed cues stand apart; neither is ranked. Rendered and recorded people never stand in one table.
 */
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { readRecord, type RunRecord } from '../records/record.ts';
import { readRunScores, type RunScores } from '../records/run-scores.ts';
import { compareText } from './format.ts';
import { toText } from './html.ts';
import { toCsv } from './leaderboard-csv.ts';
import { toLatex } from './leaderboard-latex.ts';
import { toMarkdown } from './leaderboard-markdown.ts';
import { toHtml } from './leaderboard-page.ts';
import { rankedApart, rankRows } from './leaderboard-ranks.ts';
import { inOrder, type LeaderboardRow, rowsOf, type Shown, type Skipped } from './leaderboard-rows.ts';
import { seedRows } from './leaderboard-seeds.ts';
import { type SliceRow, sliceRowsOf, worstSlices } from './leaderboard-slices.ts';
import type { Board } from './leaderboard-text.ts';

export type Leaderboard = Record<'markdown' | 'csv' | 'json' | 'html' | 'latex', string> & {
  skipped: Skipped[];
};

/** The leaderboard of all runs under `runsFolder`. Runs and rows that cannot be shown are listed in `skipped`, each with its reason. */
export async function buildLeaderboard(runsFolder: string): Promise<Leaderboard> {
  const skipped: Skipped[] = [];
  const items = new Map<string, RunScores['items']>();
  const shown: Shown[] = [];
  const slices: SliceRow[] = [];
  const records: RunRecord[] = [];
  for (const name of await namesIn(runsFolder)) {
    const read = await readRun(runsFolder, name);
    if ('reason' in read) {
      skipped.push(read);
      continue;
    }
    const { record, scores } = read;
    records.push(record);
    items.set(record.id, scores.items);
    const rows = rowsOf(record, scores);
    const sliced = sliceRowsOf(record, scores);
    shown.push(...rows.shown);
    slices.push(...sliced.slices);
    skipped.push(...rows.skipped, ...sliced.skipped);
  }
  const itemsOf = (run: string): RunScores['items'] => items.get(run);
  const rows = inOrder(rankRows(shown, itemsOf));
  const tableOf = (data: LeaderboardRow['data']): Board['synthetic'] => {
    const own = rows.filter((row) => row.data === data);
    return {
      rows: own,
      rankedApart: rankedApart(own, itemsOf),
      worst: worstSlices(own, slices),
      seeds: seedRows(own, records),
    };
  };
  const board: Board = { synthetic: tableOf('synthetic'), recorded: tableOf('recorded'), skipped };
  const tables = { synthetic: board.synthetic.rows, recorded: board.recorded.rows };
  const seeds = { synthetic: board.synthetic.seeds, recorded: board.recorded.seeds };
  const slicesOf = (data: LeaderboardRow['data']): SliceRow[] =>
    slices.filter((slice) => slice.data === data);
  const slicesBy = { synthetic: slicesOf('synthetic'), recorded: slicesOf('recorded') };
  return {
    markdown: toMarkdown(board),
    csv: toCsv(rows),
    json: `${JSON.stringify({ schemaVersion: 1, tables, seeds, slices: slicesBy, skipped }, null, 2)}\n`,
    html: toText(toHtml(board)),
    latex: toLatex(board),
    skipped,
  };
}

async function namesIn(runsFolder: string): Promise<string[]> {
  const entries = await readdir(runsFolder, { withFileTypes: true }).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw error;
  });
  const names = entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name);
  return names.toSorted(compareText);
}

async function readRun(
  runsFolder: string,
  name: string,
): Promise<{ record: RunRecord; scores: RunScores } | Skipped> {
  const folder = join(runsFolder, name);
  const path = `runs/${name}/record.json`;
  try {
    const record = await readRecord(join(folder, 'record.json'));
    if (record.id !== name)
      return { path, reason: `it is the record of run "${record.id}", not of this folder` };
    return { record, scores: await readRunScores(folder, record) };
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    return { path, reason: message.replaceAll(`${join(folder, 'record.json')}: `, '') };
  }
}
