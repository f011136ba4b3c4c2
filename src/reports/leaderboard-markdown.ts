/** The leaderboard as Markdown: one table a kind of people, and one of constructed cues. */
import { formatInterval, formatLessons, formatPercent, formatValue, intervalOf, reasonOf } from './format.ts';
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

/** The leaderboard in GitHub's Markdown. */
export function toMarkdown(board: Board): string {
  const sections = kinds.flatMap((kind) => [
    `## ${titles[kind]}`,
    ...(board[kind].rows.length === 0 ? ['No runs.'] : []),
    ...parts(board[kind].rows).flatMap(({ cues, rows }) => [
      ...(cues ? [`### ${cuesTitle}`] : []),
      markdownTable(rows),
    ]),
    ...board[kind].rankedApart.map((sentence) => `- ${markdown(sentence)}`),
    ...(board[kind].seeds.length > 0 ? [`### ${seedsTitle}`, seedsNote, seedsTable(board[kind].seeds)] : []),
    ...(board[kind].worst.length > 0
      ? [`### ${slicesTitle}`, slicesNote, slicesTable(board[kind].worst)]
      : []),
  ]);
  const notes = board.skipped.map(({ path, reason }) => `- ${markdown(path)}: ${markdown(reason)}`);
  const tail = notes.length > 0 ? ['## Not shown', notes.join('\n')] : [];
  return `${['# Leaderboard', markdown(explanation(board)), ...sections, ...tail].join('\n\n')}\n`;
}

const columns = [
  'rank',
  'detector',
  'generator',
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
      row.rank.value === null ? '–' : String(row.rank.value),
      `${row.detector}${row.control ? ' (control)' : ''}`,
      `${row.generator}${row.controlGenerator ? ' (control)' : ''}`,
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
      [row.run, ...marksOf(row)].join(', '),
    ];
    return `| ${cells.map(markdown).join(' | ')} |`;
  });
  return [`| ${columns.join(' | ')} |`, `|${columns.map(() => '---').join('|')}|`, ...lines].join('\n');
}

function seedsTable(rows: readonly SeedRow[]): string {
  const head = ['detector', 'generator', 'mean AUC', 'SD', 'lowest', 'highest', 'seeds', 'experiment'];
  const lines = rows.map(({ detector, generator, control, auc, seeds, name }) => {
    const figures = [auc.mean, auc.deviation, auc.low, auc.high].map((value) => value.toFixed(3));
    const cells = [`${detector}${control ? ' (control)' : ''}`, generator, ...figures, seeds.join(' '), name];
    return `| ${cells.map(markdown).join(' | ')} |`;
  });
  return [`| ${head.join(' | ')} |`, `|${head.map(() => '---').join('|')}|`, ...lines].join('\n');
}

function slicesTable(worst: readonly WorstSlice[]): string {
  const head = [
    'detector',
    'generator',
    'AUC',
    'worst slice',
    'its AUC',
    '95 %',
    'real / fake',
    'of slices',
    'run',
  ];
  const lines = worst.map(({ row, slice, of }) => [
    row.detector,
    row.generator,
    formatValue(row.metrics.auc),
    `${slice.attribute}: ${slice.value}`,
    formatValue(slice.auc),
    intervalOf(slice.auc) ? formatInterval(slice.auc) : `– (${reasonOf(slice.auc) ?? 'no interval'})`,
    `${slice.counts.real} / ${slice.counts.fake}`,
    String(of),
    row.run,
  ]);
  const text = lines.map((cells) => `| ${cells.map(markdown).join(' | ')} |`);
  return [`| ${head.join(' | ')} |`, `|${head.map(() => '---').join('|')}|`, ...text].join('\n');
}

/** Text that means nothing to Markdown and stays in its table cell. */
function markdown(text: string): string {
  return text
    .replace(/[\r\n]+/g, ' ')
    .replace(/[\\`*_[\]|~#]/g, '\\$&')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;');
}
