/**
 * Where a training stands, in one file: a line with the SHA-256 of the rest, a line of JSON, then tensors (`src/tensors.ts`).
 * It is replaced in one step, and what is damaged is never used.
 */
import { createHash } from 'node:crypto';
import { mkdir, readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { atomicWrite } from '../files.ts';
import { decodeTensors, encodeTensors, type NamedTensors } from '../tensors.ts';

/** `plain`: what JSON can hold. */
export type Checkpoint<Plain> = { plain: Plain; tensors: NamedTensors };

const newline = 0x0a;
const digest = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

/** Replaces the file at `path`; its folder is made when needed. Throws as `atomicWrite` does. */
export async function writeCheckpoint<Plain>(
  path: string,
  { plain, tensors }: Checkpoint<Plain>,
): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  const body = Buffer.concat([Buffer.from(`${JSON.stringify(plain)}\n`), encodeTensors(tensors)]);
  await atomicWrite(path, Buffer.concat([Buffer.from(`${digest(body)}\n`), body]));
}

/** What was written to `path`; undefined when there is no file, or when it is damaged, of which `warn` hears. */
export async function readCheckpoint<Plain>(
  path: string,
  warn: (message: string) => void,
): Promise<Checkpoint<Plain> | undefined> {
  const bytes = await readFile(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
  if (!bytes) return undefined;
  const bodyStart = bytes.indexOf(newline) + 1;
  const body = bytes.subarray(bodyStart);
  if (digest(body) !== bytes.toString('latin1', 0, Math.max(0, bodyStart - 1))) {
    warn('the checkpoint does not match its recorded hash; it is not used');
    return undefined;
  }
  const tensorsStart = body.indexOf(newline) + 1;
  return {
    plain: JSON.parse(body.toString('utf8', 0, tensorsStart)) as Plain,
    tensors: decodeTensors(body.subarray(tensorsStart)),
  };
}
