import { azimuthalMeans } from '../src/dsp/azimuthal.ts';
import { fft2d } from '../src/dsp/fft.ts';
import { ItemError } from '../src/errors.ts';
import { resizeFrame } from '../src/media/images.ts';
import { openClip } from '../src/media/open-clip.ts';
import { cropCentre, greyOf, sampleFrames } from '../src/media/sample-frames.ts';
import { defineJob } from '../src/pipeline/job.ts';
import type { Clip, Frame, OpenClip } from '../src/types.ts';

/** Side of the square that is transformed. */
export const sizePx = 256;
const framesPerClip = 8;

export const spectrumFeaturesJob = defineJob({
  name: 'spectrum-features',
  module: import.meta.url,
  threads: 1,
  run: ({ clip }: { clip: Clip }) => spectrumFeatures(openClip(clip)),
});

/** The mean over frames of `frameSpectrum`, 179 values. Throws ItemError where there is nothing to transform. */
export async function spectrumFeatures(clip: OpenClip): Promise<number[]> {
  const spectra: Float64Array[] = [];
  for await (const { frame } of sampleFrames(clip, framesPerClip)) spectra.push(await frameSpectrum(frame));
  const means = [...spectra[0]!].map(
    (_, j) => spectra.reduce((sum, spectrum) => sum + spectrum[j]!, 0) / spectra.length,
  );
  if (!means.every(Number.isFinite))
    throw new ItemError('E_NO_SPECTRUM', `${clip.clip.id}: a frame has no power at the lowest frequency`);
  return means;
}

/**
 * The azimuthal means of 20·ln(|F| + 1e-8) (the natural logarithm, as in the published code), divided by the first.
 * A larger frame is cropped and not scaled, because scaling would change the very frequencies that are looked at; a
 * smaller one is enlarged.
 */
export async function frameSpectrum(frame: Frame): Promise<Float64Array> {
  const fits = Math.min(frame.width, frame.height) >= sizePx;
  const square = fits ? cropCentre(frame, sizePx) : await resizeFrame(frame, sizePx, sizePx);
  const { real, imaginary } = fft2d(greyOf(square), sizePx);
  const levels = real.map((value, i) => 20 * Math.log(Math.hypot(value, imaginary[i]!) + 1e-8));
  const means = azimuthalMeans(levels, sizePx);
  return means.map((value) => value / means[0]!);
}
