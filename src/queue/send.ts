/** Files on their way through the store: what is put there before somebody is told of it. */
import { stat } from 'node:fs/promises';
import { maskPath } from '../media/mask.ts';
import { provenancePath } from '../media/provenance.ts';
import { movePaths } from '../pipeline/cache.ts';
import { sha256OfFile } from '../files.ts';
import type { FileRef } from '../types.ts';
import type { Question } from './asked.ts';
import { placeOf } from './places.ts';
import type { Store } from './store/store.ts';

/** Puts every file of an input into the store, and what belongs beside it; code goes by its place in the repository. */
export function createSender(store: Store) {
  const put = new Map<string, Promise<Question['beside'][string]>>();

  const putFile = async ({ path, sha256 }: FileRef): Promise<Question['beside'][string]> => {
    await store.putFile(path, sha256);
    const beside: Question['beside'][string] = [];
    for (const companion of [provenancePath(path), maskPath(path)]) {
      const there = await stat(companion).catch(() => undefined);
      if (!there?.isFile()) continue;
      const hash = await sha256OfFile(companion);
      await store.putFile(companion, hash);
      beside.push({ suffix: companion.slice(path.length), sha256: hash });
    }
    return beside;
  };

  return async (input: unknown): Promise<Pick<Question, 'input' | 'beside'>> => {
    const beside: Question['beside'] = {};
    for (const file of filesOf(input)) {
      if (placeOf(file.path)) continue;
      const id = `${file.sha256} ${file.path}`;
      const sent = put.get(id) ?? putFile(file);
      put.set(id, sent);
      sent.catch(() => put.delete(id));
      const found = await sent;
      if (found.length > 0) beside[file.path] = found;
    }
    return { input: movePaths(input, (path) => placeOf(path) ?? path), beside };
  };
}

/** Every `{path, sha256}` in `value`. */
export function filesOf(value: unknown): FileRef[] {
  const files: FileRef[] = [];
  movePaths(value, (path, sha256) => {
    files.push({ path, sha256 });
    return path;
  });
  return files;
}
