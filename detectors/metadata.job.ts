import { formatNames } from '../src/media/format-names.ts';
import { defineJob } from '../src/pipeline/job.ts';
import { createRng } from '../src/random.ts';
import type { Media } from '../src/types.ts';

/** Names (container, codec, …) are counted in as many bins by a hash of their text (feature hashing, Weinberger 2009). */
const nameBins = 32;

export const metadataFeaturesJob = defineJob({
  name: 'metadata-features',
  module: import.meta.url,
  threads: 1,
  run: ({ media }: { media: Media }) => metadataFeatures(media),
});

/** What a file says of itself, without its size in bytes: 7 numbers (0 where there is no such stream) and the counted names. */
export async function metadataFeatures({ path, video, audio }: Media): Promise<number[]> {
  const names = Array.from({ length: nameBins }, () => 0);
  for (const name of await formatNames(path)) names[createRng('metadata', name).int(nameBins)]!++;
  const picture = video
    ? [video.width, video.height, video.fps, video.frameCount, video.frameCount / video.fps]
    : [0, 0, 0, 0, 0];
  const sound = audio ? [audio.sampleRate, audio.sampleCount] : [0, 0];
  return [...picture, ...sound, ...names];
}
