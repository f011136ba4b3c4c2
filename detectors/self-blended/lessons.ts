/**
 * What is learned from: genuine frames, and the same blended with themselves, each frame in its own way.
 *
 * Stated deviations from the paper. Each frame is blended once, before training, where the authors blend it anew every time it is shown;
 * the mask is the hull of the 51 inner landmarks, without jaw and forehead, where theirs is of 68 or 81 or drawn from several shapes; the
 * network is shown the middle of the frame, where theirs is shown random crops around the face; hue and saturation are left as they
 * are. `presets.ts` says how the network differs.
 */
import { drawBlend, elasticOf, selfBlend } from '../../src/faces/self-blend.ts';
import { type LessonsOf, squareOf } from '../../src/frame-net/frames.ts';
import { landmarksOf, trackOf } from '../../src/head/track.ts';
import { openClip } from '../../src/media/open-clip.ts';
import { sampleFrames } from '../../src/media/sample-frames.ts';
import { createRng } from '../../src/random.ts';

/** Throws ItemError E_NOT_APPLICABLE for a clip without a face track. */
export const selfBlendedLessons = (seed: number): LessonsOf =>
  async function* lessons({ clip }, count, square) {
    const track = await trackOf(clip, 'the face is');
    for await (const { index, frame } of sampleFrames(openClip(clip), count)) {
      const rng = createRng(seed, 'self-blended', clip.id, index);
      const blend = drawBlend(rng.fork('blend'));
      const elastic = elasticOf(rng.fork('elastic'), frame.width, frame.height);
      const { real, fake } = await selfBlend(frame, landmarksOf(track, index), blend, elastic);
      const moment = `${clip.id} ${index}`;
      yield { truth: 'real', rgb: await squareOf(real, square), moment };
      yield { truth: 'fake', rgb: await squareOf(fake, square), moment };
    }
  };
