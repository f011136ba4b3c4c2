/** Makes one vocoder fake: the target's frames as they are, under its own sound said again by a vocoder. */
import { join } from 'node:path';
import { mixOf } from '../../src/pairs.ts';
import { defineJob } from '../../src/pipeline/job.ts';
import { createRng } from '../../src/random.ts';
import type { Clip, FileRef, Media, Span, Work } from '../../src/types.ts';
import { untrained, vocode, type Way } from './vocode.ts';

export type Method = keyof typeof untrained | 'neural';
/** `network`: of the method `neural`. `spans`: where the sound is forged, in seconds; everywhere unless said. */
export type VocoderInput = {
  target: Clip;
  method: Method;
  network?: FileRef;
  spans?: Span[];
  label: string;
  seed: number;
};

export const vocodeClip = defineJob<VocoderInput, Media>({
  name: 'vocoder',
  module: import.meta.url,
  threads: 1,
  urgent: true,
  run,
});

async function run(
  { target, method, network, spans, label, seed }: VocoderInput,
  work: Work,
): Promise<Media> {
  const { decodeAudio, decodeFrames } = await import('../../src/media/decode.ts');
  const { encodeClip } = await import('../../src/media/encode.ts');
  const { provenanceComment, writeProvenance } = await import('../../src/media/provenance.ts');
  const { video, audio, path, sha256 } = target.media;
  if (!video || !audio) throw new Error(`${target.id}: planned without a picture or sound`);
  const spoken = await decodeAudio(path, audio.sampleRate);
  const rng = createRng(seed, 'vocoder', method, target.id);
  const { way, close } = await open(method, network);
  const said = await vocode(spoken, way, rng, spans);
  close();
  const out = join(work.folder, 'fake.mp4');
  const media = await encodeClip(out, {
    frames: decodeFrames(path, { frameCount: video.frameCount }),
    fps: video.fps,
    width: video.width,
    height: video.height,
    audio: said,
    comment: provenanceComment(label),
  });
  await writeProvenance(out, {
    generator: label,
    options: { method, ...(spans ? { spans } : {}) },
    model: network ? { vocoder: network.sha256 } : {},
    sourceFiles: [sha256],
    ...mixOf(target),
  });
  return media;
}

async function open(method: Method, network?: FileRef): Promise<{ way: Way; close(): void }> {
  if (method !== 'neural') return { way: untrained[method], close: () => {} };
  if (!network) throw new Error('the neural vocoder speaks with a trained network');
  const { openNeural } = await import('./neural.ts');
  return openNeural(network.path);
}
