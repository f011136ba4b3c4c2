/** The real recordings that some tests need; they are no part of the project. */
import { readdir } from 'node:fs/promises';
import { resolve } from 'node:path';

/** Paths of the eight GRID clips; without them the test is skipped aloud, and fails where CI=true. */
export async function gridClips(skip: () => void): Promise<string[]> {
  const folder = resolve(import.meta.dirname, '../../../shared/data/grid');
  const names = await readdir(folder).catch(() => []);
  if (names.length === 0) {
    if (process.env['CI'] === 'true') throw new Error(`${folder} is missing, and CI must have it`);
    console.warn(`SKIPPED: no recordings in ${folder}`);
    skip();
  }
  return names.filter((name) => name.endsWith('.mpg')).map((name) => resolve(folder, name));
}
