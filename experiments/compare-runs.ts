/** `masque compare`: two runs, or two detectors, on the items that both have scored, with a paired test. */
import { basename } from 'node:path';
import { exitCodes, UserError } from '../src/errors.ts';
import { compareAucs, holm, type PairedItem } from '../src/metrics/compare.ts';
import { measureScores } from '../src/metrics/detection.ts';
import { peopleIn } from '../src/pairs.ts';
import { createRng } from '../src/random.ts';
import type { OutcomeRow } from '../src/records/outcomes.ts';
import { readRecord, type RunRecord } from '../src/records/record.ts';
import { readRunScores, type RunScores } from '../src/records/run-scores.ts';
import { formatInterval, formatValue, intervalOf, plural, reasonOf } from '../src/reports/format.ts';
import type { Measured } from '../src/types.ts';
import { findRun } from './find-run.ts';

export type CompareOptions = {
  /** One run or two: ids, or folders. */
  runs: string[];
  /** Two labels of one run; of two runs one of each. Without, every detector that both runs have. */
  detectors?: [string, string];
  results: string;
  json: boolean;
};
type Side = { run: string; record: RunRecord; scores: RunScores };

/** One row of what `--json` prints. AUCs are of the common items alone; `difference` is a's less b's. */
export type ComparedPair = {
  generator: string;
  a: { run: string; detector: string; auc: Measured };
  b: { run: string; detector: string; auc: Measured };
  difference: Measured;
  /** Of a control, detector or generator: shown, but no hypothesis of the comparison. */
  control: boolean;
  /** Two-sided; null, with the difference's reason, where there is no test. `pHolm`: raised for all pairs of the comparison but the controls, which have none. */
  p: number | null;
  pHolm: number | null;
  /** `hashed`: whether both runs say what their items hash to; else items of one id count as one. */
  common: { real: number; fake: number; hashed: boolean };
  /** Scored by one side alone, and of one id but other content or truth. */
  left: { onlyA: number; onlyB: number; other: number };
};

/** The halves of the people are the same in every comparison of a generator. */
const seed = 0;

/** Returns exit code 0. @throws UserError where a run is missing, its scores were changed, or there is nothing to compare. */
export async function compare({ runs, detectors, results, json }: CompareOptions): Promise<number> {
  const [a, b] = await sides(runs, results);
  for (const side of new Set([a, b])) {
    refuseWithheld(side);
    if (!side.scores.hashed)
      process.stderr.write(
        `${side.run}: its record does not say what its scores hash to, so nobody can tell whether they were changed\n`,
      );
  }
  const compared = pairsOf(a, b, detectors).map((pair) => comparePair(a, b, pair));
  if (compared.every(({ common }) => common.real + common.fake === 0))
    throw new UserError(
      `${a.run} and ${b.run} judged no clip in common: their items differ in id, content or truth. Compare runs on the same data set and seed`,
    );
  const pairs = withHolm(compared);
  if (json) process.stdout.write(`${JSON.stringify({ pairs })}\n`);
  else process.stdout.write(pairs.map(textOf).join(''));
  return exitCodes.done;
}

async function sides(runs: string[], results: string): Promise<[Side, Side]> {
  const read = await Promise.all(
    runs.map(async (run): Promise<Side> => {
      const folder = await findRun(run, results, 'record.json');
      const record = await readRecord(`${folder}/record.json`);
      const scores = await readRunScores(folder, record).catch((error: unknown) => {
        throw error instanceof UserError ? new UserError(`${folder}: ${error.message}`) : error;
      });
      return { run: basename(folder), record, scores };
    }),
  );
  return [read[0]!, read[1] ?? read[0]!];
}

/** A run whose record has no AUC at all, for instance because it has too few people, has none to compare. @throws UserError with the record's reason. */
function refuseWithheld({ run, record }: Side): void {
  const results = record.results.filter(({ perturbation }) => perturbation === 'none');
  const [first] = results;
  if (first && first.metrics.auc.value === null && results.every(({ metrics }) => metrics.auc.value === null))
    throw new UserError(`${run} computes no AUC: ${first.metrics.auc.reason}`);
}

type Pair = { generator: string; detectors: [string, string] };

/** Who is compared against which generator, on clean clips. */
function pairsOf(a: Side, b: Side, detectors: [string, string] | undefined): Pair[] {
  const asked = ({ record }: Side): { detector: string; generator: string }[] =>
    record.results.filter(
      ({ perturbation, driving, generator }) =>
        perturbation === 'none' && driving === null && generator !== 'none',
    );
  // Those taught by some of the makers are compared where they are asked for by name.
  const isVariant = ({ record }: Side, label: string): boolean =>
    record.detectors.some((known) => known.label === label && known.variantOf !== undefined);
  const labels = (side: Side): string[] => [...new Set(asked(side).map(({ detector }) => detector))];
  for (const [i, side] of [a, b].entries()) {
    const label = detectors?.[i];
    if (label !== undefined && !labels(side).includes(label))
      throw new UserError(`run ${side.run} has no detector "${label}". It has: ${labels(side).join(', ')}`);
  }
  const chosen = detectors
    ? [detectors]
    : labels(a).flatMap((label): [string, string][] =>
        labels(b).includes(label) && !isVariant(a, label) ? [[label, label]] : [],
      );
  const generatorsOf = (side: Side, label: string): string[] =>
    asked(side).flatMap(({ detector, generator }) => (detector === label ? generator : []));
  const pairs = chosen.flatMap(([one, other]) => {
    const known = new Set(generatorsOf(b, other));
    const common = generatorsOf(a, one).filter((generator) => known.has(generator));
    return common.map((generator): Pair => ({ generator, detectors: [one, other] }));
  });
  if (pairs.length === 0)
    throw new UserError(
      `${a.run} and ${b.run} have no generator that ${detectors ? 'both detectors were' : 'a detector of both runs was'} asked about`,
    );
  return pairs;
}

function comparePair(a: Side, b: Side, { generator, detectors }: Pair): Omit<ComparedPair, 'pHolm'> {
  const scored = ({ scores }: Side, detector: string): Map<string, OutcomeRow & { score: number }> => {
    const asked = { detector, generator, perturbation: 'none', level: 0, driving: null };
    const rows = scores.rowsOf(asked)!.flatMap((row) => ('score' in row && row.label ? [row] : []));
    return new Map(rows.map((row) => [row.id, row]));
  };
  const [ofA, ofB] = [scored(a, detectors[0]), scored(b, detectors[1])];
  const hashes = (id: string): (string | undefined)[] =>
    [a, b].map(({ scores }) => scores.items?.get(id)?.sha256);
  const items: PairedItem[] = [];
  let hashed = true;
  const left = { onlyA: 0, onlyB: [...ofB.keys()].filter((id) => !ofA.has(id)).length, other: 0 };
  for (const [id, row] of ofA) {
    const twin = ofB.get(id);
    const [hashA, hashB] = hashes(id);
    if (!twin) left.onlyA++;
    else if (twin.label !== row.label || (hashA && hashB && hashA !== hashB)) left.other++;
    else {
      hashed &&= hashA !== undefined && hashB !== undefined;
      items.push({ truth: row.label!, ...peopleIn(row), a: row.score, b: twin.score });
    }
  }
  const rng = () => createRng(seed, 'compare', generator);
  const side = (name: 'a' | 'b', { run }: Side): ComparedPair['a'] => {
    const own = items.map((item) => ({ ...item, score: item[name] }));
    return { run, detector: detectors[name === 'a' ? 0 : 1], auc: measureScores(own, { rng: rng() }).auc };
  };
  const { p, ...difference } = compareAucs(items, { rng: rng() });
  const fake = items.filter(({ truth }) => truth === 'fake').length;
  const isControl = ({ record }: Side, label: string): boolean =>
    [...record.detectors, ...record.generators].some((one) => one.label === label && one.control);
  return {
    generator,
    a: side('a', a),
    b: side('b', b),
    control: isControl(a, generator) || (isControl(a, detectors[0]) && isControl(b, detectors[1])),
    difference: difference as Measured,
    p,
    common: { real: items.length - fake, fake, hashed },
    left,
  };
}

function withHolm(pairs: Omit<ComparedPair, 'pHolm'>[]): ComparedPair[] {
  const tested = pairs.filter(({ p, control }) => p !== null && !control);
  const adjusted = holm(tested.map(({ p }) => p!));
  return pairs.map((pair) => ({ ...pair, pHolm: adjusted[tested.indexOf(pair)] ?? null }));
}

function textOf({ generator, a, b, control, difference, p, pHolm, common, left }: ComparedPair): string {
  const side = ({ run, detector, auc }: ComparedPair['a']): string =>
    `  ${detector.padEnd(28)} ${run.padEnd(24)} AUC ${formatValue(auc)}${intervalOf(auc) ? ` [${formatInterval(auc)}]` : ''}`;
  const reason = reasonOf(difference);
  const corrected =
    pHolm === null ? (control ? ' (control, not counted)' : '') : `, Holm ${pHolm.toPrecision(2)}`;
  const test = p === null ? '' : `, p ${p.toPrecision(2)}${corrected}`;
  const range = intervalOf(difference) ? ` [${formatInterval(difference)}]` : '';
  const lost = [
    left.onlyA > 0 ? `${left.onlyA} left out, scored by the first alone` : '',
    left.onlyB > 0 ? `${left.onlyB} left out, scored by the second alone` : '',
    common.hashed || a.run === b.run
      ? ''
      : 'contents not compared: a run does not say what its items hash to',
    left.other > 0 ? `${left.other} left out, of one id but other content or truth` : '',
  ].filter(Boolean);
  return `${[
    `${generator}: ${plural(common.real, 'real clip')} and ${plural(common.fake, 'fake')} in common${lost.length > 0 ? ` (${lost.join(', ')})` : ''}`,
    side(a),
    side(b),
    `  difference ${formatValue(difference)}${range}${test}${reason ? ` (${reason})` : ''}`,
  ].join('\n')}\n`;
}
