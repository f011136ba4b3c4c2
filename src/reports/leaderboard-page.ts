/** The leaderboard as a page. */
import { type Html, html } from './html.ts';
import type { LeaderboardRow } from './leaderboard-rows.ts';
import { type Board, cuesTitle, explanation, kinds, marksOf, parts, titles } from './leaderboard-text.ts';
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
    sortTables,
  );
}

function kindSection(title: string, { rows, rankedApart }: Board['synthetic']): Html {
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
${rankedApart.length > 0 ? apart : undefined}</section>`;
}

const tableRow = (row: LeaderboardRow): TableRow => ({ ...row, rank: row.rank.value, marks: marksOf(row) });
