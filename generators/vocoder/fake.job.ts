/** Makes one vocoder fake: the target's frames as they are, under its own sound said again by a vocoder. */
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
  const { decodeAudio } = await import('../../src/media/decode.ts');
  const { makeFakeFilm } = await import('../../src/pipeline/fake-film.ts');
  const { audio, path } = target.media;
  if (!audio) throw new Error(`${target.id}: planned without sound`);
  const spoken = await decodeAudio(path, audio.sampleRate);
  const rng = createRng(seed, 'vocoder', method, target.id);
  const { way, close } = await open(method, network);
  const sound = await vocode(spoken, way, rng, spans).finally(close);
  return makeFakeFilm(work, {
    target,
    label,
    sound,
    options: { method },
    ...(spans ? { spans } : {}),
    ...(network ? { model: { vocoder: network.sha256 } } : {}),
  });
}

async function open(method: Method, network?: FileRef): Promise<{ way: Way; close(): void }> {
  if (method !== 'neural') return { way: untrained[method], close: () => {} };
  if (!network) throw new Error('the neural vocoder speaks with a trained network');
  const { openNeural } = await import('./neural.ts');
  return openNeural(network.path);
}
