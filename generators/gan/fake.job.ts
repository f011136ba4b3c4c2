/** Makes one portrait of nobody, in place of the target or of a part of it: as many frames, as large, as fast, under the target's own sound. */
import { resizeFrame } from '../../src/media/images.ts';
import { defineJob } from '../../src/pipeline/job.ts';
import { createRng } from '../../src/random.ts';
import type { Clip, FileRef, Media, Span, Work } from '../../src/types.ts';
import type { Material } from './material.ts';
import { type GanOptions, labelOf, settingsOf } from './options.ts';
import { bestWalk, openPainter } from './painter.ts';
import { circleWalk } from './walk.ts';

type Input = {
  target: Clip;
  generator: FileRef;
  material: Material;
  options: GanOptions;
  spans?: Span[];
  seed: number;
};

export const makePortrait = defineJob<Input, Media>({
  name: 'gan',
  module: import.meta.url,
  threads: 1,
  urgent: true,
  run,
});

async function run({ target, generator, material, options, spans, seed }: Input, work: Work): Promise<Media> {
  const { makeFakeFilm } = await import('../../src/pipeline/fake-film.ts');
  const { width, height, frameCount } = target.media.video!;
  const painter = await openPainter(generator);
  const rng = createRng(seed, 'gan', 'walk', target.id);
  const { latent } = settingsOf(options).net;
  try {
    const walk = await bestWalk(painter, () => circleWalk(latent, frameCount, rng));
    return await makeFakeFilm(work, {
      target,
      label: labelOf(options),
      ...(spans ? { spans } : {}),
      repaint: async (_, index) => resizeFrame(await painter.paint(walk[index]!), width, height),
      options,
      model: { generator: generator.sha256 },
      learnedFrom: material,
    });
  } finally {
    painter.close();
  }
}
