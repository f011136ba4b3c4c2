/**
 * A JSON of DeepfakeBench beside its cut-out frames (`{"FF-DF": {"FF-real": {"train": {"c23": {"000": {"label": "FF-real", "frames": […]}}}}}}`; sets
 * other than FaceForensics++ have no level of compression). A clip is its frames, packed without loss into one file. What its files are known for:
 *
 * - frames stand in any order, so they are sorted by their number; paths may have `\` and begin anywhere, so the part that lies below `path` counts
 * - `000_003` is the name of four different fakes, so clips are told apart by label and compression too
 * - some lists put every clip into all three parts, or test clips into `train`; such a clip is refused, take `splits: [test]`
 *
 * Frames were taken evenly from a film, nobody says how far apart; `fps` is what they are taken for.
 */
import { basename } from 'node:path';
import { z } from 'zod';
import { UserError } from '../src/errors.ts';
import { listedDataset } from '../src/listed/dataset.ts';
import type { Entry } from '../src/listed/entry.ts';
import { jsonValues } from '../src/listed/json.ts';
import { actorSources, celebSources, deeperSources, youtubeSources } from '../src/listed/names.ts';
import { eachOnce, listedOptions } from '../src/listed/options.ts';
import { requireFile, type Tree } from '../src/listed/tree.ts';
import { quoted, shown } from '../src/shown.ts';
import type { Split, Truth } from '../src/types.ts';

const options = z.strictObject({
  ...listedOptions('DeepfakeBench'),
  /** The list, inside `path`. */
  json: z.string().min(1).default('FaceForensics++.json'),
  /** Of those that the list tells apart; a list without them has none. */
  compressions: eachOnce(['raw', 'c23', 'c40']).default(['c23']),
  fps: z.number().positive().max(120).default(1),
  /** What labels mean that DeepfakeBench itself does not know. */
  labels: z.record(z.string(), z.enum(['real', 'fake'])).default({}),
});
type Options = z.infer<typeof options>;

const name = 'deepfakebench';
const splitOf: Record<string, Split> = { train: 'train', val: 'validation', test: 'test' };
/** Keys above a video, or above the videos of one compression: set, label, part, and its own. */
const depth = 4;

export const deepfakebench = listedDataset<Options>({
  name,
  cite: 'Yan, Zhang, Yuan, Lyu, Wu: DeepfakeBench, NeurIPS 2023 Datasets and Benchmarks',
  options,
  layout:
    'its JSON (dataset.json) and the frames that it names, such as FaceForensics++/…/frames/000/000.png',
  fps: ({ fps }) => fps,
  async *entries(tree, chosen, remark) {
    const layout = `${chosen.json} (dataset.json) and the frames that it names`;
    const path = await requireFile({ name, layout }, tree, chosen.json);
    const placesOf = placeFinder(tree);
    for await (const { keys, value } of jsonValues(path, depth)) {
      const [, , part = ''] = keys;
      const split = Object.hasOwn(splitOf, part) ? splitOf[part]! : undefined;
      if (!split)
        throw new UserError(
          `${path}: ${keys.map(shown).join(' > ')}: expected train, val or test for ${quoted(part)}`,
        );
      if (!chosen.splits.includes(split)) continue;
      for (const { id, compression, video } of videosIn(keys.at(-1)!, value)) {
        const told = described.safeParse(video);
        if (!told.success)
          remark(
            `${chosen.json}: ${quoted(id)} under ${keys.slice(0, 3).map(shown).join(' > ')} is no clip and left out`,
          );
        else if (compression === undefined || (chosen.compressions as string[]).includes(compression)) {
          const { label, frames } = told.data;
          const truth = truthOf(label, chosen.labels);
          if (!truth)
            throw new UserError(
              `${path}: nobody knows whether the label ${quoted(label)} means real or fake; say it with dataset.labels: { ${quoted(label)}: fake }`,
            );
          if (label === 'DF_real')
            remark(
              'DF_real are recordings of the actors who lent their faces, not the videos that were changed',
            );
          yield {
            id: [label, ...(compression ? [compression] : []), id].join('/'),
            file: await placesOf(frames),
            sources: sourcesOf(label, id),
            labels: { video: truth },
            origin: truth === 'real' ? name : label,
            split,
            listed: path,
            attributes: compression ? { compression } : {},
          } satisfies Entry;
        }
      }
    }
  },
});

/** Where the list was written over itself, a clip without a name stands in place of the videos: its label and frames are no videos. */
const described = z.object({ label: z.string().min(1), frames: z.array(z.string().min(1)) });

function* videosIn(
  key: string,
  value: unknown,
): Generator<{ id: string; compression?: string; video: unknown }> {
  if (!/^(raw|c\d+)$/.test(key) || typeof value !== 'object' || value === null)
    yield { id: key, video: value };
  else for (const [id, video] of Object.entries(value)) yield { id, compression: key, video };
}

/** The names of its configuration (`label_dict`), besides those that were brought. */
function truthOf(label: string, brought: Options['labels']): Truth | undefined {
  if (Object.hasOwn(brought, label)) return brought[label];
  if (/^(FF-|DFD_|CelebDFv[12]_|DFDCP_|DFDC_|DF_|UADFV_|roop_)real$/i.test(label)) return 'real';
  const ofPairs = /^FF-(SH|F2F|DF|FS|NT|FH)$/.test(label);
  return ofPairs || /^(DFD_|CelebDFv[12]_|DFDCP_|DFDC_|DF_|UADFV_|roop_)fake[AB]?$/i.test(label)
    ? 'fake'
    : undefined;
}

/** Who is in a video, where its name says so; else it stands for itself. */
function sourcesOf(label: string, id: string): string[] {
  if (label.startsWith('FF-')) return youtubeSources(id) ?? [id];
  if (label.startsWith('DFD_')) return actorSources(id)?.sources ?? [id];
  if (label.startsWith('CelebDF')) return celebSources(id) ?? [id];
  if (label === 'DF_real') return [/^[MW]\d{3}/.exec(id)?.[0] ?? id];
  if (label === 'DF_fake') return deeperSources(id) ?? [id];
  return [label.startsWith('UADFV_') ? id.replace(/_fake$/, '') : id];
}

/** Where pictures lie: the longest tail of the first one's path that is there says how much of all paths is not ours. */
function placeFinder(tree: Tree): (frames: readonly string[]) => Promise<string[]> {
  let foreign = 0;
  return async (frames) => {
    const paths = frames.map((frame) =>
      frame
        .replaceAll('\\', '/')
        .split('/')
        .filter((step) => step !== ''),
    );
    const [first = []] = paths;
    const isRight = (count: number): Promise<boolean> => tree.has(first.slice(count).join('/'));
    if (!(await isRight(foreign)))
      for (let count = 0; count < first.length - 1; count++)
        if (await isRight(count)) {
          foreign = count;
          break;
        }
    return paths.map((steps) => steps.slice(foreign).join('/')).toSorted(byNumber);
  };
}

/** `2.png` before `10.png`. */
function byNumber(a: string, b: string): number {
  const difference = Number.parseInt(basename(a), 10) - Number.parseInt(basename(b), 10);
  return difference || (a < b ? -1 : 1);
}
