import { meydaWindows } from '../src/dsp/meyda.ts';
import { ItemError } from '../src/errors.ts';
import { quantile } from '../src/metrics/resampling.ts';
import { openClip } from '../src/media/open-clip.ts';
import { defineJob } from '../src/pipeline/job.ts';
import type { Clip, OpenClip } from '../src/types.ts';

/** A window quieter than this is silence, in dB below full scale. */
const silenceDb = -50;
/** What stands for the logarithm of nothing: below the last bit of 16. */
const floorAmplitude = 1e-5;

export const audioFeaturesJob = defineJob({
  name: 'audio-features',
  module: import.meta.url,
  threads: 1,
  run: ({ clip }: { clip: Clip }) => audioFeatures(openClip(clip)),
});

/**
 * Of the sound at its own rate, in windows of 512 samples: share of silent windows; mean, spread, 10th and 90th percentile of the
 * loudness in dB; highest sample in dB; mean and spread of centroid, 99 % edge (kHz) and flatness of the windows that are not
 * silent, 0 without any; the mean sample. Throws ItemError E_NOT_APPLICABLE without sound, E_TOO_SHORT for less than a window.
 */
export async function audioFeatures(open: OpenClip): Promise<number[]> {
  const { samples, sampleRate } = await open.audio();
  const windows = meydaWindows(samples, sampleRate);
  if (windows.length === 0)
    throw new ItemError(
      'E_TOO_SHORT',
      `${open.clip.id}: ${samples.length} samples are too few to describe a sound`,
    );
  const loudness = windows.map(({ rms }) => decibel(rms));
  const sorted = Float64Array.from(loudness).sort();
  const heard = windows.filter((_, i) => loudness[i]! >= silenceDb);
  let [peak, sum] = [0, 0];
  for (const sample of samples) {
    peak = Math.max(peak, Math.abs(sample));
    sum += sample;
  }
  return [
    1 - heard.length / windows.length,
    ...meanAndSpread(loudness),
    quantile(sorted, 0.1),
    quantile(sorted, 0.9),
    decibel(peak),
    ...meanAndSpread(heard.map(({ centroidHz }) => centroidHz / 1000)),
    ...meanAndSpread(heard.map(({ rolloffHz }) => rolloffHz / 1000)),
    ...meanAndSpread(heard.map(({ flatness }) => flatness)),
    sum / samples.length,
  ];
}

const decibel = (amplitude: number): number => 20 * Math.log10(Math.max(floorAmplitude, amplitude));

function meanAndSpread(values: readonly number[]): [mean: number, spread: number] {
  if (values.length === 0) return [0, 0];
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return [mean, Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length)];
}
