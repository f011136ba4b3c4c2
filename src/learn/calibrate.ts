/** Scores → probabilities of being fake, fitted on validation. Plain data, so that a record can hold them. */
export type Calibration =
  /** p = 1 / (1 + exp(−(slope · score + offset))). */
  | { kind: 'platt'; slope: number; offset: number }
  /** The same with offset 0: for scores that are log-odds already. Its slope is one over the temperature. */
  | { kind: 'temperature'; slope: number }
  /** Straight lines between these points, held beyond the outermost; `scores` ascend, `probabilities` do not fall. */
  | { kind: 'isotonic'; scores: number[]; probabilities: number[] };

type Bits = ArrayLike<number | boolean>;

/**
 * Platt: Probabilistic Outputs for Support Vector Machines, 1999. Guo et al.: On Calibration of Modern Neural Networks, ICML 2017 (temperature). Zadrozny & Elkan, KDD 2002
 * (isotonic). Platt's and the temperature's targets lie a little within 0 and 1 (Platt, §2.2), so that scores that part the classes have a finite slope.
 * @throws RangeError without both classes, with a score that is not finite, or for scores all equal where a slope is asked.
 */
export function fitCalibration(
  kind: Calibration['kind'],
  scores: ArrayLike<number>,
  isFake: Bits,
): Calibration {
  const fakes = countFakes(scores, isFake);
  if (kind === 'isotonic') return fitIsotonic(scores, isFake);
  const targetOfFake = (fakes + 1) / (fakes + 2);
  const targetOfReal = 1 / (scores.length - fakes + 2);
  const targets = Float64Array.from(scores, (_, i) => (isFake[i] ? targetOfFake : targetOfReal));
  const line = fitLine(scores, targets, kind === 'platt');
  return kind === 'platt' ? { kind, ...line } : { kind, slope: line.slope };
}

/** The probability of being fake, in [0, 1]. */
export function calibrated(calibration: Calibration, score: number): number {
  if (calibration.kind === 'platt') return logistic(calibration.slope * score + calibration.offset);
  if (calibration.kind === 'temperature') return logistic(calibration.slope * score);
  const { scores, probabilities } = calibration;
  const above = scores.findIndex((known) => known >= score);
  if (above <= 0) return probabilities.at(above)!;
  const share = (score - scores[above - 1]!) / (scores[above]! - scores[above - 1]!);
  return probabilities[above - 1]! + share * (probabilities[above]! - probabilities[above - 1]!);
}

/**
 * The logistic curve of least cross-entropy, by Newton's method with halved steps (Lin, Lin & Weng: A Note on Platt's Probabilistic Outputs, 2007), on scores of deviation 1
 * and, where there is an offset, mean 0.
 */
function fitLine(
  scores: ArrayLike<number>,
  targets: Float64Array,
  withOffset: boolean,
): { slope: number; offset: number } {
  const { mean, deviation } = spread(scores);
  const middle = withOffset ? mean : 0;
  const z = Float64Array.from(scores, (score) => (score - middle) / deviation);
  const loss = (a: number, b: number): number =>
    z.reduce((sum, value, i) => sum + softplus(a * value + b) - targets[i]! * (a * value + b), 0);
  let [slope, offset] = [0, 0];
  for (let round = 0; round < 100; round++) {
    const [stepA, stepB, fall] = newtonStep(z, targets, slope, offset, withOffset);
    if (fall < 1e-14 * z.length) break;
    const before = loss(slope, offset);
    let size = 1;
    while (size > 1e-10 && loss(slope - size * stepA, offset - size * stepB) > before - 1e-4 * size * fall)
      size /= 2;
    slope -= size * stepA;
    offset -= size * stepB;
  }
  return { slope: slope / deviation, offset: offset - (slope * middle) / deviation };
}

/** The Newton step of slope and offset, and by how much the loss falls along it at first. */
function newtonStep(
  z: Float64Array,
  targets: Float64Array,
  slope: number,
  offset: number,
  withOffset: boolean,
): [number, number, number] {
  let [ga, gb, haa, hab, hbb] = [0, 0, 0, 0, 0];
  for (let i = 0; i < z.length; i++) {
    const p = logistic(slope * z[i]! + offset);
    const [off, curve] = [p - targets[i]!, p * (1 - p)];
    ga += off * z[i]!;
    haa += curve * z[i]! * z[i]!;
    if (!withOffset) continue;
    gb += off;
    hab += curve * z[i]!;
    hbb += curve;
  }
  if (!withOffset) return [ga / haa, 0, (ga * ga) / haa];
  const determinant = haa * hbb - hab * hab;
  const [stepA, stepB] = [(hbb * ga - hab * gb) / determinant, (haa * gb - hab * ga) / determinant];
  return [stepA, stepB, stepA * ga + stepB * gb];
}

/** The rising curve nearest to the truths, by joining neighbours that fall (pool adjacent violators; Barlow et al. 1972). Equal scores are one point. */
function fitIsotonic(scores: ArrayLike<number>, isFake: Bits): Calibration {
  const order = Uint32Array.from({ length: scores.length }, (_, i) => i).sort(
    (a, b) => scores[a]! - scores[b]!,
  );
  type Block = { from: number; to: number; fakes: number; count: number };
  const blocks: Block[] = [];
  for (const i of order) {
    const last = blocks.at(-1);
    if (last && last.to === scores[i]) {
      last.fakes += isFake[i] ? 1 : 0;
      last.count++;
    } else blocks.push({ from: scores[i]!, to: scores[i]!, fakes: isFake[i] ? 1 : 0, count: 1 });
  }
  const pooled: Block[] = [];
  for (const block of blocks) {
    let own = block;
    for (
      let last = pooled.at(-1);
      last && last.fakes * own.count >= own.fakes * last.count;
      last = pooled.at(-1)
    ) {
      own = { from: last.from, to: own.to, fakes: last.fakes + own.fakes, count: last.count + own.count };
      pooled.pop();
    }
    pooled.push(own);
  }
  const ends = pooled.flatMap(({ from, to, fakes, count }) =>
    (from === to ? [from] : [from, to]).map((score) => ({ score, probability: fakes / count })),
  );
  return {
    kind: 'isotonic',
    scores: ends.map(({ score }) => score),
    probabilities: ends.map(({ probability }) => probability),
  };
}

function countFakes(scores: ArrayLike<number>, isFake: Bits): number {
  if (scores.length !== isFake.length)
    throw new Error(`${scores.length} scores, but ${isFake.length} labels`);
  let fakes = 0;
  for (let i = 0; i < scores.length; i++) {
    if (!Number.isFinite(scores[i]!))
      throw new RangeError(`score ${i + 1} of ${scores.length} is ${scores[i]}; scores must be finite`);
    fakes += isFake[i] ? 1 : 0;
  }
  if (fakes === 0 || fakes === scores.length)
    throw new RangeError(`${fakes} fake of ${scores.length} scores: both classes are needed`);
  return fakes;
}

function spread(scores: ArrayLike<number>): { mean: number; deviation: number } {
  const values = Float64Array.from(scores);
  const mean = values.reduce((sum, value) => sum + value / values.length, 0);
  const deviation = Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2 / values.length, 0));
  if (!(deviation > 1e-12 * Math.max(1, Math.abs(mean))))
    throw new RangeError('all scores are equal: they tell nothing apart');
  return { mean, deviation };
}

const logistic = (x: number): number => 1 / (1 + Math.exp(-x));
/** ln(1 + e^x) without overflow. */
const softplus = (x: number): number => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));
