/** From the sound itself to expressions, for recordings: one regression for all people (`hearing.ts`). */
import { ridge } from '../../src/dsp/ridge.ts';
import { mapScale } from './audio-net.ts';
import { soundWidth } from './speech-features.ts';
import type { PersonMap } from './speech-models.ts';

/** λ: a second of speech has 25 frames, and a window 145 values. */
const strength = 1;

/**
 * Ridge regression around the means, from windows of sound (rows of `soundWidth`, the last value 1) to expressions (rows of K). Where it is unsure it keeps to
 * the mean, and a mouth that hardly moves says nothing: what it gives is enlarged until it varies as much as what was shown.
 */
export function fitSoundMap(heard: Float32Array, expressions: Float32Array): PersonMap {
  const count = heard.length / soundWidth;
  const k = expressions.length / count;
  const [meanHeard, meanShown] = [meanRow(heard, soundWidth), meanRow(expressions, k)];
  const centred = heard.map((value, i) => value - meanHeard[i % soundWidth]!);
  const shown = expressions.map((value, i) => value - meanShown[i % k]!);
  const weights = ridge(centred, shown, { inputs: soundWidth, outputs: k, strength });
  let [given, wanted] = [0, 0];
  for (let t = 0; t < count; t++)
    for (let j = 0; j < k; j++) {
      let value = 0;
      for (let i = 0; i < soundWidth; i++) value += centred[t * soundWidth + i]! * weights[i * k + j]!;
      given += value * value;
      wanted += shown[t * k + j]! ** 2;
    }
  const gain = given > 0 ? Math.sqrt(wanted / given) : 1;
  const map = Float32Array.from(weights, (value) => (gain * value) / mapScale);
  // The row of the 1 holds what the means are off by.
  for (let j = 0; j < k; j++) {
    let offset = 0;
    for (let i = 0; i < soundWidth - 1; i++) offset += meanHeard[i]! * map[i * k + j]!;
    map[(soundWidth - 1) * k + j] = meanShown[j]! / mapScale - offset;
  }
  return { inputs: soundWidth, weights: map };
}

function meanRow(rows: Float32Array, width: number): Float64Array {
  const mean = new Float64Array(width);
  rows.forEach((value, i) => (mean[i % width]! += (value * width) / rows.length));
  return mean;
}
