/** The media files below a folder, with the labels and people that its sub-folders say. */
import { extname, parse } from 'node:path';
import { didYouMean, UserError } from '../../src/errors.ts';
import { openTree, type Tree } from '../../src/listed/tree.ts';
import { mediaExtensions } from '../../src/media/formats.ts';
import { quoted } from '../../src/shown.ts';
import type { Truth } from '../../src/types.ts';
import type { FolderOptions, Found } from './options.ts';

const labels: readonly string[] = ['real', 'fake'] satisfies Truth[];

/**
 * Folders of people may be called Kate or Neal, so that a name that is merely like a label's counts where another gives labels, or where it begins with one (`fakes`).
 * @throws UserError where a folder was meant to give its files a label and does not.
 */
async function refuseNearly(tree: Tree): Promise<void> {
  const names = await tree.folders('');
  const labelled = names.some((name) => labels.includes(name.toLowerCase()));
  for (const name of names) {
    const meant = didYouMean(name, labels);
    if (meant === undefined || meant === name) continue;
    if (labelled || name.toLowerCase().startsWith(meant))
      throw new UserError(
        `data set "folder": the folder ${quoted(name)} in ${tree.root} gives its files no label, did you mean "${meant}"? Rename it, or say in a table which file is what (dataset.csv)`,
      );
  }
}

/** All media files below the folder. */
export async function* entriesOfTree(root: string, { licence }: FolderOptions): AsyncGenerator<Found> {
  const tree = openTree('folder', root);
  await refuseNearly(tree);
  for await (const file of filesBelow(tree, '')) {
    const steps = file.split('/');
    const label = steps.length > 1 && (steps[0] === 'real' || steps[0] === 'fake') ? steps[0] : undefined;
    const [person] = steps.slice(label ? 1 : 0, -1);
    yield { file, identity: person ?? parse(file).name, licence, ...(label ? { label } : {}) };
  }
}

/** In the order of their names, folders among them. */
async function* filesBelow(tree: Tree, folder: string): AsyncGenerator<string> {
  const folders = new Set(await tree.folders(folder));
  for (const name of [...folders, ...(await tree.files(folder))].toSorted()) {
    const path = folder === '' ? name : `${folder}/${name}`;
    if (folders.has(name)) yield* filesBelow(tree, path);
    else if (mediaExtensions.includes(extname(name).toLowerCase())) yield path;
  }
}
