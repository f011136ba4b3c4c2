/** What has become of the files of a watched folder. */
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { folders, type Sidecar } from '../../src/screening/put-away.ts';

export const outFolders = [...new Set(Object.values(folders))];
export const sha256 = (content: Uint8Array): string => createHash('sha256').update(content).digest('hex');
const ending = '.masque.json';

export type Kept = { folder: string; name: string; sha256: string; sidecar: Sidecar | undefined };

/** Files that were moved, with their sidecars; sidecars without a file are told as such. */
export function keptIn(inbox: string): { files: Kept[]; alone: string[]; waiting: string[] } {
  const files: Kept[] = [];
  const alone: string[] = [];
  for (const folder of outFolders.filter((one) => existsSync(join(inbox, one))))
    for (const name of readdirSync(join(inbox, folder))) {
      const path = join(inbox, folder, name);
      if (name.endsWith(ending)) {
        if (!existsSync(path.slice(0, -ending.length))) alone.push(name);
        continue;
      }
      const sidecar = existsSync(path + ending)
        ? (JSON.parse(readFileSync(path + ending, 'utf8')) as Sidecar)
        : undefined;
      files.push({ folder, name, sha256: sha256(readFileSync(path)), sidecar });
    }
  return { files, alone, waiting: waitingIn(inbox) };
}

/** What has not been moved. */
export const waitingIn = (inbox: string): string[] =>
  readdirSync(inbox).filter((name) => ![...outFolders, '.masque'].includes(name));
