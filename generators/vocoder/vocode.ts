/** The ways of saying a sound again that learn nothing, and what is common to all. */
import { filtered, triangles } from '../../src/dsp/filter-bank.ts';
import { griffinLim, invertBank } from '../../src/dsp/griffin-lim.ts';
import { lpcVocoder } from '../../src/dsp/lpc.ts';
import { spliced } from '../../src/dsp/splice.ts';
import { powerOf, stft } from '../../src/dsp/stft.ts';
import type { Rng } from '../../src/random.ts';
import type { Audio, Span } from '../../src/types.ts';

/** Samples in [-1, 1] at a rate in Hz → as many samples by a machine. */
export type Way = (
  samples: Float32Array,
  sampleRate: number,
  rng: Rng,
) => Float32Array | Promise<Float32Array>;

/** Of the mel spectrogram that Griffin-Lim starts from; as neural vocoders take it (80 bands). */
const frames = { size: 1024, hop: 256 };
export const bandCount = 80;
const iterations = 60;

/** Down to 80 mel bands, from which sizes and then phases are found again. */
const throughMel: Way = (samples, sampleRate, rng) => {
  const bank = triangles(
    bandCount,
    { size: frames.size, sampleRate },
    { lowHz: 0, highHz: sampleRate / 2, mel: true },
  );
  const sizes = stft(samples, frames).map((spectrum) =>
    invertBank(bank, filtered(bank, powerOf(spectrum)), frames.size / 2 + 1).map(Math.sqrt),
  );
  return griffinLim(sizes, frames, samples.length, iterations, rng);
};

export const untrained = { 'griffin-lim': throughMel, lpc: lpcVocoder } satisfies Record<string, Way>;

/** The same words by a machine, as loud as they were; with `spans` only there, the rest as it was. */
export async function vocode(
  { samples, sampleRate }: Audio,
  way: Way,
  rng: Rng,
  spans?: readonly Span[],
): Promise<Audio> {
  const said = await way(samples, sampleRate, rng);
  const scale = levelOf(samples) / Math.max(1e-9, levelOf(said));
  const loud = said.map((value) => Math.max(-1, Math.min(1, value * scale)));
  return { sampleRate, samples: spans ? spliced(samples, loud, spans, sampleRate) : loud };
}

/** Root mean square. */
function levelOf(samples: Float32Array): number {
  let sum = 0;
  for (const value of samples) sum += value * value;
  return Math.sqrt(sum / Math.max(1, samples.length));
}
