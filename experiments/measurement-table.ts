/** What `masque measure` prints where no JSON is asked for. */
import { formatNumber, intervalOf, plural, reasonOf } from '../src/reports/format.ts';
import type { LeftOut } from '../src/score-files/join.ts';
import type { Level } from '../src/score-files/levels.ts';
import type { Meaning, Measurement } from './measure-scores.ts';

/** Lines of text, the last one ended. @param meaning What a higher score in the file means. */
export function tableOf(
  { detector, level, coverage, counts, leftOut, points, metrics }: Measurement,
  meaning: Meaning,
): string {
  const others = counts.other ? `, ${counts.other} of other speakers` : '';
  const lines = [
    `${detector ?? 'scores'}, ${levelWords[level]}: ${plural(counts.real, 'real item')}, ${plural(counts.fake, 'fake')}${others}, coverage ${(100 * coverage).toFixed(1)} %; a higher score was read as ${meaning}`,
    ...Object.entries(leftOut).flatMap(([why, ids]) => {
      const count = counts[why as keyof LeftOut];
      return count === 0
        ? []
        : [`  ${count} ${reasons[why as keyof LeftOut]}: ${ids.join(' ')}${count > ids.length ? ' …' : ''}`];
    }),
    ...Object.entries(metrics).map(([name, measured]) => {
      const interval = intervalOf(measured);
      const range = interval ? ` [${formatNumber(interval.low)}, ${formatNumber(interval.high)}]` : '';
      const value = measured.value === null ? `– (${reasonOf(measured)})` : formatNumber(measured.value);
      return `  ${name.padEnd(24)} ${value}${range}${measured.method ? `  (${measured.method})` : ''}`;
    }),
    ...(points ? ['  so few people that each stands here, as scores that are higher for fakes:'] : []),
    ...(points ?? []).map(
      ({ identity, real, fake }) =>
        `    ${identity}: real ${real.map(formatNumber).join(' ')}; fake ${fake.map(formatNumber).join(' ')}`,
    ),
  ];
  // Names are the file's: what would steer a terminal is made visible instead.
  return lines.map((line) => `${line.replaceAll(/\p{Cc}/gu, '·')}\n`).join('');
}

const levelWords: Record<Level, string> = {
  frame: 'frame by frame',
  item: 'item by item',
  clip: 'means over clips',
  identity: 'means over people',
};

const reasons: Record<keyof LeftOut, string> = {
  notFinite: 'scores are not finite and count as not covered',
  duplicate: 'trials are scored more than once; the first score counts',
  missing: 'trials of the key have no score and count as not covered',
  unlabelled: 'scores are of trials that nobody labelled',
};
