/** The path of a fake with the true pixels on it: decode, cut out, lay back by the mask, encode. */
import { join } from 'node:path';
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
  const { decodeAudio, decodeFrames } = await import('../src/media/decode.ts');
  const { encodeClip } = await import('../src/media/encode.ts');
  const { provenanceComment, writeProvenance } = await import('../src/media/provenance.ts');
  const { video, audio, path, sha256 } = target.media;
  if (!video) throw new Error(`${target.id}: planned without a picture`);
  const paths = { mouth: mouthPath, face: facePath, frame: async () => wholeFrame };
  const again = await paths[region](target, sizePx);
  const out = join(work.folder, 'fake.mp4');
  const media = await encodeClip(out, {
    frames: repaint(decodeFrames(path, { frameCount: video.frameCount }), again),
    fps: video.fps,
    width: video.width,
    height: video.height,
    comment: provenanceComment(label),
    ...(audio ? { audio: await decodeAudio(path, audio.sampleRate) } : {}),
  });
  await writeProvenance(out, {
    generator: label,
    options: { region },
    model: {},
    sources: target.sources,
    sourceFiles: [sha256],
    licence: target.licence,
    ...(target.likenessConsent ? { likenessConsent: target.likenessConsent } : {}),
  });
  return media;
}

async function* repaint(frames: AsyncIterable<Frame>, again: Repaint): AsyncGenerator<Frame> {
  let index = 0;
  for await (const frame of frames) yield again(frame, index++);
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
