/** `masque measure`: metrics of any score file. */
import { basename } from 'node:path';
import { exitCodes, UserError } from '../src/errors.ts';
import type { Calibration } from '../src/learn/calibrate.ts';
import { aDcf, type AsvRates } from '../src/metrics/asv-costs.ts';
import { type IdentityPoints, pointsByIdentity } from '../src/metrics/detection.ts';
import { type Summary, summarize } from '../src/metrics/summary.ts';
import { createRng } from '../src/random.ts';
import { type Joined, type JoinedItem, joinScores, type LeftOut } from '../src/score-files/join.ts';
import { isAsvspoofKey, readKey } from '../src/score-files/key.ts';
import { type Level, meansOver, ownLevel } from '../src/score-files/levels.ts';
import { readScores, type ScoreFormat, type ScoreRow } from '../src/score-files/read.ts';
import type { Measured } from '../src/types.ts';
import { joinLeaderboard, type JoinOptions } from './join-scores.ts';
import { leaderboard } from './leaderboard.ts';
import { tableOf } from './measurement-table.ts';
import { fixOn, type Fixed, type Validation } from './validated.ts';

export type MeasureOptions = {
  scores: string;
  key?: string;
  format?: ScoreFormat;
  higher?: 'fake' | 'real';
  /** Only this level; without, the lines as they are, and of frames the clips too. */
  level?: 'clip' | 'identity';
  /** In the polarity of the file. */
  threshold?: number;
  validation?: string;
  validationKey?: string;
  calibration?: Calibration['kind'];
  llr: boolean;
  asv?: AsvRates;
  json: boolean;
  /** Where the scores are shown beside those of our runs. */
  join?: JoinOptions;
};

/** What is printed of each detector. `points`: below ten people. `counts.other`: genuine speech of others, which the a-DCF alone asks about. */
export type Measurement = {
  detector?: string;
  level: Level;
  metrics: Summary;
  coverage: number;
  counts: Record<'real' | 'fake' | 'groups' | keyof LeftOut, number> & { other?: number };
  leftOut: LeftOut;
  points?: IdentityPoints[];
};
export type Meaning = 'fake' | 'real';

/** Seed of the halves: the same file gives the same numbers. */
const seed = 0;

/** Returns exit code 0. @throws UserError on files that cannot be read as what they should be. */
export async function measureFile(options: MeasureOptions): Promise<number> {
  const { scores, key, format, validation, json, join } = options;
  const { detectors, meaning } = await readJoined(
    scores,
    key,
    format,
    options.higher,
    'test',
    join !== undefined,
  );
  const validated = validation && {
    path: validation,
    detectors: (await readJoined(validation, options.validationKey, format, meaning, 'validation')).detectors,
    ...(options.calibration ? { calibration: options.calibration } : {}),
  };
  const asked = detectors.flatMap((joined) =>
    levelsOf(joined, options, scores).map(([level, own]) => ({
      own,
      level,
      fixed: fixedFor(own, level, meaning, options, validated || undefined),
    })),
  );
  const [unfixed, ...more] = asked.map(({ fixed }) => fixed.unfixed);
  if (unfixed !== undefined && more.every((one) => one !== undefined)) throw new UserError(unfixed);
  const measured = asked.map(({ own, level, fixed }) => measureOne(own, level, fixed, meaning, options));
  const flat = measured.map(({ metrics, ...rest }) => ({ ...rest, ...metrics }));
  if (json) process.stdout.write(`${JSON.stringify(flat.length === 1 ? flat[0] : { detectors: flat })}\n`);
  else for (const one of measured) process.stdout.write(tableOf(one, meaning));
  if (join) {
    const id = await joinLeaderboard(detectors, basename(scores), join);
    await leaderboard(join.results);
    process.stderr.write(`joined the leaderboard as ${id}\n`);
  }
  return exitCodes.done;
}

/** The scores of one split, where the file says which they are of. ASVspoof's, by their own form or that of their key, are higher for bona fide, everybody else's for fakes. */
async function readJoined(
  path: string,
  key: string | undefined,
  format: ScoreFormat | undefined,
  higher: Meaning | undefined,
  split: 'test' | 'validation',
  cleanAlone = false,
): Promise<{ detectors: Joined[]; meaning: Meaning }> {
  const file = await readScores(path, format);
  const rows = file.rows.filter((row) => row.split === undefined || row.split === split);
  if (rows.length < file.rows.length)
    process.stderr.write(
      `${path}: ${file.rows.length - rows.length} scores of other splits than "${split}" are left out\n`,
    );
  if (cleanAlone && rows.some(({ perturbed }) => perturbed))
    throw new UserError(
      `${path}: it has scores of perturbed clips, which the leaderboard would take for others; leave them out of what is joined`,
    );
  const trials = key === undefined ? undefined : await readKey(key);
  if (!trials) refuseTwoTruths(rows, path);
  const ofAsvspoof =
    /^(asvspoof|sasv)/.test(file.format) ||
    (file.format === 'columns' && key !== undefined && (await isAsvspoofKey(key)));
  const meaning = higher ?? (ofAsvspoof ? 'real' : 'fake');
  const detectors = joinScores(rows, trials, meaning);
  if (detectors.every(({ items, leftOut }) => items.length === 0 && leftOut.notFinite.length === 0))
    throw new UserError(
      `${path}: no score has a label. ${trials ? 'None of its ids stands in the key' : 'Add a column label, or name the key with --key'}`,
    );
  return { detectors, meaning };
}

/** @throws UserError where a file's own labels call one id of a detector real and fake. */
function refuseTwoTruths(rows: readonly ScoreRow[], path: string): void {
  const first = new Map<string, ScoreRow>();
  for (const row of rows) {
    const name = JSON.stringify([row.detector, row.id]);
    const before = first.get(name) ?? row;
    first.set(name, before);
    if (row.truth !== before.truth)
      throw new UserError(
        `${path}:${row.line}: "${row.id}" is ${row.truth ?? 'without a label'} here and ${before.truth ?? 'without a label'} in line ${before.line}. Correct the label`,
      );
  }
}

/** The lines as they are, and of frames the clips; or what was asked for. */
function levelsOf(joined: Joined, { level }: MeasureOptions, path: string): [Level, Joined][] {
  if (level) {
    const means = meansOver(joined, level);
    if (!means)
      throw new UserError(
        `${path}: nothing says ${level === 'clip' ? 'which clip a score is of' : 'whose a score is'} (column ${level === 'clip' ? 'clip' : 'group'})`,
      );
    return [[level, means]];
  }
  const clips = meansOver(joined, 'clip');
  return [[ownLevel(joined), joined], ...(clips ? [['clip', clips] as [Level, Joined]] : [])];
}

function fixedFor(
  joined: Joined,
  level: Level,
  meaning: Meaning,
  { threshold }: MeasureOptions,
  validation: Validation | undefined,
): Fixed {
  const same = (own: Joined): Joined[] => {
    const means = level === 'clip' || level === 'identity' ? meansOver(own, level) : own;
    return means ? [means] : [];
  };
  const fixed = validation
    ? fixOn({ ...validation, detectors: validation.detectors.flatMap(same) }, joined)
    : {};
  if (threshold === undefined) return fixed;
  const { unfixed: _, ...rest } = fixed;
  return { ...rest, threshold: meaning === 'fake' ? threshold : 0 - threshold };
}

function measureOne(
  { detector, items, leftOut, grouped, coverage }: Joined,
  level: Level,
  fixed: Fixed,
  meaning: Meaning,
  { llr, asv }: MeasureOptions,
): Measurement {
  const rng = createRng(seed, 'measure', detector ?? '', level);
  const options = { rng, grouped, areLogLikelihoodRatios: llr, ...fixed, ...(asv ? { asv } : {}) };
  const others = items.filter(({ other }) => other);
  // Whether another speaker's genuine speech is rejected is no question for a detector of fakes.
  const asked = items.filter(({ other }) => !other);
  const count = (truth: 'real' | 'fake'): number => asked.filter((item) => item.truth === truth).length;
  const lost = Object.fromEntries(Object.entries(leftOut).map(([why, ids]) => [why, ids.length])) as Record<
    keyof LeftOut,
    number
  >;
  const points = grouped ? pointsByIdentity(asked) : undefined;
  return {
    ...(detector === undefined ? {} : { detector }),
    level,
    metrics: {
      ...summarize(asked, options),
      threshold: thresholdOf(fixed, meaning),
      ...(others.length > 0 ? { aDcf: aDcfOf(items) } : {}),
    },
    coverage,
    counts: {
      real: count('real'),
      fake: count('fake'),
      ...(others.length > 0 ? { other: others.length } : {}),
      groups: new Set(items.map(({ group }) => group)).size,
      ...lost,
    },
    leftOut: Object.fromEntries(
      Object.entries(leftOut).map(([why, ids]) => [why, ids.slice(0, mostNamed)]),
    ) as LeftOut,
    ...(points ? { points } : {}),
  };
}

/** In the polarity of the file. */
function thresholdOf({ threshold, unfixed }: Fixed, meaning: Meaning): Measured {
  if (threshold === undefined)
    return { value: null, reason: unfixed ?? 'none was fixed (--threshold, --validation)' };
  if (!Number.isFinite(threshold))
    return { value: null, reason: 'on the validation scores none does better than calling nothing fake' };
  return { value: meaning === 'fake' ? threshold : 0 - threshold };
}

/** Its scores are higher for who is accepted. */
function aDcfOf(items: readonly JoinedItem[]): Measured {
  const scoresOf = (test: (item: JoinedItem) => boolean): number[] =>
    items.filter(test).map(({ score }) => 0 - score);
  return aDcf({
    target: scoresOf(({ truth, other }) => truth === 'real' && !other),
    other: scoresOf(({ other }) => other === true),
    fake: scoresOf(({ truth }) => truth === 'fake'),
  });
}

/** As many ids of what was left out are named; all are counted. */
const mostNamed = 10;
