/** What `evaluate` says of puppets that hear the sound itself, of whose words nothing is known: whether their mouths follow their drivers'. */
import { convertFaceNetworksJob } from '../../src/faces/convert-networks.job.ts';
import { trackMeshJob } from '../../src/faces/track-mesh.job.ts';
import { personOf } from '../../src/pairs.ts';
import { orReason } from '../../src/pipeline/items.ts';
import type { Context, FakePlan, FileRef, Media, Quality } from '../../src/types.ts';
import { type FilmedPuppet, judgeOpenings } from './openings.job.ts';

/** @param make Makes a planned fake; those that cannot be made say nothing. */
export async function openingQuality(
  plans: readonly FakePlan[],
  make: (plan: FakePlan) => Promise<Media>,
  context: Context,
): Promise<Quality> {
  const { files: networks } = await context.run(convertFaceNetworksJob, {});
  const meshOf = async (media: Media): Promise<FileRef> =>
    (await context.run(trackMeshJob, { media, networks })).track;
  const filmed = await Promise.all(
    plans.map((plan) =>
      orReason(
        (async (): Promise<FilmedPuppet[]> => {
          const { target, driver, labels } = plan;
          if (!driver?.media.video) return [];
          const [fake, ...meshes] = await Promise.all([
            make(plan).then(meshOf),
            meshOf(driver.media),
            meshOf(target.media),
          ]);
          const { spans } = labels;
          return [
            {
              person: personOf(target),
              fake,
              driver: meshes[0]!,
              target: meshes[1]!,
              ...(spans ? { spans } : {}),
            },
          ];
        })(),
      ),
    ),
  );
  const puppets = filmed.flatMap((one) => ('reason' in one ? [] : one));
  if (puppets.length === 0) return { figures: {}, sheets: [] };
  return { ...(await context.run(judgeOpenings, { puppets, seed: context.seed })), sheets: [] };
}
