/** One file out of a multipart body, onto the disk while it arrives: never in memory, never under a name that the sender chose. */
import { randomUUID } from 'node:crypto';
import { open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { MultipartFile } from '@fastify/multipart';
import type { FastifyRequest } from 'fastify';
import { isSystemError } from '../../errors.ts';
import { Problem } from './problems.ts';

/** `name` and `declared`: what the sender calls it and says that it is; data, and no path. */
export type Received = { path: string; name: string; declared: string };

/** What a body may have beside its file: headers of the part, and boundaries. */
const aroundBytes = 64 * 1024;

/** @throws Problem 413 where the request says that it is larger than may be; to be asked before anything is read. */
export function requireFits(request: FastifyRequest, maxBytes: number): void {
  const { 'content-length': length, 'content-type': type } = request.headers;
  if (!type?.startsWith('multipart/form-data'))
    throw new Problem(415, 'send the file as multipart/form-data, in a part called "file"');
  if (Number(length ?? 0) > maxBytes + aroundBytes) throw tooLarge(maxBytes);
}

const tooLarge = (maxBytes: number): Problem => new Problem(413, `at most ${maxBytes} bytes are taken`);

/**
 * Writes the file of the request into `folder`, under a name by chance. Whatever goes wrong, nothing is left there.
 * @throws Problem 400 where there is not exactly one part, called "file", or the body ends before it should; 413 beyond `maxBytes`; what `fs` throws.
 */
export async function receive(request: FastifyRequest, folder: string, maxBytes: number): Promise<Received> {
  const path = join(folder, randomUUID());
  let received: Received | undefined;
  try {
    const limits = {
      fileSize: maxBytes,
      files: 2,
      fields: 2,
      parts: 2,
      fieldSize: 1024,
      headerPairs: 20,
      headerSize: 8192,
    };
    for await (const part of request.parts({ limits })) {
      if (part.type !== 'file' || part.fieldname !== 'file' || received)
        throw new Problem(400, 'exactly one part is expected, called "file"');
      if (part.filename.length > 1000) throw new Problem(400, 'the name of the file is too long');
      const { filename: name, mimetype: declared } = part;
      await write(part, path, maxBytes);
      received = { path, name, declared };
    }
    if (!received) throw new Problem(400, 'there is no file in the request');
    return received;
  } catch (error) {
    // Nobody reads on; what still comes must not fill anything.
    request.raw.unpipe();
    request.raw.resume();
    await rm(path, { force: true });
    throw error instanceof Problem || isSystemError(error) || hasStatus(error)
      ? error
      : new Problem(400, 'the body is not whole multipart/form-data');
  }
}

async function write({ file }: MultipartFile, path: string, maxBytes: number): Promise<void> {
  let bytes = 0;
  const out = await open(path, 'wx', 0o600);
  try {
    for await (const chunk of file as AsyncIterable<Buffer>) {
      bytes += chunk.length;
      await out.writeFile(chunk);
    }
  } finally {
    await out.close();
  }
  if (file.truncated) throw tooLarge(maxBytes);
  if (bytes === 0) throw new Problem(400, 'the file is empty');
}

const hasStatus = (error: unknown): boolean =>
  typeof (error as { statusCode?: unknown }).statusCode === 'number';
