/** Makes one clip whose face is blended with itself, alike in every frame. */
import { drawBlend, elasticOf, selfBlend } from '../src/faces/self-blend.ts';
import { landmarksOf, readTrack } from '../src/head/track.ts';
import { defineJob } from '../src/pipeline/job.ts';
import { createRng } from '../src/random.ts';
import type { Clip, Media, Span, Work } from '../src/types.ts';

export type SelfBlendInput = { target: Clip; spans?: Span[]; label: string; seed: number };

export const selfBlendClip = defineJob<SelfBlendInput, Media>({
  name: 'self-blend',
  module: import.meta.url,
  threads: 1,
  urgent: true,
  run,
});

async function run({ target, spans, label, seed }: SelfBlendInput, work: Work): Promise<Media> {
  const { makeFakeFilm } = await import('../src/pipeline/fake-film.ts');
  const { width, height } = target.media.video!;
  const track = await readTrack(target.track!.path);
  const rng = createRng(seed, 'self-blend', target.id);
  const blend = { ...drawBlend(rng.fork('blend')), changesCopy: true, finish };
  const elastic = elasticOf(rng.fork('elastic'), width, height);
  return makeFakeFilm(work, {
    target,
    label,
    ...(spans ? { spans } : {}),
    repaint: async (frame, index) => (await selfBlend(frame, landmarksOf(track, index), blend, elastic)).fake,
  });
}

/** The real clip it stands beside had no such change either. */
const finish = { tone: { shift: [0, 0, 0] as [number, number, number], brightness: 0, contrast: 1 } };
