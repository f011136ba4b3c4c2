/** How far one fake's sound is from what was said, beside what doing nothing and what saying something else would give. */
import { join } from 'node:path';
import { type SpeechDistance, speechDistance } from '../../src/dsp/speech-distance.ts';
import { spectrogram } from '../../src/dsp/spectrogram.ts';
import { defineJob } from '../../src/pipeline/job.ts';
import type { Clip, FileRef, Media, Span } from '../../src/types.ts';

/**
 * `copy`: the target through the last encode of everything that is scored, and nothing else. `other`: another sentence of the same person,
 * where there is one. `spans`: where the fake is forged.
 */
type Input = { target: Clip; fake: Media; copy: Media; other?: Media; spans?: Span[] };
export const ways = ['fake', 'copy-target', 'other-words'] as const;
export type SoundQuality = {
  /** Undefined where there is nothing to compare with, or the target is silent. */
  distances: Partial<Record<(typeof ways)[number], SpeechDistance>>;
  /** Spectrogram of the target above that of the fake. */
  sheet: FileRef;
};

export const judgeSound = defineJob<Input, SoundQuality>({
  name: 'vocoder-judge',
  module: import.meta.url,
  threads: 1,
  async run({ target, fake, copy, other, spans }, work) {
    const { decodeAudio } = await import('../../src/media/decode.ts');
    const { montage, writeJpeg } = await import('../../src/media/images.ts');
    const { sampleRate } = target.media.audio!;
    const said = await decodeAudio(target.media.path, sampleRate);
    const media = { fake, 'copy-target': copy, 'other-words': other };
    const distances: SoundQuality['distances'] = {};
    for (const way of ways) {
      const file = media[way];
      if (!file) continue;
      const { samples } = await decodeAudio(file.path, sampleRate);
      const distance = speechDistance(said, samples, spans);
      if (distance) distances[way] = distance;
    }
    const forged = await decodeAudio(fake.path, sampleRate);
    await writeJpeg(join(work.folder, 'sheet.jpg'), montage([said, forged].map(spectrogram), 1));
    return { distances, sheet: await work.keep('sheet.jpg') };
  },
});
