/**
 * The store as a bucket of an S3-compatible service. Plain requests, signed (AWS Signature Version 4) with the content's SHA-256,
 * so that the service refuses what arrives damaged. The first answer wins by `If-None-Match: *` (conditional writes, S3 since
 * 2024); a service that does not know it lets the last one win, which differs in the seconds it took alone.
 * Credentials as in AWS's own tools: `AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY`, `AWS_SESSION_TOKEN`, `AWS_REGION`,
 * `AWS_ENDPOINT_URL_S3` or `AWS_ENDPOINT_URL`.
 */
import { createHash, randomUUID } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { rename, rm, stat } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { setTimeout as wait } from 'node:timers/promises';
import { AwsV4Signer } from 'aws4fetch';
import axios from 'axios';
import { exitCodes, UserError } from '../../errors.ts';
import { sha256OfFile } from '../../files.ts';
import { spread, type Store } from './store.ts';

type Method = 'GET' | 'HEAD' | 'PUT' | 'DELETE';
type Content = { sha256: string; length: number; data(): string | Readable };
type Request = { content?: Content; headers?: Record<string, string>; into?: string };
type Reply = { status: number; text: string };

const attempts = 6;
/** A request takes at most this long until its answer begins, and the answer as long; both so much longer for each byte that is sent: 1 MB/s. */
const patience = { ms: 30_000, perByteMs: 1e-3 };

/** Opens `s3://bucket/prefix`. @throws UserError on a wrong address or missing credentials; exit 4 where the bucket does not answer. */
export async function openS3Store(address: string, note: (message: string) => void): Promise<Store> {
  const [, bucket, prefix = ''] =
    /^s3:\/\/([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])(?:\/(.*?))?\/*$/.exec(address) ?? [];
  if (!bucket) throw new UserError(`--store ${address}: expected s3://bucket or s3://bucket/prefix`);
  const send = signedRequests(address, bucket);
  const ask = async (method: Method, name: string, more: Request = {}): Promise<Reply> => {
    const path = [prefix, name].filter(Boolean).join('/');
    for (let attempt = 1; ; attempt++) {
      const reply = await send(method, path, more).catch(ifDisconnected);
      if (!(reply instanceof Disconnected) && reply.status !== 429 && reply.status < 500) return reply;
      const told = reply instanceof Disconnected ? reply.message : `it answered ${reply.status}`;
      if (attempt === attempts) throw unreachable(address, told);
      await wait(250 * 2 ** attempt);
    }
  };
  const expect = (reply: Reply, ...statuses: number[]): Reply => {
    if (statuses.includes(reply.status)) return reply;
    throw unreachable(address, refusals[reply.status] ?? `it answered ${reply.status}`);
  };
  const put = (name: string, text: string, headers: Record<string, string> = {}): Promise<Reply> =>
    ask('PUT', name, { content: contentOf(text), headers });
  // Whether it can be read, before anything rests on it.
  expect(await ask('GET', 'store.json'), 200, 404);

  return {
    address,
    async read(name) {
      const { status, text } = expect(await ask('GET', name), 200, 404);
      return status === 200 ? text : undefined;
    },
    async write(name, text) {
      expect(await put(name, text), 200);
    },
    async create(name, text) {
      return expect(await put(name, text, { 'if-none-match': '*' }), 200, 409, 412).status === 200;
    },
    async remove(name) {
      expect(await ask('DELETE', name), 200, 204, 404);
    },
    async putFile(path, sha256) {
      const name = spread('files', sha256);
      const there = expect(await ask('HEAD', name), 200, 404);
      if (there.status === 200) return;
      const content = { sha256, length: (await stat(path)).size, data: () => createReadStream(path) };
      expect(await ask('PUT', name, { content }), 200);
    },
    async getFile(sha256, path) {
      const name = spread('files', sha256);
      const part = `${path}.${randomUUID()}`;
      try {
        const { status } = expect(await ask('GET', name, { into: part }), 200, 404);
        if (status === 404) return false;
        if ((await sha256OfFile(part)) !== sha256) {
          expect(await ask('DELETE', name), 200, 204, 404);
          note(`store: a file in ${address} was not what its hash says; it is deleted`);
          return false;
        }
        await rename(part, path);
        return true;
      } finally {
        await rm(part, { force: true });
      }
    },
  };
}

/** No answer, or none that is whole. `error` is no `cause`: it may hold the headers. */
class Disconnected extends Error {
  constructor(error: unknown) {
    const { code, name } = error as NodeJS.ErrnoException;
    super(`the connection failed (${code ?? name})`);
  }
}
function ifDisconnected(error: unknown): Disconnected {
  if (error instanceof Disconnected) return error;
  throw error;
}

/**
 * One request, signed; path-style, which every compatible service knows. `into`: the file that the body of a 200 goes to.
 * @throws Disconnected; what `fs` throws where that file cannot be written.
 */
function signedRequests(address: string, bucket: string) {
  const { env } = process;
  const [accessKeyId, secretAccessKey] = [env['AWS_ACCESS_KEY_ID'], env['AWS_SECRET_ACCESS_KEY']];
  if (!accessKeyId || !secretAccessKey)
    throw new UserError(`--store ${address}: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY`);
  const region = env['AWS_REGION'] ?? env['AWS_DEFAULT_REGION'] ?? 'us-east-1';
  const endpoint =
    env['AWS_ENDPOINT_URL_S3'] ?? env['AWS_ENDPOINT_URL'] ?? `https://s3.${region}.amazonaws.com`;
  const sessionToken = env['AWS_SESSION_TOKEN'];
  return async (method: Method, path: string, { content, headers = {}, into }: Request): Promise<Reply> => {
    const signer = new AwsV4Signer({
      method,
      url: `${endpoint.replace(/\/+$/, '')}/${bucket}/${path}`,
      headers: { ...headers, 'x-amz-content-sha256': content?.sha256 ?? sha256Of('') },
      accessKeyId,
      secretAccessKey,
      ...(sessionToken ? { sessionToken } : {}),
      service: 's3',
      region,
    });
    const signed = await signer.sign();
    const data = content?.data();
    const limit = new AbortController();
    const allow = (bytes: number): NodeJS.Timeout =>
      setTimeout(() => limit.abort(), Math.ceil(patience.ms + bytes * patience.perByteMs));
    let timer = allow(content?.length ?? 0);
    try {
      const {
        status,
        data: body,
        headers: told,
      } = await axios.request<Readable>({
        method,
        url: signed.url.href,
        headers: {
          ...Object.fromEntries(signed.headers),
          ...(content
            ? { 'content-length': content.length, 'content-type': 'application/octet-stream' }
            : {}),
        },
        data,
        signal: limit.signal,
        maxRedirects: 0,
        maxBodyLength: Infinity,
        responseType: 'stream',
        validateStatus: () => true,
      });
      clearTimeout(timer);
      timer = allow(Number(told['content-length'] ?? 0));
      if (status !== 200 || into === undefined) return { status, text: await textOf(partsOf(body)) };
      await pipeline(partsOf(body), createWriteStream(into));
      return { status, text: '' };
    } catch (error) {
      throw axios.isAxiosError(error) ? new Disconnected(error) : error;
    } finally {
      clearTimeout(timer);
      if (typeof data === 'object') data.destroy();
    }
  };
}

const refusals: Record<number, string> = {
  301: 'the bucket lies in another region; set AWS_REGION',
  403: 'it refuses (403); do the credentials fit, and may they read and write there?',
  404: 'there is no such bucket',
};

const unreachable = (address: string, why: string): UserError =>
  new UserError(`store ${address}: ${why}. What is finished is kept; run the same again`, {
    exitCode: exitCodes.environment,
  });

const sha256Of = (text: string): string => createHash('sha256').update(text).digest('hex');

const contentOf = (text: string): Content => ({
  sha256: sha256Of(text),
  length: Buffer.byteLength(text),
  data: () => text,
});

/** What arrives, until the connection fails; what becomes of the parts is not its fault. */
async function* partsOf(body: Readable): AsyncGenerator<Buffer> {
  try {
    yield* body as AsyncIterable<Buffer>;
  } catch (error) {
    throw new Disconnected(error);
  }
}

async function textOf(body: AsyncIterable<Buffer>): Promise<string> {
  const parts: Buffer[] = [];
  for await (const part of body) parts.push(part);
  return Buffer.concat(parts).toString('utf8');
}
