/**
 * `masque preprocess`: looks at the clips of an experiment ahead of time. What is asked of a clip first (decoding, the face's track) is in the cache
 * then; faces and features of the sound lie in a folder, with a table of what was dropped and why, and a sheet to look at.
 */
import { join, relative } from 'node:path';
import type { DeviceChoice } from '../src/compute/device.ts';
import { type Choice, readExperiment } from '../src/config.ts';
import { exitCodes } from '../src/errors.ts';
import { convertFaceNetworksJob } from '../src/faces/convert-networks.job.ts';
import { cutClip } from '../src/faces/cut-clip.job.ts';
import { withTracks } from '../src/faces/track-faces.ts';
import { trackMeshJob } from '../src/faces/track-mesh.job.ts';
import { groupBy } from '../src/group.ts';
import { madeAhead } from '../src/listed/probed.ts';
import type { RunContext } from '../src/pipeline/context.ts';
import { type Failure, failureOf } from '../src/pipeline/items.ts';
import { plural } from '../src/reports/format.ts';
import { unshownRemark } from '../src/reports/unshown.ts';
import type { Clip, Model } from '../src/types.ts';
import { catalog } from './catalog.ts';
import { tooManyFailed } from './conclude.ts';
import { requireDecodable } from './line.ts';
import { withMachine } from './machine.ts';
import { type Looked, writeLooked } from './write-looked.ts';

export type PreprocessOptions = {
  config: string;
  set: string[];
  json: boolean;
  results: string;
  device: DeviceChoice;
  workers?: number;
  /** Side of a face in pixels, and how many of a clip are cut out. */
  sizePx: number;
  facesPerClip: number;
};

/** How many clips are under way at once: enough for all workers of a large machine, however many a data set has. */
const ahead = 256;

/** Returns exit code 0; 3 where more clips are dropped than `allowedFailures` of the configuration; 130 or 143 after a signal. @throws UserError on a wrong configuration. */
export function preprocess(options: PreprocessOptions): Promise<number> {
  const experiment = readExperiment(options.config, options.set, catalog);
  const { results, device, workers } = options;
  const { name, seed, dataset, training, allowedFailures } = experiment;
  return withMachine({ results, seed, device, workers, engine: 'local' }, async (machine) => {
    const { progress } = machine;
    const context = await machine.context(name);
    const looked: Looked[] = [];
    const places: [string, Choice][] = [['dataset', dataset]];
    if (training) places.push(['training.dataset', training.dataset]);
    for (const [place, choice] of places) looked.push(...(await lookAt(place, choice, options, context)));
    const folder = join(results, 'preprocessed', name);
    await writeLooked(folder, name, looked);
    progress.stop();
    const dropped = looked.filter((one) => one.dropped).length;
    const tooMany = tooManyFailed(dropped, looked.length - dropped, allowedFailures);
    report(folder, looked, tooMany);
    const faces = countFaces(looked);
    const summary = { dir: relative('.', folder), clips: looked.length, faces, dropped, ...context.counts };
    if (options.json) process.stdout.write(`${JSON.stringify(summary)}\n`);
    return tooMany === undefined ? exitCodes.done : exitCodes.tooManyFailures;
  });
}

/** `dataset`: where the configuration names it. */
async function lookAt(
  dataset: string,
  { name, options }: Choice,
  { sizePx, facesPerClip }: PreprocessOptions,
  context: RunContext,
): Promise<Looked[]> {
  let networks: Promise<Model> | undefined;
  const followed = async (clip: Clip): Promise<Clip> => {
    networks ??= context.run(convertFaceNetworksJob, {});
    const { files } = await networks;
    const mesh = await context.run(trackMeshJob, { media: clip.media, networks: files });
    return (await withTracks([{ clip, mesh }], context))[0]!;
  };
  const look = async (listed: Clip): Promise<Looked> => {
    try {
      await requireDecodable(listed);
      const { media, track, seen } = listed;
      // Where the data set has not looked for a face, the clip gets a track of its own.
      const clip = media.video && !track && !seen ? await followed(listed) : listed;
      const cut = await context.run(cutClip, { clip, sizePx, facesPerClip });
      return { dataset, clip, cut, ...droppedOf(clip) };
    } catch (error) {
      return { dataset, clip: listed, dropped: failureOf(error) };
    }
  };
  const looked: Looked[] = [];
  const clips = catalog.datasets[name]!.clips(options, context);
  for await (const one of madeAhead(clips, look, ahead)) looked.push(one);
  return looked;
}

/** What decodes and still is no material: a picture in which no face could be followed. */
function droppedOf({ media, track, seen }: Clip): { dropped?: Failure } {
  if (!media.video || track) return {};
  const { found, bridged } = seen!;
  const cause = `a face was found in ${found} of ${media.video.frameCount} frames, ${bridged} more were bridged; every frame must show one; gaps up to 0.2 s are bridged`;
  return { dropped: { code: 'E_NO_FACE', cause } };
}

const countFaces = (looked: readonly Looked[]): number =>
  looked.reduce((sum, { cut }) => sum + (cut?.faces.length ?? 0), 0);

/** The table of what was dropped, to stderr. */
function report(folder: string, looked: readonly Looked[], tooMany: string | undefined): void {
  const all = looked.flatMap(({ clip, dropped }) => (dropped ? [{ id: clip.id, code: dropped.code }] : []));
  const reasons = groupBy(all, ({ code }) => code);
  const lines = [
    `${plural(looked.length, 'clip')}, ${plural(countFaces(looked), 'face')} cut out, ${all.length} dropped${tooMany === undefined ? '' : `, ${tooMany}`}`,
    ...[...reasons].map(
      ([code, some]) => `  ${code} ${some.length}: ${some[0]!.id}${some.length > 1 ? ', …' : ''}`,
    ),
    ...unshownRemark(looked.map(({ clip }) => clip)).map((remark) => `  ${remark}`),
    `${relative('.', join(folder, 'index.html'))} shows them, clips.csv beside it lists them`,
  ];
  process.stderr.write(`${lines.join('\n')}\n`);
}
