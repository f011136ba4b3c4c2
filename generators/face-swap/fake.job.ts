/** Makes one swapped video: the target's frames with another person's face, and the target's own sound. */
import { cropFace } from '../../src/faces/crop.ts';
import { readTrack } from '../../src/head/track.ts';
import { personOf } from '../../src/pairs.ts';
import { defineJob } from '../../src/pipeline/job.ts';
import type { Clip, Media, Span, Work } from '../../src/types.ts';
import { layIn } from './lay-in.ts';
import { type FaceSwapOptions, labelOf, settingsOf } from './options.ts';
import { placesOf } from './place.ts';
import { openSwapper, type SwapFiles } from './swapper.ts';

/** `face`: a clip of the person who is drawn. */
export type FakeInput = {
  target: Clip;
  face: Clip;
  files: SwapFiles;
  options: FaceSwapOptions;
  spans?: Span[];
};

export const makeSwap = defineJob<FakeInput, Media>({
  name: 'face-swap',
  module: import.meta.url,
  threads: 1,
  urgent: true,
  run,
});

async function run({ target, face, files, options, spans }: FakeInput, work: Work): Promise<Media> {
  const { makeFakeFilm } = await import('../../src/pipeline/fake-film.ts');
  const track = await readTrack(target.track!.path);
  const swapper = await openSwapper(files, personOf(target), personOf(face));
  const { sizePx } = settingsOf(options).net;
  const places = placesOf(track, sizePx, options.region);
  const used = { encoder: files.encoder, decoder: files.decoders[personOf(face)]! };
  try {
    return await makeFakeFilm(work, {
      target,
      other: face,
      label: labelOf(options),
      ...(spans ? { spans } : {}),
      async repaint(frame, index) {
        const place = places(index);
        const crop = cropFace(frame, place.toCrop, sizePx);
        return layIn(frame, crop, await swapper.draw(crop), place, options.blend);
      },
      options,
      model: Object.fromEntries(Object.entries(used).map(([name, file]) => [name, file.sha256])),
    });
  } finally {
    swapper.close();
  }
}
