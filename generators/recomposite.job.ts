/** The path of a fake with the true pixels on it: decode, cut out, lay back by the mask, encode. */
import { compositeFrame, cropFrame } from '../src/faces/composite.ts';
import { cropFace } from '../src/faces/crop.ts';
import { mouthMask, mouthRegion, mouthWindow } from '../src/faces/mouth-region.ts';
import type { Box } from '../src/head/track.ts';
import { defineJob } from '../src/pipeline/job.ts';
import type { Clip, Frame, Media, Work } from '../src/types.ts';
import { layIn } from './face-swap/lay-in.ts';
import { placesOf } from './face-swap/place.ts';

/** `sizePx`: side of the window about the mouth, or of the face's crop. */
export type RecompositeInput = {
  target: Clip;
  region: 'mouth' | 'face' | 'frame';
  sizePx: number;
  label: string;
};
type Repaint = (frame: Frame, index: number) => Frame;

export const recompositeClip = defineJob<RecompositeInput, Media>({
  name: 'recomposite',
  module: import.meta.url,
  threads: 1,
  run,
});

async function run({ target, region, sizePx, label }: RecompositeInput, work: Work): Promise<Media> {
  const { makeFakeFilm } = await import('../src/pipeline/fake-film.ts');
  const paths = { mouth: mouthPath, face: facePath, frame: async () => wholeFrame };
  return makeFakeFilm(work, {
    target,
    label,
    repaint: await paths[region](target, sizePx),
    options: { region },
  });
}

/** That of `puppetry`. */
async function mouthPath(target: Clip, windowPx: number): Promise<Repaint> {
  const { readTrack } = await import('../src/head/track.ts');
  const { mesh, camera, frames } = await readTrack(target.track!.path);
  const region = mouthRegion(mesh);
  return (frame, index) => {
    const { pose } = frames[index]!;
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

function wholeFrame(frame: Frame): Frame {
  const { width, height } = frame;
  return throughWindow(frame, { x: 0, y: 0, width, height }, new Float32Array(width * height).fill(1));
}

const throughWindow = (frame: Frame, window: Box, mask: Float32Array): Frame =>
  compositeFrame(frame, cropFrame(frame, window), window, mask);
