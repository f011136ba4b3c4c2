/** Whether a folder is that of a service, told without opening anything in it. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { UserError } from '../errors.ts';

export const databasePath = (folder: string): string => join(folder, 'store.db');

export const isServiceFolder = (folder: string): boolean => existsSync(databasePath(folder));

/** @throws UserError where it is none. */
export function requireServiceFolder(folder: string): void {
  if (!isServiceFolder(folder))
    throw new UserError(`${folder}: no screening service has been here (it has no store.db)`);
}
