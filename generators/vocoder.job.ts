/** Makes one vocoder fake: the target's frames as they are, under its own sound said again by a vocoder. */
import { join } from 'node:path';
import type { Complex } from '../src/dsp/fft.ts';
import { filtered, triangles } from '../src/dsp/filter-bank.ts';
import { griffinLim, invertBank } from '../src/dsp/griffin-lim.ts';
import { lpcVocoder } from '../src/dsp/lpc.ts';
import { stft } from '../src/dsp/stft.ts';
import { mixOf } from '../src/pairs.ts';
import { defineJob } from '../src/pipeline/job.ts';
import { createRng, type Rng } from '../src/random.ts';
import type { Audio, Clip, Media, Work } from '../src/types.ts';

export type VocoderInput = { target: Clip; method: Method; label: string; seed: number };
export type Method = 'griffin-lim' | 'lpc';

/** Of the mel spectrogram that Griffin-Lim starts from; as neural vocoders take it (80 bands). */
const frames = { size: 1024, hop: 256 };
const bandCount = 80;
const iterations = 60;

export const vocodeClip = defineJob<VocoderInput, Media>({
  name: 'vocoder',
  module: import.meta.url,
  threads: 1,
  urgent: true,
  run,
});

async function run({ target, method, label, seed }: VocoderInput, work: Work): Promise<Media> {
  const { decodeAudio, decodeFrames } = await import('../src/media/decode.ts');
  const { encodeClip } = await import('../src/media/encode.ts');
  const { provenanceComment, writeProvenance } = await import('../src/media/provenance.ts');
  const { video, audio, path, sha256 } = target.media;
  if (!video || !audio) throw new Error(`${target.id}: planned without a picture or sound`);
  const spoken = await decodeAudio(path, audio.sampleRate);
  const rng = createRng(seed, 'vocoder', method, target.id);
  const out = join(work.folder, 'fake.mp4');
  const media = await encodeClip(out, {
    frames: decodeFrames(path, { frameCount: video.frameCount }),
    fps: video.fps,
    width: video.width,
    height: video.height,
    audio: vocode(spoken, method, rng),
    comment: provenanceComment(label),
  });
  await writeProvenance(out, {
    generator: label,
    options: { method },
    model: {},
    sourceFiles: [sha256],
    ...mixOf(target),
  });
  return media;
}

/** The same words by a machine, as loud as they were. */
export function vocode({ samples, sampleRate }: Audio, method: Method, rng: Rng): Audio {
  const said = method === 'lpc' ? lpcVocoder(samples, sampleRate, rng) : throughMel(samples, sampleRate, rng);
  const scale = levelOf(samples) / Math.max(1e-9, levelOf(said));
  return { sampleRate, samples: said.map((value) => Math.max(-1, Math.min(1, value * scale))) };
}

/** Down to 80 mel bands, from which sizes and then phases are found again. */
function throughMel(samples: Float32Array, sampleRate: number, rng: Rng): Float32Array {
  const bank = triangles(
    bandCount,
    { size: frames.size, sampleRate },
    { lowHz: 0, highHz: sampleRate / 2, mel: true },
  );
  const power = ({ real, imaginary }: Complex): Float64Array =>
    real.map((value, k) => value * value + imaginary[k]! * imaginary[k]!);
  const sizes = stft(samples, frames).map((spectrum) =>
    invertBank(bank, filtered(bank, power(spectrum)), frames.size / 2 + 1).map(Math.sqrt),
  );
  return griffinLim(sizes, frames, samples.length, iterations, rng);
}

/** Root mean square. */
function levelOf(samples: Float32Array): number {
  let sum = 0;
  for (const value of samples) sum += value * value;
  return Math.sqrt(sum / Math.max(1, samples.length));
}
