/** The path of a fake with the true pixels on it: decode, cut out, lay back by the mask, encode. */
import { compositeFrame, cropFrame } from '../src/faces/composite.ts';
import { cropFace } from '../src/faces/crop.ts';
import { mouthMask, mouthRegion, mouthWindow } from '../src/faces/mouth-region.ts';
import type { Box } from '../src/head/track.ts';
import { defineJob } from '../src/pipeline/job.ts';
import type { Clip, Frame, Media, Work } from '../src/types.ts';
import { layIn } from './face-swap/lay-in.ts';
import { placesOf } from './face-swap/place.ts';

/** `sizePx`: side of the window about the mouth, of the face's crop, or of what the whole frame is scaled to, where it is. */
export type RecompositeInput = {
  target: Clip;
  region: 'mouth' | 'face' | 'frame';
  sizePx?: number;
  label: string;
};
type Repaint = (frame: Frame, index: number) => Frame | Promise<Frame>;

export const recompositeClip = defineJob<RecompositeInput, Media>({
  name: 'recomposite',
  module: import.meta.url,
  threads: 1,
  run,
});

async function run({ target, region, sizePx, label }: RecompositeInput, work: Work): Promise<Media> {
  const { makeFakeFilm } = await import('../src/pipeline/fake-film.ts');
  const paths = { mouth: mouthPath, face: facePath };
  return makeFakeFilm(work, {
    target,
    label,
    repaint: region === 'frame' ? framePath(sizePx) : await paths[region](target, sizePx!),
    options: { region },
  });
}

/** That of `puppetry`. */
async function mouthPath(target: Clip, windowPx: number): Promise<Repaint> {
  const { frameOf, readTrack } = await import('../src/head/track.ts');
  const track = await readTrack(target.track!.path);
  const { mesh, camera } = track;
  const region = mouthRegion(mesh);
  return (frame, index) => {
    const { pose } = frameOf(track, index);
    const window = mouthWindow(region, pose, camera, windowPx);
    return throughWindow(frame, window, mouthMask(region, pose, camera, window));
  };
}

/** That of `face-swap` without a network: the face is scaled to its crop, and the crop laid in as drawn. */
async function facePath(target: Clip, facePx: number): Promise<Repaint> {
  const { readTrack } = await import('../src/head/track.ts');
  const places = placesOf(await readTrack(target.track!.path), facePx);
  const mask = new Float32Array(facePx * facePx).fill(1);
  return (frame, index) => {
    const place = places(index);
    const face = cropFace(frame, place.toCrop, facePx);
    return layIn(frame, face, { face, mask }, place, 'feather');
  };
}

/** That of `gan` where it is scaled to a square and back, else of nothing but the copying. */
function framePath(sizePx?: number): Repaint {
  return async (frame) => {
    const { width, height } = frame;
    const whole = new Float32Array(width * height).fill(1);
    if (sizePx === undefined) return throughWindow(frame, { x: 0, y: 0, width, height }, whole);
    const { resizeFrame } = await import('../src/media/images.ts');
    return resizeFrame(await resizeFrame(frame, sizePx, sizePx, 'fill'), width, height, 'fill');
  };
}

const throughWindow = (frame: Frame, window: Box, mask: Float32Array): Frame =>
  compositeFrame(frame, cropFrame(frame, window), window, mask);
