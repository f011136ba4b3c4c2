/**
 * A1: what the audio net hears. DeepSpeech's way: 26 MFCC every 20 ms with ±9 neighbours, 494 values normalised over the
 * utterance, through a network of 29 pre-softmax outputs, resampled to the video's frames, a window of 16 rows per frame.
 */
import { mfcc, mfccCount } from '../../src/dsp/mfcc.ts';
import { triangles } from '../../src/dsp/filter-bank.ts';
import { resampleRows } from '../../src/dsp/resample-rows.ts';
import { stft } from '../../src/dsp/stft.ts';
import { phoneColumn, phoneColumnCount } from '../../src/speech/phones.ts';
import type { Audio, PhoneSpan } from '../../src/types.ts';
import { runRows } from '../../src/compute/rows.ts';
import type { RowModel } from '../../src/compute/rows.ts';

export const speechSampleRate = 16000;
const hopSeconds = 0.02;
const contextRows = 9;
/** Inputs of the phone network: 19 rows of 26 coefficients. */
export const phoneInputs = (2 * contextRows + 1) * mfccCount;
/** Rows of one window of the audio net; frame t sees rows t − 8 … t + 7. */
export const windowRows = 16;
export const windowWidth = windowRows * phoneColumnCount;

/** The phone network's inputs, one row of `phoneInputs` values per 20 ms: zeros beyond the ends, mean 0 and variance 1 over the whole. */
export function phoneWindows({ samples, sampleRate }: Audio): Float32Array {
  const { rows, count } = mfcc(samples, sampleRate, hopSeconds);
  const windows = new Float32Array(count * phoneInputs);
  for (let row = 0; row < count; row++) {
    const first = Math.max(0, row - contextRows);
    const last = Math.min(count, row + contextRows + 1);
    const offset = (first - (row - contextRows)) * mfccCount;
    windows.set(rows.subarray(first * mfccCount, last * mfccCount), row * phoneInputs + offset);
  }
  return standardize(windows);
}

function standardize(values: Float32Array): Float32Array {
  let [sum, squares] = [0, 0];
  for (const value of values) {
    sum += value;
    squares += value * value;
  }
  const mean = sum / values.length;
  const deviation = Math.sqrt(Math.max(1e-12, squares / values.length - mean * mean));
  return values.map((value) => (value - mean) / deviation);
}

/** Which of the 29 columns is spoken in the middle of each row's 25 ms; silence where no span covers it. */
export function phoneColumns(phones: PhoneSpan[], count: number): Int32Array {
  return Int32Array.from({ length: count }, (_, row) => {
    const time = row * hopSeconds + 0.0125;
    return phoneColumn(phones.find(({ start, end }) => time >= start && time < end)?.phone ?? 'sil');
  });
}

export const silenceColumn = phoneColumn('sil');

/** The column with the highest output in a row of 29. */
export function highestColumn(logits: Float32Array, row: number): number {
  let best = 0;
  for (let c = 1; c < phoneColumnCount; c++) {
    if (logits[row * phoneColumnCount + c]! > logits[row * phoneColumnCount + best]!) best = c;
  }
  return best;
}

/** Logits at video rate, `frameCount` rows of 29. */
export async function speechFeatures(
  phoneNet: RowModel,
  audio: Audio,
  { fps, frameCount }: { fps: number; frameCount: number },
): Promise<Float32Array> {
  const logits = await runRows(phoneNet, phoneWindows(audio));
  return resampleRows(logits, {
    width: phoneColumnCount,
    fromRate: 1 / hopSeconds,
    toRate: fps,
    count: frameCount,
  });
}

/** Rows of 29 at the video's rate: of the phone network, or where the sound itself is heard of 29 mel bands. */
export function heardFeatures(
  input: 'phones' | 'spectrogram',
  phoneNet: RowModel,
  audio: Audio,
  video: { fps: number; frameCount: number },
): Promise<Float32Array> | Float32Array {
  return input === 'phones' ? speechFeatures(phoneNet, audio, video) : bandFeatures(audio, video);
}

/** Least power that counts, of samples in [-1, 1]. */
const quietest = 1e-8;
const bandWindow = 512;

/** log power in 29 mel bands from 60 Hz to 7.6 kHz every 20 ms, mean 0 and variance 1 over the whole, at the video's rate. */
function bandFeatures(audio: Audio, video: { fps: number; frameCount: number }): Float32Array {
  return atVideoRate(standardize(logBands(audio)), video);
}

/** Rows of 29, one per 20 ms. */
function logBands({ samples, sampleRate }: Audio): Float32Array {
  const bands = triangles(
    phoneColumnCount,
    { size: bandWindow, sampleRate },
    { lowHz: 60, highHz: 7600, mel: true },
  );
  const spectra = stft(samples, { size: bandWindow, hop: Math.round(hopSeconds * sampleRate) });
  const rows = new Float32Array(spectra.length * phoneColumnCount);
  spectra.forEach(({ real, imaginary }, row) =>
    bands.forEach(({ first, weights }, band) => {
      let power = 0;
      weights.forEach((weight, i) => {
        power += weight * (real[first + i]! ** 2 + imaginary[first + i]! ** 2);
      });
      rows[row * phoneColumnCount + band] = Math.log(power + quietest);
    }),
  );
  return rows;
}

const atVideoRate = (
  rows: Float32Array,
  { fps, frameCount }: { fps: number; frameCount: number },
): Float32Array =>
  resampleRows(rows, { width: phoneColumnCount, fromRate: 1 / hopSeconds, toRate: fps, count: frameCount });

/** Frames on each side of one that `soundWindows` shows with it: of few seconds of footage no more can be learned. */
const soundReach = 2;
export const soundWidth = (2 * soundReach + 1) * phoneColumnCount + 1;
/**
 * The sound itself at every frame and its neighbours, rows of 5×29 log powers and a 1: what is heard where no network has learned to. Ends are held. They
 * are not standardised over the clip, since a second of silence would be taken for speech.
 */
export function soundWindows(audio: Audio, video: { fps: number; frameCount: number }): Float32Array {
  const bands = atVideoRate(logBands(audio), video);
  const { frameCount } = video;
  const windows = new Float32Array(frameCount * soundWidth).fill(1);
  for (let t = 0; t < frameCount; t++)
    for (let k = 0; k <= 2 * soundReach; k++) {
      const frame = Math.max(0, Math.min(frameCount - 1, t + k - soundReach));
      const row = bands.subarray(frame * phoneColumnCount, (frame + 1) * phoneColumnCount);
      windows.set(row, t * soundWidth + k * phoneColumnCount);
    }
  return windows;
}

/** The window of frame t for every t in `frames`: 16 rows of 29 each, zeros beyond the ends. Frames beyond the clip are those at its ends. */
export function audioWindows(features: Float32Array, frames: readonly number[]): Float32Array {
  const count = features.length / phoneColumnCount;
  const windows = new Float32Array(frames.length * windowWidth);
  frames.forEach((wanted, i) => {
    const frame = Math.max(0, Math.min(count - 1, wanted));
    const first = Math.max(0, frame - windowRows / 2);
    const last = Math.min(count, frame + windowRows / 2);
    const offset = (first - (frame - windowRows / 2)) * phoneColumnCount;
    windows.set(
      features.subarray(first * phoneColumnCount, last * phoneColumnCount),
      i * windowWidth + offset,
    );
  });
  return windows;
}
