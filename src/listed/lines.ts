/** Lists of a line per clip, read as they go. */
import { open } from 'node:fs/promises';
import { UserError } from '../errors.ts';

/** The lines that are not empty, with their numbers from 1 and without a byte order mark. @throws UserError where the file cannot be read. */
export async function* linesIn(path: string): AsyncGenerator<{ line: number; text: string }> {
  let line = 0;
  try {
    const file = await open(path);
    for await (const text of file.readLines()) {
      line++;
      if (text.trim() !== '') yield { line, text: line === 1 ? text.replace(/^\uFEFF/, '') : text };
    }
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    if (code === undefined || cause instanceof UserError) throw cause;
    throw new UserError(`${path}: cannot be read (${code})`, { cause });
  }
}
