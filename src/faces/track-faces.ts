/** Films → the same with the track of their faces. */
import { personOf } from '../pairs.ts';
import { isGenuine, orReason } from '../pipeline/items.ts';
import type { Clip, Context } from '../types.ts';
import { convertFaceNetworksJob } from './convert-networks.job.ts';
import { fitTracksJob } from './fit-tracks.job.ts';
import { type TrackedMesh, trackMeshJob } from './track-mesh.job.ts';

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
      const mesh = await orReason(context.run(trackMeshJob, { media: clip.media, networks }));
      return 'reason' in mesh ? { clip } : { clip, mesh };
    }),
  );
  return withTracks(looked, context);
}

/** The clips with what was seen in them and, where the mesh is whole, a track; these are fitted together. */
export async function withTracks(
  looked: readonly { clip: Clip; mesh?: TrackedMesh }[],
  context: Context,
): Promise<Clip[]> {
  const someFit = looked.some(({ clip }) => clip.use === 'fit');
  const films = looked.flatMap(({ clip, mesh }) => {
    if (!mesh || mesh.found + mesh.bridged < mesh.frameCount) return [];
    // A fake may show another face than the person's.
    const genuine = isGenuine(clip);
    const person = genuine ? personOf(clip) : clip.id;
    const teaches = genuine && (clip.use === 'fit' || !someFit);
    return [{ clip, film: { person, teaches, mesh: mesh.track } }];
  });
  const tracks =
    films.length === 0
      ? []
      : await context.run(fitTracksJob, {
          films: films.map(({ film }) => film),
          seed: context.seed,
        });
  const trackOf = new Map(films.map(({ clip }, i) => [clip, tracks[i]!]));
  return looked.map(({ clip, mesh }) => {
    if (!mesh) return clip;
    const track = trackOf.get(clip);
    const { found, bridged, faces } = mesh;
    return { ...clip, seen: { found, bridged, faces }, ...(track ? { track } : {}) };
  });
}
