/** Which files a command is made of. */
import { constants } from 'node:fs';
import { access, stat } from 'node:fs/promises';
import { delimiter, isAbsolute, join, resolve } from 'node:path';
import { UserError } from '../../src/errors.ts';
import { sha256OfFile } from '../../src/files.ts';
import type { FileRef, Model } from '../../src/types.ts';

/**
 * The program and those arguments that name files, by content: when one of them changes, clips are scored again. What these files read
 * in their turn is not seen. @throws UserError when there is no such program.
 */
export async function findProgram(program: string, args: string[]): Promise<Model> {
  if (program === '')
    throw new UserError('detector "command": no program is named. Set "program" (and "arguments", a list)');
  const folders = (process.env['PATH'] ?? '').split(delimiter).filter(isAbsolute);
  const places = program.includes('/') ? [resolve(program)] : folders.map((folder) => join(folder, program));
  const binary = await firstThat(places, isExecutable);
  if (!binary)
    throw new UserError(
      `detector "command": there is no program "${program}" ${program.includes('/') ? 'that may be executed' : 'on PATH'}. Install it, or give its path`,
    );
  const files: Record<string, FileRef> = { program: await refer(binary) };
  for (const [i, arg] of args.entries())
    if (await isFile(arg)) files[`argument ${i + 1}`] = await refer(resolve(arg));
  const sha256 = Object.fromEntries(Object.entries(files).map(([name, file]) => [name, file.sha256]));
  return { files, info: { sha256 } };
}

const refer = async (path: string): Promise<FileRef> => ({ path, sha256: await sha256OfFile(path) });

async function firstThat(
  paths: string[],
  holds: (path: string) => Promise<boolean>,
): Promise<string | undefined> {
  for (const path of paths) if (await holds(path)) return path;
  return undefined;
}

const isFile = (path: string): Promise<boolean> =>
  stat(path).then(
    (found) => found.isFile(),
    () => false,
  );

async function isExecutable(path: string): Promise<boolean> {
  if (!(await isFile(path))) return false;
  return access(path, constants.X_OK).then(
    () => true,
    () => false,
  );
}
