/** `masque datasets`: what the data sets of a configuration hold, told from their lists; no clip is opened and nothing is made. */
import { type Choice, readExperiment } from '../src/config.ts';
import { UserError } from '../src/errors.ts';
import { countListed, type ListedCount } from '../src/listed/count.ts';
import { createRng } from '../src/random.ts';
import { shown } from '../src/shown.ts';
import type { Context, Truth } from '../src/types.ts';
import { catalog } from './catalog.ts';

/** `counts` is null of a data set that is made and not listed. */
export type DatasetCounts = { dataset: string; counts: ListedCount[] | null; remarks: string[] };

/** Those of the data set that is asked about, and of the one that is learned from where that is another. @throws UserError as `Dataset.list`, of all of them at once. */
export async function listDatasets(config: string, set: string[]): Promise<DatasetCounts[]> {
  const { seed, dataset, training } = readExperiment(config, set, catalog);
  const context = { rng: (...scope: (string | number)[]) => createRng(seed, ...scope) };
  const all: DatasetCounts[] = [];
  const wrong: UserError[] = [];
  for (const choice of [dataset, ...(training ? [training.dataset] : [])])
    try {
      all.push(await countOne(choice, context));
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      wrong.push(error);
    }
  const [first] = wrong;
  if (first)
    throw new UserError(wrong.map(({ message }) => message).join('\n'), { exitCode: first.exitCode });
  return all;
}

async function countOne({ name, options }: Choice, context: Pick<Context, 'rng'>): Promise<DatasetCounts> {
  const listing = await catalog.datasets[name]!.list?.(options, context);
  if (!listing) return { dataset: name, counts: null, remarks: [] };
  return { dataset: name, counts: await countListed(listing.clips()), remarks: listing.remarks };
}

/** One table, with its remarks underneath. */
export function tableOf({ dataset, counts, remarks }: DatasetCounts): string {
  if (!counts) return `${dataset}: its clips are made, not listed\n`;
  const known = (truth: Truth | undefined): string => truth ?? '–';
  const rows = counts.map(({ split, origin, labels: { video, audio, pairing }, clips, sources }) => [
    split,
    shown(origin),
    known(video),
    known(audio),
    known(pairing),
    String(clips),
    String(sources),
  ]);
  const all = [['split', 'origin', 'picture', 'sound', 'together', 'clips', 'sources'], ...rows];
  const widths = all[0]!.map((_, i) => Math.max(...all.map((row) => row[i]!.length)));
  const lines = all.map((row) =>
    row
      .map((field, i) => field.padEnd(widths[i]!))
      .join('  ')
      .trimEnd(),
  );
  return `${[dataset, ...lines, ...remarks.map((remark) => `! ${remark}`)].join('\n')}\n`;
}
