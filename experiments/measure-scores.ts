/** `masque measure`: metrics of any score file. */
import { basename } from 'node:path';
import { exitCodes, UserError } from '../src/errors.ts';
import type { AsvRates } from '../src/metrics/asv-costs.ts';
import { type Summary, summarize } from '../src/metrics/summary.ts';
import { createRng } from '../src/random.ts';
import { formatNumber, intervalOf, plural, reasonOf } from '../src/reports/format.ts';
import { type Joined, joinScores, type LeftOut } from '../src/score-files/join.ts';
import { readKey } from '../src/score-files/key.ts';
import { readScores, type ScoreFormat } from '../src/score-files/read.ts';
import { joinLeaderboard, type JoinOptions } from './join-scores.ts';
import { leaderboard } from './leaderboard.ts';

export type MeasureOptions = {
  scores: string;
  key?: string;
  format?: ScoreFormat;
  higher?: 'fake' | 'real';
  llr: boolean;
  asv?: AsvRates;
  json: boolean;
  /** Where the scores are shown beside those of our runs. */
  join?: JoinOptions;
};

/** What `--json` prints for each detector of the file. */
type Measurement = Summary & {
  detector?: string;
  level: 'item' | 'clip';
  coverage: number;
  counts: Record<'real' | 'fake' | 'groups' | keyof LeftOut, number>;
};

/** Seed of the halves: the same file gives the same numbers. */
const seed = 0;

/** Returns exit code 0. @throws UserError on files that cannot be read as what they should be. */
export async function measureFile({
  scores,
  key,
  format,
  higher,
  llr,
  asv,
  json,
  join,
}: MeasureOptions): Promise<number> {
  const file = await readScores(scores, format);
  const trials = key === undefined ? undefined : await readKey(key);
  // ASVspoof's scores are higher for bona fide, everybody else's for fakes.
  const meaning = higher ?? (file.format.startsWith('asvspoof') ? 'real' : 'fake');
  const detectors = joinScores(file.rows, trials, meaning);
  const measured = detectors.flatMap((joined) => {
    if (joined.items.length === 0)
      throw new UserError(
        `${scores}: no score has a label. ${trials ? 'None of its ids stands in the key' : 'Add a column label, or name the key with --key'}`,
      );
    const options = { llr, ...(asv ? { asv } : {}) };
    return [
      measureOne(joined, 'item', options),
      ...clipLevel(joined).map((clips) => measureOne(clips, 'clip', options)),
    ];
  });
  if (json)
    process.stdout.write(
      `${JSON.stringify(measured.length === 1 ? measured[0] : { detectors: measured })}\n`,
    );
  else for (const one of measured) process.stdout.write(tableOf(one, meaning));
  if (join) {
    const id = await joinLeaderboard(detectors, basename(scores), join);
    await leaderboard(join.results);
    process.stderr.write(`joined the leaderboard as ${id}\n`);
  }
  return exitCodes.done;
}

function measureOne(
  { detector, items, leftOut, grouped, coverage }: Joined,
  level: 'item' | 'clip',
  { llr, asv }: { llr: boolean; asv?: AsvRates },
): Measurement & { leftOut: LeftOut } {
  const rng = createRng(seed, 'measure', detector ?? '', level);
  const options = { rng, grouped, areLogLikelihoodRatios: llr, ...(asv ? { asv } : {}) };
  const count = (truth: 'real' | 'fake'): number => items.filter((item) => item.truth === truth).length;
  const lost = Object.fromEntries(Object.entries(leftOut).map(([why, ids]) => [why, ids.length])) as Record<
    keyof LeftOut,
    number
  >;
  return {
    ...(detector === undefined ? {} : { detector }),
    level,
    ...summarize(items, options),
    coverage,
    counts: {
      real: count('real'),
      fake: count('fake'),
      groups: new Set(items.map(({ group }) => group)).size,
      ...lost,
    },
    leftOut: Object.fromEntries(
      Object.entries(leftOut).map(([why, ids]) => [why, ids.slice(0, mostNamed)]),
    ) as LeftOut,
  } as Measurement & { leftOut: LeftOut };
}

/** As many ids of what was left out are named; all are counted. */
const mostNamed = 10;

/** Of frames, the clips that they are of with their mean scores; nothing where there are no frames. */
function clipLevel(joined: Joined): Joined[] {
  const clips = new Map<string, { sum: number; count: number; item: Joined['items'][number] }>();
  for (const item of joined.items) {
    if (item.clip === undefined) return [];
    const own = clips.get(item.clip) ?? { sum: 0, count: 0, item };
    clips.set(item.clip, { ...own, sum: own.sum + item.score, count: own.count + 1 });
  }
  const items = [...clips].map(([id, { sum, count, item }]) => ({
    id,
    truth: item.truth,
    score: sum / count,
    group: id,
  }));
  return [
    {
      ...joined,
      items,
      grouped: false,
      leftOut: { notFinite: [], duplicate: [], missing: [], unlabelled: [] },
    },
  ];
}

function tableOf(
  { detector, level, coverage, counts, leftOut, ...metrics }: Measurement & { leftOut: LeftOut },
  meaning: string,
): string {
  const lines = [
    `${detector ?? 'scores'}${level === 'clip' ? ', means over clips' : ''}: ${plural(counts.real, 'real item')}, ${plural(counts.fake, 'fake')}, coverage ${(100 * coverage).toFixed(1)} %; a higher score was read as ${meaning}`,
    ...Object.entries(leftOut).flatMap(([why, ids]) => {
      const count = counts[why as keyof LeftOut];
      return count === 0
        ? []
        : [`  ${count} ${reasons[why as keyof LeftOut]}: ${ids.join(' ')}${count > ids.length ? ' …' : ''}`];
    }),
    ...Object.entries(metrics as unknown as Summary).map(([name, measured]) => {
      const interval = intervalOf(measured);
      const range = interval ? ` [${formatNumber(interval.low)}, ${formatNumber(interval.high)}]` : '';
      const value = measured.value === null ? `– (${reasonOf(measured)})` : formatNumber(measured.value);
      return `  ${name.padEnd(24)} ${value}${range}${measured.method ? `  (${measured.method})` : ''}`;
    }),
  ];
  return `${lines.join('\n')}\n`;
}

const reasons: Record<keyof LeftOut, string> = {
  notFinite: 'scores are not finite and count as not covered',
  duplicate: 'trials are scored more than once; the first score counts',
  missing: 'trials of the key have no score and count as not covered',
  unlabelled: 'scores are of trials that nobody labelled',
};
