/** The folder of a data set, looked at one folder at a time. Symbolic links are not followed, and nothing outside is ever named. */
import type { Dirent } from 'node:fs';
import { lstat, readdir, realpath } from 'node:fs/promises';
import { join, posix, resolve } from 'node:path';
import { UserError } from '../errors.ts';
import { shown } from '../shown.ts';

/** Places are relative to the root, with `/`. Names come sorted, hidden ones are left out. */
export type Tree = {
  /** Its real path. */
  root: string;
  /** Whether a file lies there. An empty one counts: what is in a file is found out when it is opened. */
  has(file: string): Promise<boolean>;
  /** Whether a symbolic link leads there, its own or that of a folder around it. */
  isLinked(place: string): Promise<boolean>;
  /** Names of the files, or none where there is no such folder. */
  files(folder: string): Promise<string[]>;
  folders(folder: string): Promise<string[]>;
  links(folder: string): Promise<string[]>;
};

type Kind = 'file' | 'folder' | 'link' | 'other';
/** Folders whose names are remembered, those looked at last: lists go through one folder after the other. */
const keptFolders = 300;

/** `set` is who is told of in errors. @throws UserError where a folder may not be read, as soon as it is looked at. */
export function openTree(set: string, root: string): Tree {
  const seen = new Map<string, Promise<Map<string, Kind>>>();
  const lookAt = (folder: string): Promise<Map<string, Kind>> => {
    const names = seen.get(folder) ?? read(folder);
    seen.delete(folder);
    seen.set(folder, names);
    if (seen.size > keptFolders) seen.delete(seen.keys().next().value!);
    return names;
  };
  /** By way of the folder around it, which knows whether it is one or a link to somewhere. */
  const read = async (folder: string): Promise<Map<string, Kind>> => {
    const [around, name] = parted(folder);
    const isFolder = folder === '' || (await lookAt(around)).get(name) === 'folder';
    return isFolder ? readFolder(set, join(root, folder)) : new Map<string, Kind>();
  };
  const named = async (folder: string, kind: Kind): Promise<string[]> =>
    [...(await lookAt(tidy(folder)))]
      .flatMap(([name, own]) => (own === kind && !name.startsWith('.') ? [name] : []))
      .toSorted();
  return {
    root,
    files: (folder) => named(folder, 'file'),
    folders: (folder) => named(folder, 'folder'),
    links: (folder) => named(folder, 'link'),
    async has(file) {
      const [folder, name] = parted(tidy(file));
      return (await lookAt(folder)).get(name) === 'file';
    },
    async isLinked(place) {
      for (let [folder, name] = parted(tidy(place)); name !== ''; [folder, name] = parted(folder))
        if ((await lookAt(folder)).get(name) === 'link') return true;
      return false;
    },
  };
}

const parted = (place: string): [folder: string, name: string] => {
  const slash = place.lastIndexOf('/');
  return [place.slice(0, Math.max(0, slash)), place.slice(slash + 1)];
};

/** The place without `./` and the like. One that leads out of the tree begins with `..`, and no folder has that name. */
export function tidy(place: string): string {
  if (!/(^|\/)\.{0,2}(\/|$)/.test(place)) return place; // nothing to tidy, as nearly always
  if (place.startsWith('/')) return '..';
  return posix.normalize(`./${place}`).replace(/\/$/, '').replace(/^\.$/, '');
}

async function readFolder(set: string, path: string): Promise<Map<string, Kind>> {
  const entries = await readdir(path, { withFileTypes: true }).catch((cause: unknown) => {
    throw new UserError(`data set "${set}": ${path} cannot be read (${(cause as Error).message})`, { cause });
  });
  return new Map(entries.map((entry) => [entry.name, kindOf(entry)]));
}

function kindOf(entry: Dirent): Kind {
  if (entry.isFile()) return 'file';
  if (entry.isDirectory()) return 'folder';
  return entry.isSymbolicLink() ? 'link' : 'other';
}

/** The real path of a data set's folder, or of what another `option` names. @throws UserError where there is none, saying what it should hold. */
export async function findFolder(
  set: string,
  path: string,
  holds: string,
  option = 'dataset.path',
): Promise<string> {
  const root = await realpath(path).catch(() => undefined);
  if (root && (await lstat(root)).isDirectory()) return root;
  const what = root ? 'is not a folder' : 'does not exist';
  throw new UserError(`data set "${set}": ${resolve(path)} ${what}. Looked for ${holds}; set ${option}`);
}

/** `there are a, b and 3 more`: what lies at the root, for whoever named the wrong folder. */
export async function whatIsThere({ files, folders, links }: Tree): Promise<string> {
  const linked = (await links('')).map((name) => `${shown(name)} (a symbolic link, not followed)`);
  const names = [...linked, ...[...(await folders('')), ...(await files(''))].map(shown)];
  if (names.length === 0) return 'it is empty';
  const first = names.slice(0, 6).join(', ');
  return `there ${names.length === 1 ? 'is' : 'are'} ${first}${names.length > 6 ? ` and ${names.length - 6} more` : ''}`;
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
