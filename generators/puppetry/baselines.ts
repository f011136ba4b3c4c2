/** What doing little would give: ways to guess expressions from sound that a trained audio net must beat. All are fitted on the person's own footage. */
import { ridge } from '../../src/dsp/ridge.ts';
import { expressionCount } from '../../src/head/expressions.ts';
import { phoneColumnCount } from '../../src/speech/phones.ts';
import type { Audio } from '../../src/types.ts';
import { highestColumn } from './speech-features.ts';

/** A sound as the baselines hear it, and what it goes with: rows of 29 logits, loudness per frame, rows of K coefficients. */
export type Heard = { features: Float32Array; loudness: Float32Array };
export type Shown = Heard & { expressions: Float32Array };
/** Rows of K coefficients for a sound. */
export type Guess = (heard: Heard) => Float32Array;

const loudnessSeconds = 0.04;

/** log10 of the mean square in 40 ms around the middle of each frame. */
export function loudnessOf({ samples, sampleRate }: Audio, fps: number, frameCount: number): Float32Array {
  return Float32Array.from({ length: frameCount }, (_, t) => {
    const middle = ((t + 0.5) / fps) * sampleRate;
    const half = (loudnessSeconds / 2) * sampleRate;
    const part = samples.subarray(Math.max(0, Math.round(middle - half)), Math.round(middle + half));
    const energy = part.reduce((sum, value) => sum + value * value, 0) / Math.max(1, part.length);
    return Math.log10(energy + 1e-7);
  });
}

/** The person's mean expression, whatever is heard. */
export function meanGuess({ expressions }: Shown): Guess {
  const mean = meanRow(expressions, () => true);
  return ({ loudness }) => repeat(loudness.length, () => mean);
}

/** Linear in the loudness. */
export function loudnessGuess({ loudness, expressions }: Shown): Guess {
  const withOne = (values: Float32Array): Float64Array =>
    Float64Array.from({ length: values.length * 2 }, (_, i) => (i % 2 === 0 ? 1 : values[i >> 1]!));
  const weights = ridge(withOne(loudness), expressions, {
    inputs: 2,
    outputs: expressionCount,
    strength: 1e-6,
  });
  return (heard) =>
    repeat(heard.loudness.length, (t) =>
      Float32Array.from(
        { length: expressionCount },
        (_, k) => weights[k]! + heard.loudness[t]! * weights[expressionCount + k]!,
      ),
    );
}

/** The mean expression of the frames at which the phone network recognised the same phone. */
export function phoneGuess({ features, expressions }: Shown): Guess {
  const count = expressions.length / expressionCount;
  const columns = Array.from({ length: count }, (_, t) => highestColumn(features, t));
  const mean = meanRow(expressions, () => true);
  const table = Array.from({ length: phoneColumnCount }, (_, column) =>
    columns.includes(column) ? meanRow(expressions, (t) => columns[t] === column) : mean,
  );
  return (heard) => repeat(heard.loudness.length, (t) => table[highestColumn(heard.features, t)]!);
}

function meanRow(rows: Float32Array, counts: (row: number) => boolean): Float32Array {
  const mean = new Float32Array(expressionCount);
  let used = 0;
  for (let t = 0; t < rows.length / expressionCount; t++) {
    if (!counts(t)) continue;
    used++;
    for (let k = 0; k < expressionCount; k++) mean[k]! += rows[t * expressionCount + k]!;
  }
  return mean.map((value) => value / used);
}

function repeat(count: number, row: (t: number) => Float32Array): Float32Array {
  const rows = new Float32Array(count * expressionCount);
  for (let t = 0; t < count; t++) rows.set(row(t), t * expressionCount);
  return rows;
}
