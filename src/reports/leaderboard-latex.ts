/** The leaderboard for papers: one booktabs table for each data set and generator, clean clips alone. */
import { groupBy } from '../group.ts';
import { formatInterval, formatPercent, formatValue } from './format.ts';
import type { LeaderboardRow } from './leaderboard-rows.ts';
import { type Board, cuesTitle, explanation, kinds, marksOf, parts, titles } from './leaderboard-text.ts';

/** Tables to `\input` into a document that loads booktabs. Names are escaped; equal boards give equal bytes. */
export function toLatex(board: Board): string {
  const tables = kinds.flatMap((kind) =>
    parts(board[kind].rows).flatMap(({ cues, rows }) =>
      [...groupBy(rows, ({ dataset, generator }) => JSON.stringify([dataset, generator])).values()].map(
        (own) =>
          table(
            `${titles[kind]}, data set ${own[0]!.dataset}, ${own[0]!.generator}${cues ? `. ${cuesTitle}` : ''}`,
            own,
          ),
      ),
    ),
  );
  const head = ['% \\usepackage{booktabs}', `% ${oneLine(explanation(board))}`];
  return `${[...head, ...tables].join('\n\n')}\n`;
}

function table(caption: string, rows: readonly LeaderboardRow[]): string {
  const lines = rows.map((row) => {
    const { auc, eer, ap } = row.metrics;
    const { real, fake } = row.counts;
    const about = [row.control ? 'control' : '', row.driving ?? '', ...marksOf(row)]
      .filter(Boolean)
      .join(', ');
    const cells = [
      row.rank.value === null ? '–' : String(row.rank.value),
      about ? `${row.detector} (${about})` : row.detector,
      formatValue(auc),
      formatInterval(auc),
      formatValue(eer),
      formatInterval(eer),
      formatValue(ap),
      `${real} / ${fake}`,
      formatPercent(row.coverage),
      row.run,
    ];
    return `${cells.map(latex).join(' & ')} \\\\`;
  });
  const columns =
    'rank & detector & AUC & 95\\,\\% & EER & 95\\,\\% & AP & real / fake & coverage & run \\\\';
  return [
    '\\begin{table}',
    '\\centering',
    `\\caption{${latex(caption)}. EER: ${latex([...new Set(rows.map((row) => row.metrics.eer.method))].join(', '))}.}`,
    '\\begin{tabular}{rlrcrcrrrl}',
    '\\toprule',
    columns,
    '\\midrule',
    ...lines,
    '\\bottomrule',
    '\\end{tabular}',
    '\\end{table}',
  ].join('\n');
}

const oneLine = (text: string): string => text.replace(/\s+/g, ' ');

const commands: Record<string, string> = {
  '\\': '\\textbackslash{}',
  '~': '\\textasciitilde{}',
  '^': '\\textasciicircum{}',
  '<': '\\textless{}',
  '>': '\\textgreater{}',
  '|': '\\textbar{}',
  '"': '\\char34{}',
  '`': '\\textasciigrave{}',
  '–': '--',
  '’': "'",
};

/** Text that means nothing to LaTeX: a name cannot run a command, end a cell or begin a comment. */
export function latex(text: string): string {
  return oneLine(text)
    .replace(/\p{Cc}/gu, '\uFFFD')
    .replace(/[\\~^<>|"`–’]|[&%$#_{}]/g, (character) => commands[character] ?? `\\${character}`);
}
