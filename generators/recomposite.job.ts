/** The path of every puppet with the true pixels on it: decode, cut out the window, lay it back by the mask, encode. */
import { join } from 'node:path';
import { compositeFrame, cropFrame } from '../src/faces/composite.ts';
import { mouthMask, mouthRegion, mouthWindow } from '../src/faces/mouth-region.ts';
import type { Box } from '../src/head/track.ts';
import { defineJob } from '../src/pipeline/job.ts';
import type { Clip, Frame, Media, Work } from '../src/types.ts';

export type RecompositeInput = { target: Clip; region: 'mouth' | 'frame'; windowPx: number; label: string };
type Place = { window: Box; mask: Float32Array };

export const recompositeClip = defineJob<RecompositeInput, Media>({
  name: 'recomposite',
  module: import.meta.url,
  threads: 1,
  run,
});

async function run({ target, region, windowPx, label }: RecompositeInput, work: Work): Promise<Media> {
  const { decodeAudio, decodeFrames } = await import('../src/media/decode.ts');
  const { encodeClip } = await import('../src/media/encode.ts');
  const { provenanceComment, writeProvenance } = await import('../src/media/provenance.ts');
  const { video, audio, path, sha256 } = target.media;
  if (!video) throw new Error(`${target.id}: planned without a picture`);
  const placeOf = region === 'mouth' ? await mouthPlaces(target, windowPx) : wholeFrame;
  const out = join(work.folder, 'fake.mp4');
  const media = await encodeClip(out, {
    frames: repaint(decodeFrames(path, { frameCount: video.frameCount }), placeOf),
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

async function* repaint(
  frames: AsyncIterable<Frame>,
  placeOf: (frame: Frame, index: number) => Place,
): AsyncGenerator<Frame> {
  let index = 0;
  for await (const frame of frames) {
    const { window, mask } = placeOf(frame, index++);
    yield compositeFrame(frame, cropFrame(frame, window), window, mask);
  }
}

async function mouthPlaces(target: Clip, windowPx: number): Promise<(frame: Frame, index: number) => Place> {
  const { readTrack } = await import('../src/head/track.ts');
  const { mesh, camera, frames } = await readTrack(target.track!.path);
  const region = mouthRegion(mesh);
  return (_, index) => {
    const { pose } = frames[index]!;
    const window = mouthWindow(region, pose, camera, windowPx);
    return { window, mask: mouthMask(region, pose, camera, window) };
  };
}

function wholeFrame({ width, height }: Frame): Place {
  return { window: { x: 0, y: 0, width, height }, mask: new Float32Array(width * height).fill(1) };
}
