/** Trees of files as published data sets leave them, and what is listed of them. */
import { copyFile, mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { createRng } from '../../src/random.ts';
import type { Dataset, ListedClip } from '../../src/types.ts';
import { goldenPath } from '../golden/make.ts';

/** Where a file is copied from, for those that must decode. */
export const golden = (name: string): { golden: string } => ({ golden: name });

/** Writes files by their place below `root`: their text, empty ones (a clip that is only listed), or copies of a golden one. */
export async function writeTree(
  root: string,
  files: Record<string, string | { golden: string }>,
): Promise<void> {
  const folders = new Set(Object.keys(files).map((place) => dirname(join(root, place))));
  for (const folder of folders) await mkdir(folder, { recursive: true });
  const write = async ([place, content]: [string, string | { golden: string }]): Promise<void> =>
    typeof content === 'string'
      ? writeFile(join(root, place), content)
      : copyFile(goldenPath(content.golden), join(root, place));
  await Promise.all(Object.entries(files).map(write));
}

/** Empty files of these names. */
export const empty = (...places: string[]): Record<string, string> =>
  Object.fromEntries(places.map((place) => [place, '']));

/** The listed clips and remarks, the options filled in. */
export async function listedIn<Options>(
  dataset: Dataset<Options>,
  chosen: object,
  seed = 1,
): Promise<{ clips: ListedClip[]; remarks: string[] }> {
  const context = { rng: (...scope: (string | number)[]) => createRng(seed, ...scope) };
  const { clips, remarks } = await dataset.list!(dataset.options.parse(chosen), context);
  const found: ListedClip[] = [];
  for await (const clip of clips()) found.push(clip);
  return { clips: found, remarks };
}

/** The error that listing ends in. */
export const refusalOf = <Options>(dataset: Dataset<Options>, chosen: object): Promise<unknown> =>
  listedIn(dataset, chosen).catch((error: unknown) => error);
