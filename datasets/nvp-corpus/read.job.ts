/** Reads one sequence of the corpus, every number checked, into one file. */
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { UserError } from '../../src/errors.ts';
import { readNpy } from '../../src/npy.ts';
import { defineJob } from '../../src/pipeline/job.ts';
import { writeTensors } from '../../src/tensors.ts';
import type { FileRef, Work } from '../../src/types.ts';

/** `windows`: one file per frame, in order. `silent`: coefficients that are set to 0. */
type Input = { windows: FileRef[]; expressions: FileRef; silent: number[] };

/** Rows and columns of a window, coefficients of an expression. */
const [windowRows, columns, coefficientCount] = [16, 29, 76] as const;
/** Larger files are something else: a window has 3,840 bytes, a row of coefficients about a thousand. */
const most = { window: 64 * 1024, expressions: 256 * 1024 * 1024 } as const;

/** `windows` [T, 16, 29] and `expressions` [T, 76], the shape of `Clip.coefficients`. @throws UserError on a damaged file. */
export const readSequence = defineJob<Input, FileRef>({
  name: 'nvp-corpus-sequence',
  module: import.meta.url,
  threads: 1,
  run,
});

async function run({ windows, expressions, silent }: Input, work: Work): Promise<FileRef> {
  const rows = parseRows((await bytesOf(expressions, most.expressions)).toString('utf8'), expressions.path);
  if (rows.length / coefficientCount !== windows.length)
    throw new UserError(
      `${expressions.path}: ${rows.length / coefficientCount} rows for ${windows.length} frames of audio features. Each frame needs both`,
    );
  for (const k of silent) for (let at = k; at < rows.length; at += coefficientCount) rows[at] = 0;
  const values = windowRows * columns;
  const all = new Float32Array(windows.length * values);
  for (const [t, file] of windows.entries()) {
    all.set(readNpy(await bytesOf(file, most.window), [windowRows, columns], file.path), t * values);
    if (t % 500 === 0) work.progress(t / windows.length);
  }
  await writeTensors(join(work.folder, 'sequence.safetensors'), {
    windows: { shape: [windows.length, windowRows, columns], data: all },
    expressions: { shape: [windows.length, coefficientCount], data: rows },
  });
  return work.keep('sequence.safetensors');
}

async function bytesOf({ path }: FileRef, mostBytes: number): Promise<Buffer> {
  const { size } = await stat(path);
  if (size > mostBytes)
    throw new UserError(`${path}: ${size} bytes, larger than any such file of the corpus (${mostBytes})`);
  return readFile(path);
}

const number = /^[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?$/i;

/** Rows of 76 numbers between white space. */
function parseRows(text: string, where: string): Float32Array {
  const lines = text.split(/\r?\n/);
  while (lines.at(-1)?.trim() === '') lines.pop();
  if (lines.length === 0) throw new UserError(`${where}: is empty`);
  const rows = new Float32Array(lines.length * coefficientCount);
  for (const [i, line] of lines.entries()) {
    const fields = line.trim().split(/\s+/);
    if (fields.length !== coefficientCount)
      throw new UserError(
        `${where}:${i + 1}: ${line.trim() === '' ? 0 : fields.length} coefficients, expected ${coefficientCount}`,
      );
    fields.forEach((field, k) => {
      const value = number.test(field) ? Math.fround(Number(field)) : NaN;
      if (!Number.isFinite(value))
        throw new UserError(`${where}:${i + 1}: "${field.slice(0, 20)}" is not a finite number`);
      rows[i * coefficientCount + k] = value;
    });
  }
  return rows;
}
