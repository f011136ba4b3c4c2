/** The folder of a data set, looked at one folder at a time. Symbolic links are not followed, and nothing outside is ever named. */
import { lstat, readdir, realpath } from 'node:fs/promises';
import { join, posix, resolve } from 'node:path';
import { UserError } from '../errors.ts';

/** Places are relative to the root, with `/`. Names come sorted, hidden ones are left out. */
export type Tree = {
  /** Its real path. */
  root: string;
  /** Whether a file lies there. An empty one counts: what is in a file is found out when it is opened. */
  has(file: string): Promise<boolean>;
  /** Names of the files, or none where there is no such folder. */
  files(folder: string): Promise<string[]>;
  folders(folder: string): Promise<string[]>;
};

type Kind = 'file' | 'folder' | 'other';
/** Folders whose names are remembered: lists go through one folder after the other. */
const keptFolders = 64;

/** `set` is who is told of in errors. @throws UserError where a folder may not be read, as soon as it is looked at. */
export function openTree(set: string, root: string): Tree {
  const seen = new Map<string, Map<string, Kind>>();
  const lookAt = async (folder: string): Promise<Map<string, Kind>> => {
    const known = seen.get(folder);
    if (known) return known;
    const found = await readFolder(set, root, folder);
    if (seen.size >= keptFolders) seen.delete(seen.keys().next().value!);
    seen.set(folder, found);
    return found;
  };
  const named = async (folder: string, kind: Kind): Promise<string[]> =>
    [...(await lookAt(tidy(folder) ?? '..'))]
      .flatMap(([name, own]) => (own === kind && !name.startsWith('.') ? [name] : []))
      .toSorted();
  return {
    root,
    files: (folder) => named(folder, 'file'),
    folders: (folder) => named(folder, 'folder'),
    async has(file) {
      const place = tidy(file);
      if (place === undefined) return false;
      const slash = place.lastIndexOf('/');
      const names = await lookAt(place.slice(0, Math.max(0, slash)));
      return names.get(place.slice(slash + 1)) === 'file';
    },
  };
}

/** The place without `./` and the like; undefined of one that leads out of the tree. */
function tidy(place: string): string | undefined {
  if (!/(^|\/)\.{0,2}(\/|$)/.test(place)) return place; // nothing to tidy, as nearly always
  const path = posix.normalize(place);
  if (path.startsWith('/') || path === '..' || path.startsWith('../')) return undefined;
  return path === '.' ? '' : path.replace(/\/$/, '');
}

async function readFolder(set: string, root: string, folder: string): Promise<Map<string, Kind>> {
  const path = join(root, folder);
  if (folder === '..' || (await realpath(path).catch(() => undefined)) !== path) return new Map();
  const entries = await readdir(path, { withFileTypes: true }).catch((cause: NodeJS.ErrnoException) => {
    if (cause.code === 'ENOTDIR') return [];
    throw new UserError(`data set "${set}": ${path} cannot be read (${cause.message})`, { cause });
  });
  return new Map(
    entries.map((entry) => [entry.name, entry.isFile() ? 'file' : entry.isDirectory() ? 'folder' : 'other']),
  );
}

/** The real path of a data set's folder. @throws UserError where there is none, saying what it should hold. */
export async function findFolder(set: string, path: string, holds: string): Promise<string> {
  const root = await realpath(path).catch(() => undefined);
  if (root && (await lstat(root)).isDirectory()) return root;
  const what = root ? 'is not a folder' : 'does not exist';
  throw new UserError(`data set "${set}": ${resolve(path)} ${what}. Looked for ${holds}; set dataset.path`);
}

/** `there are a, b and 3 more`: what lies at the root, for whoever named the wrong folder. */
export async function whatIsThere({ files, folders }: Tree): Promise<string> {
  const names = [...(await folders('')), ...(await files(''))];
  if (names.length === 0) return 'it is empty';
  const shown = names.slice(0, 6).join(', ');
  return `there ${names.length === 1 ? 'is' : 'are'} ${shown}${names.length > 6 ? ` and ${names.length - 6} more` : ''}`;
}

/** The path of the first of `places` where a file lies. @throws UserError where there is none, with what is there. */
export async function requireFile(
  { name, layout }: { name: string; layout: string },
  tree: Tree,
  ...places: string[]
): Promise<string> {
  for (const place of places) if (await tree.has(place)) return join(tree.root, place);
  throw new UserError(
    `data set "${name}": ${tree.root} holds no ${places.join(' and no ')}. Looked for ${layout}; ${await whatIsThere(tree)}. Set dataset.path to the folder of the data set`,
  );
}
