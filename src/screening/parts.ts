/** Takes a file apart until only files are left that can be judged alone: archives and mails in each other, under one budget. */
import { mkdir } from 'node:fs/promises';
import { unpackArchive } from './archive.ts';
import { type Budget, createBudget, type Limits } from './budget.ts';
import type { FileType } from './file-types.ts';
import { kindOfFile } from './kind-of-file.ts';
import { unpackMail } from './mail.ts';
import type { Reason } from './types.ts';

/** One file to be judged alone, or held for its `reasons`; of a type that is not read where it has none and is no media. */
export type Part = { path: string; type: FileType; reasons: Reason[] };
/** `container`: whether the file was a mail or an archive; then `parts` are all that came out of it, at any depth, and `reasons` what did not. */
export type Parts = { container: boolean; parts: Part[]; reasons: Reason[] };

/**
 * The parts of the file at `path`, which its sender calls `name`; where it is no container, itself. They are written into `folder`, which is made and must be new. Throws only what the machine
 * does wrong, as `fs` does.
 */
export async function takeApart(path: string, name: string, folder: string, limits?: Limits): Promise<Parts> {
  await mkdir(folder);
  const { type, held } = await kindOfFile(path, name);
  if (!isContainer(type) || held.length > 0)
    return { container: false, parts: [{ path, type, reasons: held }], reasons: [] };
  const found: Parts = { container: true, parts: [], reasons: [] };
  await open(path, type, { folder, budget: createBudget(limits), depth: 1 }, found);
  return found;
}

type Container = 'eml' | 'zip' | 'tar' | 'tgz';
type Place = { folder: string; budget: Budget; depth: number };
const isContainer = (type: FileType): type is Container => ['eml', 'zip', 'tar', 'tgz'].includes(type);

async function open(path: string, type: Container, place: Place, found: Parts): Promise<void> {
  const { folder, budget, depth } = place;
  if (depth > budget.limits.depth) {
    found.reasons.push({
      code: 'E_NESTED_TOO_DEEP',
      message: `Archives or mails lie in each other more than ${budget.limits.depth} times.`,
    });
    return;
  }
  const unpacked =
    type === 'eml' ? await unpackMail(path, folder, budget) : await unpackArchive(path, type, folder, budget);
  found.reasons.push(...unpacked.notExamined);
  for (const file of unpacked.files) {
    const message = 'message' in file && file.message === true;
    const { type: inner, held } = message
      ? { type: 'eml' as const, held: [] }
      : await kindOfFile(file.path, file.name);
    if (held.some(({ code }) => code === 'E_EMPTY')) continue; // nothing can be hidden in it
    if (isContainer(inner) && held.length === 0)
      await open(file.path, inner, { ...place, depth: depth + 1 }, found);
    else found.parts.push({ path: file.path, type: inner, reasons: held });
  }
}
