/** The real recordings that some tests need; they are no part of the project. */
import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { resolve } from 'node:path';

export const gridFolder = resolve(import.meta.dirname, '../../../shared/data/grid');

/** Whether the recordings are there; where they are not it is said which test goes without, and where CI=true that fails. */
export function hasGrid(test: string): boolean {
  if (existsSync(gridFolder)) return true;
  if (process.env['CI'] === 'true') throw new Error(`${gridFolder} is missing, and CI must have it`);
  process.stderr.write(`skipped: ${test}; ${gridFolder} is absent\n`);
  return false;
}

/** Paths of the eight GRID clips; without them the test is skipped aloud, and fails where CI=true. */
export async function gridClips(skip: () => void): Promise<string[]> {
  if (!hasGrid('what asks for real recordings')) skip();
  const names = await readdir(gridFolder);
  return names.filter((name) => name.endsWith('.mpg')).map((name) => resolve(gridFolder, name));
}
