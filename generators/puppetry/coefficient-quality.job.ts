/** How close coefficients heard are to those tracked, on the last fifth of each sequence, beside ridge regression and the mean. */
import { ridge } from '../../src/dsp/ridge.ts';
import { meanWithInterval, pairedDifference } from '../../src/metrics/resampling.ts';
import { defineJob } from '../../src/pipeline/job.ts';
import { createRng } from '../../src/random.ts';
import type { Clip, FileRef, Measured, Work } from '../../src/types.ts';
import { readCoefficients, trainFrames } from './coefficients.ts';
import type { Sequence } from './corpus.ts';
import { windowWidth } from './speech-features.ts';
import {
  allFrames,
  applyPersonMap,
  type AudioNet,
  closeAudioNet,
  fitPersonMap,
  openAudioNet,
  windowExpressions,
} from './speech-models.ts';

type Input = { clips: Clip[]; files: Record<'windowNet' | 'filter', FileRef>; seed: number };

const guessers = ['net', 'ridge', 'mean'] as const;
type Guesser = (typeof guessers)[number];
const metrics = ['mse', 'mae', 'r2'] as const;
/** Over all frames and coefficients of one sequence's last fifth. */
export type Errors = Record<(typeof metrics)[number], number>;

/** λ of the regression from a window to the coefficients, as a share of the mean square of its inputs. */
const ridgeStrength = 0.1;

/**
 * `mse/<who>`, `mae/<who>`, `r2/<who>` of `net`, `ridge` (the frame's whole window) and `mean` (of the sequence's first part), each the
 * mean over sequences; `r2Gain/<who>`: the net's R² less that one's. R² = 1 − Σe² / Σ(y − ȳ)² with the mean of the last fifth.
 */
export const judgeCoefficients = defineJob<Input, Record<string, Measured>>({
  name: 'puppetry-coefficient-quality',
  module: import.meta.url,
  threads: 1,
  run,
});

async function run({ clips, files, seed }: Input, work: Work): Promise<Record<string, Measured>> {
  const { sequences, coefficientCount } = await readCoefficients(clips);
  const nets = await openAudioNet({ windowNet: files.windowNet.path, filter: files.filter.path });
  const judged: Record<Guesser, Errors | undefined>[] = [];
  for (const [i, sequence] of sequences.entries()) {
    judged.push(await judge(nets, sequence, coefficientCount));
    work.progress((i + 1) / sequences.length);
  }
  closeAudioNet(nets);
  const names = clips.map(({ id }) => id);
  const still = names.filter((_, i) => judged[i]!.net === undefined);
  const rng = createRng(seed, 'puppetry', 'coefficients');
  const figures: Record<string, Measured> = {};
  for (const metric of metrics) {
    for (const guesser of guessers) {
      const of = (who: Guesser): number[] => judged.map((errors) => errors[who]![metric]);
      const known = still.length === 0;
      const reason = `the coefficients of ${still.join(', ')} stand still in the last fifth`;
      const measured = (value: () => Measured): Measured => (known ? value() : { value: null, reason });
      figures[`${metric}/${guesser}`] = measured(() =>
        meanWithInterval(of(guesser), names, { rng: rng.fork('bootstrap') }),
      );
      if (metric === 'r2' && guesser !== 'net')
        figures[`r2Gain/${guesser}`] = measured(() =>
          pairedDifference(of('net'), of(guesser), names, { rng: rng.fork('bootstrap') }),
        );
    }
  }
  return figures;
}

async function judge(
  nets: AudioNet,
  { windowsOf, expressions, frameCount }: Sequence,
  k: number,
): Promise<Record<Guesser, Errors | undefined>> {
  const border = trainFrames(frameCount);
  const windows = windowsOf(allFrames(frameCount));
  const shown = expressions.subarray(0, border * k);
  const truth = expressions.subarray(border * k);
  const latents = await windowExpressions(nets, windows);
  const latentCount = latents.length / frameCount;
  const map = fitPersonMap(latents.subarray(0, border * latentCount), shown);
  const mean = meanRow(shown, k);
  return {
    net: errorsOf(applyPersonMap(map, latents.subarray(border * latentCount)), truth, k),
    ridge: errorsOf(ridgeGuess(windows, shown, border, k), truth, k),
    mean: errorsOf(
      Float32Array.from(truth, (_, i) => mean[i % k]!),
      truth,
      k,
    ),
  };
}

/** Linear in the 464 values of the frame's window, around the means of the first part. */
function ridgeGuess(windows: Float32Array, shown: Float32Array, border: number, k: number): Float32Array {
  const before = windows.subarray(0, border * windowWidth);
  const [meanIn, meanOut] = [meanRow(before, windowWidth), meanRow(shown, k)];
  const centred = windows.map((value, i) => value - meanIn[i % windowWidth]!);
  const weights = ridge(
    centred.subarray(0, before.length),
    shown.map((value, i) => value - meanOut[i % k]!),
    { inputs: windowWidth, outputs: k, strength: ridgeStrength },
  );
  const count = windows.length / windowWidth - border;
  const guess = new Float32Array(count * k);
  for (let t = 0; t < count; t++) {
    guess.set(meanOut, t * k);
    for (let i = 0; i < windowWidth; i++) {
      const value = centred[(border + t) * windowWidth + i]!;
      if (value === 0) continue;
      for (let j = 0; j < k; j++) guess[t * k + j]! += value * weights[i * k + j]!;
    }
  }
  return guess;
}

function meanRow(rows: Float32Array, width: number): Float32Array {
  const sums = new Float64Array(width);
  rows.forEach((value, i) => (sums[i % width]! += value));
  return Float32Array.from(sums, (sum) => (sum * width) / rows.length);
}

/** Of two tables with rows of K; undefined where the true one does not change. */
export function errorsOf(guess: Float32Array, truth: Float32Array, k: number): Errors | undefined {
  const mean = meanRow(truth, k);
  let [squares, absolute, spread] = [0, 0, 0];
  truth.forEach((value, i) => {
    const error = guess[i]! - value;
    squares += error * error;
    absolute += Math.abs(error);
    spread += (value - mean[i % k]!) ** 2;
  });
  if (spread === 0) return undefined;
  return { mse: squares / truth.length, mae: absolute / truth.length, r2: 1 - squares / spread };
}
