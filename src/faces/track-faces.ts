/** Films → the same with the track of their faces. */
import { personOf } from '../pairs.ts';
import { isGenuine, orReason } from '../pipeline/items.ts';
import type { Clip, Context } from '../types.ts';
import { convertFaceNetworksJob } from './convert-networks.job.ts';
import { fitTracksJob } from './fit-tracks.job.ts';
import { trackMeshJob } from './track-mesh.job.ts';

/**
 * Gives every clip with a picture the track of its main face, where that is known in every frame, and says of each what the tracker saw. A film that does not decode
 * stays as it is: it fails when it is opened.
 */
export async function trackFaces(clips: readonly Clip[], context: Context): Promise<Clip[]> {
  if (!clips.some(({ media }) => media.video)) return [...clips];
  const { files: networks } = await context.run(convertFaceNetworksJob, {});
  const looked = await Promise.all(
    clips.map(async (clip) => {
      if (!clip.media.video) return { clip };
      const found = await orReason(context.run(trackMeshJob, { media: clip.media, networks }));
      return 'reason' in found ? { clip } : { clip, found };
    }),
  );
  const someFit = clips.some(({ use }) => use === 'fit');
  const films = looked.flatMap(({ clip, found }) => {
    if (!found || found.found + found.bridged < found.frames) return [];
    // A fake may show another face than the person's.
    const genuine = isGenuine(clip);
    const person = genuine ? personOf(clip) : clip.id;
    const teaches = genuine && (clip.use === 'fit' || !someFit);
    return [{ clip, film: { person, teaches, mesh: found.track } }];
  });
  const tracks =
    films.length === 0
      ? []
      : await context.run(fitTracksJob, {
          films: films.map(({ film }) => film),
          seed: context.seed,
        });
  const trackOf = new Map(films.map(({ clip }, i) => [clip, tracks[i]!]));
  return looked.map(({ clip, found }) => {
    if (!found) return clip;
    const track = trackOf.get(clip);
    const { bridged, faces } = found;
    return { ...clip, seen: { found: found.found, bridged, faces }, ...(track ? { track } : {}) };
  });
}
