/**
 * The leaderboard: a view of `results/runs/<id>/record.json` and of nothing else; equal records give equal bytes.
 * Controls stand first; constructed cues stand apart and are not ranked. Rendered and recorded people never stand in one table. What cannot be read is named.
 */
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { eerMethod } from '../metrics/detection.ts';
import { formatCsv } from '../records/csv.ts';
import { readRecord, type RunRecord, type RunResult } from '../records/record.ts';
import type { Measured } from '../types.ts';
import {
  compareText,
  formatInterval,
  formatLessons,
  formatPercent,
  formatValue,
  intervalOf,
  reasonOf,
} from './format.ts';
import { type Html, html, toText } from './html.ts';
import { page } from './page.ts';
import { byDriving, resultsTable } from './results-table.ts';

type LeaderboardRow = RunResult & {
  run: string;
  dataset: string;
  data: 'synthetic' | 'recorded';
  control: boolean;
  controlGenerator: boolean;
  constructed: boolean;
};
type Skipped = { path: string; reason: string };
export type Leaderboard = { markdown: string; csv: string; json: string; html: string; skipped: Skipped[] };

const titles = { synthetic: 'Rendered people', recorded: 'Recorded people' } as const;
const kinds = ['synthetic', 'recorded'] as const;

/** The leaderboard of all runs under `runsFolder`. Folders without a readable record of their own name are listed in `skipped`. */
export async function buildLeaderboard(runsFolder: string): Promise<Leaderboard> {
  const { records, skipped } = await readRecords(runsFolder);
  const all = records.flatMap(rowsOf);
  const whole = all.filter((row) => row.driving === null).toSorted(inOrder);
  const rows = whole.flatMap((row) => [row, ...partsOf(row, all)]);
  const tables = {
    synthetic: rows.filter((row) => row.data === 'synthetic'),
    recorded: rows.filter((row) => row.data === 'recorded'),
  };
  return {
    markdown: toMarkdown(tables, skipped),
    csv: toCsv([...tables.synthetic, ...tables.recorded]),
    json: `${JSON.stringify({ schemaVersion: 1, tables, skipped }, null, 2)}\n`,
    html: toText(toHtml(tables, skipped)),
    skipped,
  };
}

async function readRecords(runsFolder: string): Promise<{ records: RunRecord[]; skipped: Skipped[] }> {
  const entries = await readdir(runsFolder, { withFileTypes: true }).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw error;
  });
  const records: RunRecord[] = [];
  const skipped: Skipped[] = [];
  const names = entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name);
  for (const name of names.toSorted(compareText)) {
    const path = `runs/${name}/record.json`;
    try {
      const record = await readRecord(join(runsFolder, name, 'record.json'));
      if (record.id === name) records.push(record);
      else skipped.push({ path, reason: `it is the record of run "${record.id}", not of this folder` });
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      skipped.push({ path, reason: message.replaceAll(`${join(runsFolder, name, 'record.json')}: `, '') });
    }
  }
  return { records, skipped };
}

function rowsOf(record: RunRecord): LeaderboardRow[] {
  const controls = new Set(
    record.detectors.filter((detector) => detector.control).map((detector) => detector.label),
  );
  const cues = new Set(
    record.detectors.filter((detector) => detector.constructed).map((detector) => detector.label),
  );
  const controlGenerators = new Set(
    record.generators.filter((generator) => generator.control).map((generator) => generator.label),
  );
  return record.results.map((result) => ({
    run: record.id,
    dataset: record.data.dataset,
    data: record.data.kind,
    control: controls.has(result.detector),
    controlGenerator: controlGenerators.has(result.generator),
    constructed: cues.has(result.detector),
    ...result,
  }));
}

/** The rows of a result's fakes by how they were driven. */
function partsOf(row: LeaderboardRow, all: readonly LeaderboardRow[]): LeaderboardRow[] {
  const keys = ['run', 'detector', 'generator', 'perturbation', 'level'] as const;
  return all
    .filter((part) => part.driving !== null && keys.every((key) => part[key] === row[key]))
    .toSorted(byDriving);
}

/** By data set and perturbation; controls first, by name; then the highest AUC; constructed cues last, by name; then by name, so that no two rows are level. */
function inOrder(a: LeaderboardRow, b: LeaderboardRow): number {
  return (
    compareText(a.dataset, b.dataset) ||
    compareText(a.perturbation, b.perturbation) ||
    a.level - b.level ||
    Number(b.controlGenerator) - Number(a.controlGenerator) ||
    compareText(a.generator, b.generator) ||
    Number(b.control) - Number(a.control) ||
    Number(a.constructed) - Number(b.constructed) ||
    (a.control || a.constructed ? 0 : (b.metrics.auc.value ?? -1) - (a.metrics.auc.value ?? -1)) ||
    compareText(a.detector, b.detector) ||
    compareText(a.run, b.run)
  );
}

type Tables = Record<'synthetic' | 'recorded', LeaderboardRow[]>;

const explanation = (tables: Tables): string =>
  'Score high = fake. AUC 0.5 is chance. Intervals are 95 % intervals over source identities. ' +
  `EER is not one number: its method stands beside it (${eerMethod}: equal scores grouped, straight lines on the full ROC).` +
  controls([...tables.synthetic, ...tables.recorded]);

/** What the controls and constructed cues among the rows are there for, by their names. */
function controls(rows: readonly LeaderboardRow[]): string {
  const names = (pick: (row: LeaderboardRow) => string | false): string =>
    [...new Set(rows.flatMap((row) => pick(row) || []))].toSorted(compareText).join(', ');
  const detectors = names((row) => row.control && row.detector);
  const generators = names((row) => row.controlGenerator && row.generator);
  const cues = names((row) => row.constructed && row.detector);
  return [
    detectors && ` Controls stand first: what they (${detectors}) find is no property of the fakes.`,
    generators &&
      ` Control generators (${generators}) show the trace of the path that every fake takes: their frames are true.`,
    cues &&
      ` Constructed cues (${cues}) find what we put into the clips ourselves; they stand apart and are not ranked.`,
  ].join('');
}

const cuesTitle = 'Constructed cues, not ranked';

/** What is ranked, and the constructed cues; a part without rows is left out. */
function parts(rows: LeaderboardRow[]): { cues: boolean; rows: LeaderboardRow[] }[] {
  return [false, true]
    .map((cues) => ({ cues, rows: rows.filter((row) => row.constructed === cues) }))
    .filter((part) => part.rows.length > 0);
}

function toMarkdown(tables: Tables, skipped: Skipped[]): string {
  const sections = kinds.flatMap((kind) => [
    `## ${titles[kind]}`,
    ...(tables[kind].length === 0 ? ['No runs.'] : []),
    ...parts(tables[kind]).flatMap(({ cues, rows }) => [
      ...(cues ? [`### ${cuesTitle}`] : []),
      markdownTable(rows),
    ]),
  ]);
  const notes = skipped.map(({ path, reason }) => `- ${markdown(path)}: ${markdown(reason)}`);
  const tail = notes.length > 0 ? ['## Not shown', notes.join('\n')] : [];
  return `${['# Leaderboard', markdown(explanation(tables)), ...sections, ...tail].join('\n\n')}\n`;
}

const columns = [
  'detector',
  'generator',
  'perturbation',
  'driving',
  'AUC',
  '95 %',
  'EER',
  '95 %',
  'EER method',
  'AP',
  'real / fake',
  'failed',
  'n/a',
  'coverage',
  'trained on',
  'data set',
  'run',
];

function markdownTable(rows: LeaderboardRow[]): string {
  const lines = rows.map((row) => {
    const { auc, eer, ap } = row.metrics;
    const cells = [
      `${row.detector}${row.control ? ' (control)' : ''}`,
      `${row.generator}${row.controlGenerator ? ' (control)' : ''}`,
      row.perturbation === 'none' ? 'none' : `${row.perturbation} ${row.level}`,
      row.driving ?? 'all',
      auc.value === null ? `– (${auc.reason})` : formatValue(auc),
      intervalOf(auc) || auc.value === null ? formatInterval(auc) : `– (${reasonOf(auc) ?? 'no interval'})`,
      formatValue(eer),
      formatInterval(eer),
      eer.method,
      formatValue(ap),
      `${row.counts.real} / ${row.counts.fake}`,
      String(row.counts.failed),
      String(row.counts.notApplicable),
      formatPercent(row.coverage),
      row.trainedOn === null ? '–' : formatLessons(row.trainedOn),
      row.dataset,
      row.run,
    ];
    return `| ${cells.map(markdown).join(' | ')} |`;
  });
  return [`| ${columns.join(' | ')} |`, `|${columns.map(() => '---').join('|')}|`, ...lines].join('\n');
}

/** Text that means nothing to Markdown and stays in its table cell. */
function markdown(text: string): string {
  return text
    .replace(/[\r\n]+/g, ' ')
    .replace(/[\\`*_[\]|~#]/g, '\\$&')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;');
}

function toCsv(rows: LeaderboardRow[]): string {
  const header =
    'data,dataset,run,detector,control,constructed,generator,controlGenerator,perturbation,level,driving,trainedOn,auc,aucLow,aucHigh,eer,eerLow,eerHigh,eerMethod,ap,apLow,apHigh,real,fake,failed,notApplicable,coverage,reason';
  const lines = rows.map((row) => {
    const { auc, eer, ap } = row.metrics;
    const names = [
      row.data,
      row.dataset,
      row.run,
      row.detector,
      String(row.control),
      String(row.constructed),
      row.generator,
      String(row.controlGenerator),
    ];
    const { real, fake, failed, notApplicable } = row.counts;
    const figures = [
      ...triple(auc),
      ...triple(eer),
      eer.method,
      ...triple(ap),
      real,
      fake,
      failed,
      notApplicable,
      row.coverage ?? '',
    ];
    return [
      ...names,
      row.perturbation,
      row.level,
      row.driving ?? 'all',
      row.trainedOn ?? '',
      ...figures,
      reasonOf(auc) ?? '',
    ].map(String);
  });
  return formatCsv([header.split(','), ...lines]);
}

function triple(measured: Measured): (number | '')[] {
  const interval = intervalOf(measured);
  return [measured.value ?? '', interval?.low ?? '', interval?.high ?? ''];
}

function toHtml(tables: Tables, skipped: Skipped[]): Html {
  const sections = kinds.map((kind) => {
    const rows = tables[kind];
    const datasets = [...new Set(rows.map((row) => row.dataset))];
    return html`<section><h2>${titles[kind]}</h2>
${rows.length === 0 ? html`<p class="muted">No runs.</p>` : undefined}
${datasets.flatMap((dataset) =>
  parts(rows.filter((row) => row.dataset === dataset)).map((part) =>
    resultsTable(`${part.cues ? `${cuesTitle}: ` : ''}${titles[kind]}, data set ${dataset}`, part.rows),
  ),
)}</section>`;
  });
  const notShown = html`<section><h2>Not shown</h2>
<ul>${skipped.map(({ path, reason }) => html`<li><code>${path}</code>: ${reason}</li>`)}</ul></section>`;
  return page(
    'Leaderboard',
    html`<header><h1>Leaderboard</h1><p class="lead">${explanation(tables)}</p></header>
${sections}
${skipped.length > 0 ? notShown : undefined}`,
  );
}
