/** Makes one clip whose face is blended with itself, alike in every frame. */
import { type Blend, drawBlend, elasticOf, selfBlend } from '../src/faces/self-blend.ts';
import { landmarksOf, readTrack } from '../src/head/track.ts';
import { defineJob } from '../src/pipeline/job.ts';
import { createRng } from '../src/random.ts';
import type { Clip, Media, Span, Work } from '../src/types.ts';

/** `region`: what is blended; the face unless said. */
export type SelfBlendInput = { target: Clip; region?: 'mouth'; spans?: Span[]; label: string; seed: number };

export const selfBlendClip = defineJob<SelfBlendInput, Media>({
  name: 'self-blend',
  module: import.meta.url,
  threads: 1,
  urgent: true,
  run,
});

async function run({ target, region, spans, label, seed }: SelfBlendInput, work: Work): Promise<Media> {
  const { makeFakeFilm } = await import('../src/pipeline/fake-film.ts');
  const { width, height } = target.media.video!;
  const track = await readTrack(target.track!.path);
  const rng = createRng(seed, 'self-blend', target.id);
  const drawn = { ...drawBlend(rng.fork('blend')), changesCopy: true, finish };
  const blend = region === 'mouth' ? { ...drawn, ...bordersOf(drawn, landmarksOf(track, 0)) } : drawn;
  const elastic = elasticOf(rng.fork('elastic'), width, height);
  return makeFakeFilm(work, {
    target,
    label,
    ...(spans ? { spans } : {}),
    repaint: async (frame, index) => {
      const landmarks = landmarksOf(track, index);
      const outline = region === 'mouth' ? mouthOf(landmarks) : landmarks;
      return (await selfBlend(frame, outline, blend, elastic)).fake;
    },
  });
}

/** Landmarks 48 to 67 of the iBUG scheme, of which the first 17 are not among these. */
const mouthOf = (landmarks: Float32Array): Float32Array => landmarks.subarray(2 * (48 - 17));

/** The borders are drawn for faces: one of a mouth is as much narrower as the mouth is lower, or nothing of it would be left. */
function bordersOf(
  { erosionPx, feather }: Blend,
  landmarks: Float32Array,
): Pick<Blend, 'erosionPx' | 'feather'> {
  const share = heightOf(mouthOf(landmarks)) / heightOf(landmarks);
  const { reachPx, sigmaPx } = feather;
  return { erosionPx: share * erosionPx, feather: { reachPx: share * reachPx, sigmaPx: share * sigmaPx } };
}

function heightOf(points: Float32Array): number {
  const rows = points.filter((_, i) => i % 2 === 1);
  return Math.max(...rows) - Math.min(...rows);
}

/** The real clip it stands beside had no such change either. */
const finish = { tone: { shift: [0, 0, 0] as [number, number, number], brightness: 0, contrast: 1 } };
