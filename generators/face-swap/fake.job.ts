/** Makes one swapped video: the target's frames with another person's face, and the target's own sound. */
import { join } from 'node:path';
import { cropFace } from '../../src/faces/crop.ts';
import { readTrack } from '../../src/head/track.ts';
import { mixOf, personOf } from '../../src/pairs.ts';
import { defineJob } from '../../src/pipeline/job.ts';
import type { Clip, Frame, Media, Work } from '../../src/types.ts';
import { layIn } from './lay-in.ts';
import { type FaceSwapOptions, labelOf, settingsOf } from './options.ts';
import { placesOf } from './place.ts';
import { openSwapper, type SwapFiles } from './swapper.ts';

/** `face`: a clip of the person who is drawn. */
export type FakeInput = { target: Clip; face: Clip; files: SwapFiles; options: FaceSwapOptions };

export const makeSwap = defineJob<FakeInput, Media>({
  name: 'face-swap',
  module: import.meta.url,
  threads: 1,
  urgent: true,
  run,
});

async function run({ target, face, files, options }: FakeInput, work: Work): Promise<Media> {
  const { decodeAudio, decodeFrames } = await import('../../src/media/decode.ts');
  const { encodeClip } = await import('../../src/media/encode.ts');
  const { provenanceComment, writeProvenance } = await import('../../src/media/provenance.ts');
  const { video, audio, path, sha256 } = target.media;
  if (!video) throw new Error(`${target.id}: planned without a picture`);
  const track = await readTrack(target.track!.path);
  const swapper = await openSwapper(files, personOf(target), personOf(face));
  const { sizePx } = settingsOf(options).net;
  const places = placesOf(track, sizePx);
  const label = labelOf(options);
  async function* frames(): AsyncGenerator<Frame> {
    let t = 0;
    for await (const frame of decodeFrames(path, { frameCount: video!.frameCount })) {
      const place = places(t++);
      const crop = cropFace(frame, place.toCrop, sizePx);
      yield layIn(frame, crop, await swapper.draw(crop), place, options.blend);
    }
  }
  const out = join(work.folder, 'fake.mp4');
  const media = await encodeClip(out, {
    frames: frames(),
    fps: video.fps,
    width: video.width,
    height: video.height,
    comment: provenanceComment(label),
    ...(audio ? { audio: await decodeAudio(path, audio.sampleRate) } : {}),
  });
  swapper.close();
  const used = { encoder: files.encoder, decoder: files.decoders[personOf(face)]! };
  await writeProvenance(out, {
    generator: label,
    options,
    model: Object.fromEntries(Object.entries(used).map(([name, file]) => [name, file.sha256])),
    sourceFiles: [sha256, face.media.sha256],
    ...mixOf(target, face),
  });
  return media;
}
