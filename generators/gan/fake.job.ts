/** Makes one portrait of nobody, moving where the target moves: as many frames, as large, as fast, under the target's own sound. */
import { join } from 'node:path';
import { resizeFrame } from '../../src/media/images.ts';
import { mixOf } from '../../src/pairs.ts';
import { defineJob } from '../../src/pipeline/job.ts';
import { createRng } from '../../src/random.ts';
import type { Clip, FileRef, Frame, Media, Work } from '../../src/types.ts';
import type { Material } from './material.ts';
import { type GanOptions, labelOf, settingsOf } from './options.ts';
import { openPainter } from './painter.ts';
import { circleWalk } from './walk.ts';

type Input = { target: Clip; generator: FileRef; material: Material; options: GanOptions; seed: number };

export const makePortrait = defineJob<Input, Media>({
  name: 'gan',
  module: import.meta.url,
  threads: 1,
  urgent: true,
  run,
});

async function run({ target, generator, material, options, seed }: Input, work: Work): Promise<Media> {
  const { decodeAudio } = await import('../../src/media/decode.ts');
  const { encodeClip } = await import('../../src/media/encode.ts');
  const { provenanceComment, writeProvenance } = await import('../../src/media/provenance.ts');
  const { video, audio, path, sha256 } = target.media;
  if (!video) throw new Error(`${target.id}: planned without a picture`);
  const { width, height, fps, frameCount } = video;
  const walk = circleWalk(
    settingsOf(options).net.latent,
    frameCount,
    createRng(seed, 'gan', 'walk', target.id),
  );
  const painter = await openPainter(generator);
  async function* frames(): AsyncGenerator<Frame> {
    for (const latent of walk) yield resizeFrame(await painter.paint(latent), width, height);
  }
  const label = labelOf(options);
  const out = join(work.folder, 'fake.mp4');
  const media = await encodeClip(out, {
    frames: frames(),
    fps,
    width,
    height,
    comment: provenanceComment(label),
    ...(audio ? { audio: await decodeAudio(path, audio.sampleRate) } : {}),
  });
  painter.close();
  await writeProvenance(out, {
    generator: label,
    options,
    model: { generator: generator.sha256 },
    sourceFiles: [...(audio ? [sha256] : []), ...material.files],
    ...mixOf(target, material),
  });
  return media;
}
