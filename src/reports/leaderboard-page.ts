/** The leaderboard as a page. */
import { groupBy } from '../group.ts';
import { formatInterval, formatValue } from './format.ts';
import { type Html, html } from './html.ts';
import type { LeaderboardRow } from './leaderboard-rows.ts';
import { type SeedRow, seedsNote, seedsTitle } from './leaderboard-seeds.ts';
import type { WorstSlice } from './leaderboard-slices.ts';
import {
  type Board,
  cuesTitle,
  explanation,
  kinds,
  marksOf,
  parts,
  slicesNote,
  slicesTitle,
  titles,
} from './leaderboard-text.ts';
import { page } from './page.ts';
import { resultsTable, type TableRow } from './results-table.ts';
import { sortTables } from './sort-tables.ts';

/** The leaderboard as one HTML file. Where scripts run, the rows of each generator can be sorted by any column. */
export function toHtml(board: Board): Html {
  const notShown = html`<section><h2>Not shown</h2>
<ul>${board.skipped.map(({ path, reason }) => html`<li><code>${path}</code>: ${reason}</li>`)}</ul></section>`;
  return page(
    'Leaderboard',
    html`<header><h1>Leaderboard</h1><p class="lead">${explanation(board)}</p></header>
${kinds.map((kind) => kindSection(titles[kind], board[kind]))}
${board.skipped.length > 0 ? notShown : undefined}`,
    { script: sortTables },
  );
}

function kindSection(title: string, { rows, rankedApart, worst, seeds }: Board['synthetic']): Html {
  const datasets = [...new Set(rows.map(({ dataset }) => dataset))];
  const tables = datasets.flatMap((dataset) =>
    parts(rows.filter((row) => row.dataset === dataset)).map((part) =>
      resultsTable(
        `${part.cues ? `${cuesTitle}: ` : ''}${title}, data set ${dataset}`,
        part.rows.map(tableRow),
      ),
    ),
  );
  const apart = html`<ul class="note">${rankedApart.map((sentence) => html`<li>${sentence}</li>`)}</ul>`;
  return html`<section><h2>${title}</h2>
${rows.length === 0 ? html`<p class="muted">No runs.</p>` : undefined}
${tables}
${rankedApart.length > 0 ? apart : undefined}
${seeds.length > 0 ? seedsTable(title, seeds) : undefined}
${worst.length > 0 ? slicesTable(title, worst) : undefined}</section>`;
}

function seedsTable(title: string, rows: readonly SeedRow[]): Html {
  const head = ['Detector', 'Mean AUC', 'SD', 'Lowest', 'Highest', 'Seeds', 'Experiment'];
  const caption = `${seedsTitle}: ${title}`;
  const blocks = groupBy(rows, ({ dataset, generator }) => JSON.stringify([dataset, generator]));
  const cell = (label: string, text: string): Html =>
    html`<td role="cell" class="number" data-label="${label}">${text}</td>`;
  return html`<h3>${seedsTitle}</h3><p class="note">${seedsNote}</p>
<div class="wide" role="region" tabindex="0" aria-label="${caption}"><table class="stack" role="table" aria-label="${caption}">
<thead role="rowgroup"><tr role="row">${head.map((name) => html`<th role="columnheader" scope="col">${name}</th>`)}</tr></thead>
${[...blocks.values()].map(
  (
    block,
  ) => html`<tbody role="rowgroup"><tr class="block" role="row"><th role="rowheader" scope="rowgroup" colspan="${head.length}">${block[0]!.generator}</th></tr>
${block.map(
  ({ detector, auc, seeds, name }) => html`<tr role="row"><th role="rowheader" scope="row">${detector}</th>
${cell('Mean AUC', auc.mean.toFixed(3))}${cell('SD', auc.deviation.toFixed(3))}${cell('Lowest', auc.low.toFixed(3))}${cell('Highest', auc.high.toFixed(3))}${cell('Seeds', seeds.join(' '))}
<td role="cell" data-label="Experiment" class="name">${name}</td></tr>
`,
)}</tbody>
`,
)}</table></div>`;
}

function slicesTable(title: string, worst: readonly WorstSlice[]): Html {
  const head = ['Detector', 'AUC', 'Worst slice', 'Its AUC', '95 %', 'Real / fake', 'Of slices', 'Run'];
  const caption = `${slicesTitle}: ${title}`;
  const blocks = groupBy(worst, ({ row }) => JSON.stringify([row.dataset, row.generator]));
  const cell = (label: string, text: string): Html =>
    html`<td role="cell" class="number" data-label="${label}">${text}</td>`;
  return html`<h3>${slicesTitle}</h3><p class="note">${slicesNote}</p>
<div class="wide" role="region" tabindex="0" aria-label="${caption}"><table class="stack" role="table" aria-label="${caption}">
<thead role="rowgroup"><tr role="row">${head.map((name) => html`<th role="columnheader" scope="col">${name}</th>`)}</tr></thead>
${[...blocks.values()].map(
  (
    block,
  ) => html`<tbody role="rowgroup"><tr class="block" role="row"><th role="rowheader" scope="rowgroup" colspan="${head.length}">${block[0]!.row.generator}</th></tr>
${block.map(
  ({ row, slice, of }) => html`<tr role="row"><th role="rowheader" scope="row">${row.detector}</th>
${cell('AUC', formatValue(row.metrics.auc))}${cell('Worst slice', `${slice.attribute}: ${slice.value}`)}${cell('Its AUC', formatValue(slice.auc))}${cell('95 %', formatInterval(slice.auc))}
${cell('Real / fake', `${slice.counts.real} / ${slice.counts.fake}`)}${cell('Of slices', String(of))}<td role="cell" data-label="Run" class="name">${row.run}</td></tr>
`,
)}</tbody>
`,
)}</table></div>`;
}

const tableRow = (row: LeaderboardRow): TableRow => ({ ...row, rank: row.rank.value, marks: marksOf(row) });
