/**
 * `masque preprocess`: looks at the clips of an experiment ahead of time. What is asked of a clip first (decoding, the face's track) is in the cache
 * then; faces and features of the sound lie in a folder, with a table of what was dropped and why, and a sheet to look at.
 */
import { copyFile, mkdir, readFile, rm } from 'node:fs/promises';
import { basename, join, relative } from 'node:path';
import type { DeviceChoice } from '../src/compute/device.ts';
import { type Choice, readExperiment } from '../src/config.ts';
import { exitCodes } from '../src/errors.ts';
import { type ClipCut, cutClip } from '../src/faces/cut-clip.job.ts';
import { fileName } from '../src/file-name.ts';
import { atomicWrite } from '../src/files.ts';
import { groupBy } from '../src/group.ts';
import type { RunContext } from '../src/pipeline/context.ts';
import { type Failure, failureOf } from '../src/pipeline/items.ts';
import { formatCsv } from '../src/records/csv.ts';
import { plural } from '../src/reports/format.ts';
import { faceSheet } from '../src/reports/face-sheet.ts';
import type { Clip } from '../src/types.ts';
import { catalog } from './catalog.ts';
import { requireDecodable } from './line.ts';
import { withMachine } from './machine.ts';

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

/** A clip with what was cut out of it, and why it is dropped if it is. */
type Looked = { clip: Clip; cut?: ClipCut; dropped?: Failure };

/** Returns exit code 0, or 130 or 143 after a signal. @throws UserError on a wrong configuration. */
export function preprocess(options: PreprocessOptions): Promise<number> {
  const experiment = readExperiment(options.config, options.set, catalog);
  const { results, device, workers } = options;
  const { name, seed, dataset, training } = experiment;
  return withMachine({ results, seed, device, workers, engine: 'local' }, async (machine) => {
    const { progress } = machine;
    const context = await machine.context(name);
    const looked: Looked[] = [];
    for (const choice of [dataset, ...(training ? [training.dataset] : [])])
      looked.push(...(await lookAt(choice, options, context)));
    const folder = join(results, 'preprocessed', name);
    await writeAll(folder, name, looked);
    progress.stop();
    report(folder, looked, options.json, context.counts);
    return exitCodes.done;
  });
}

async function lookAt(
  { name, options }: Choice,
  { sizePx, facesPerClip }: PreprocessOptions,
  context: RunContext,
): Promise<Looked[]> {
  const looked: Promise<Looked>[] = [];
  for await (const clip of catalog.datasets[name]!.clips(options, context))
    looked.push(
      (async () => {
        try {
          await requireDecodable(clip);
          const cut = await context.run(cutClip, { clip, sizePx, facesPerClip });
          return { clip, cut, ...droppedOf(clip) };
        } catch (error) {
          return { clip, dropped: failureOf(error) };
        }
      })(),
    );
  return Promise.all(looked);
}

/** What decodes and still is no material: a picture in which no face could be followed. */
function droppedOf({ media, track, seen }: Clip): { dropped?: Failure } {
  if (!media.video || track) return {};
  const cause = seen
    ? `a face was found in ${seen.found} of ${media.video.frameCount} frames, ${seen.bridged} more were bridged`
    : 'nobody looked for a face in it (dataset.faces: true does)';
  return { dropped: { code: 'E_NO_FACE', cause } };
}

/** `faces/<clip>/<frame>.png`, `sound/<clip>.npy`, `clips.csv`, `index.html`; what an earlier run left there goes. */
async function writeAll(folder: string, name: string, looked: Looked[]): Promise<void> {
  await rm(folder, { recursive: true, force: true });
  await mkdir(join(folder, 'sound'), { recursive: true });
  const taken = new Set<string>();
  const rows: Record<string, string>[] = [];
  for (const one of looked) {
    const { clip, cut } = one;
    const own = fileName(clip.id, taken);
    taken.add(own);
    rows.push(rowOf(one, own));
    if (cut?.sound) await copyFile(cut.sound.path, join(folder, 'sound', `${own}.npy`));
    if (!cut || cut.faces.length === 0) continue;
    await mkdir(join(folder, 'faces', own), { recursive: true });
    for (const { picture } of cut.faces)
      await copyFile(picture.path, join(folder, 'faces', own, basename(picture.path)));
  }
  await atomicWrite(
    join(folder, 'clips.csv'),
    formatCsv([Object.keys(rows[0] ?? {}), ...rows.map((row) => Object.values(row))]),
  );
  const shown = await Promise.all(
    looked.map(async ({ clip, cut, dropped }) => ({
      id: clip.id,
      ...(cut?.thumbnail ? { jpeg: await readFile(cut.thumbnail.path) } : {}),
      ...(dropped ? { dropped: `${dropped.code}: ${dropped.cause}` } : {}),
    })),
  );
  await atomicWrite(join(folder, 'index.html'), faceSheet(name, shown));
}

/** A line of `clips.csv`; `name` is that of the clip's files. */
function rowOf({ clip, cut, dropped }: Looked, name: string): Record<string, string> {
  const { id, origin, split, use, labels, media } = clip;
  const { video, audio } = media;
  const seconds = video ? video.frameCount / video.fps : audio ? audio.sampleCount / audio.sampleRate : 0;
  return {
    id,
    name,
    origin,
    split,
    use,
    video: labels.video ?? '',
    audio: labels.audio ?? '',
    pairing: labels.pairing ?? '',
    seconds: seconds.toFixed(2),
    frames: String(video?.frameCount ?? 0),
    faces: String(cut?.faces.length ?? 0),
    dropped: dropped?.code ?? '',
    cause: dropped?.cause ?? '',
  };
}

/** The table of what was dropped goes to stderr, the line of `--json` to stdout. */
function report(folder: string, looked: Looked[], json: boolean, counts: RunContext['counts']): void {
  const reasons = groupBy(
    looked.flatMap(({ clip, dropped }) => (dropped ? [{ id: clip.id, code: dropped.code }] : [])),
    ({ code }) => code,
  );
  const faces = looked.reduce((sum, { cut }) => sum + (cut?.faces.length ?? 0), 0);
  const dropped = looked.filter((one) => one.dropped).length;
  const lines = [
    `${plural(looked.length, 'clip')}, ${plural(faces, 'face')} cut out, ${dropped} dropped`,
    ...[...reasons].map(
      ([code, some]) => `  ${code} ${some.length}: ${some[0]!.id}${some.length > 1 ? ', …' : ''}`,
    ),
    `${relative('.', join(folder, 'index.html'))} shows them, clips.csv beside it lists them`,
  ];
  process.stderr.write(`${lines.join('\n')}\n`);
  if (json)
    process.stdout.write(
      `${JSON.stringify({ dir: relative('.', folder), clips: looked.length, faces, dropped, ...counts })}\n`,
    );
}
