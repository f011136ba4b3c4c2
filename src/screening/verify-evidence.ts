/** Whether a file of evidence is what its service signed: told from the file alone, without the service, its folder or a network. */
import { createHash, createPublicKey, type KeyObject, verify } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { extract } from 'tar-stream';
import { z } from 'zod';
import { UserError } from '../errors.ts';
import { lineHolds } from '../records/audit-log.ts';
import type { Statement } from './evidence.ts';

/**
 * `key`: SHA-256 of the public key (SPKI, DER) that signed. Only where the caller brought the key does it say who.
 * `broken`: the first thing that does not hold.
 */
export type VerifiedEvidence = { statement: Statement; key: string } | { broken: string };

/** Of everything in the file but the original. */
const mostBytes = 64 * 2 ** 20;
/** So that there is room for signature and key beside it. */
export const mostStatementBytes = mostBytes - 4096;

/** `publicKey`: in PEM, as known from elsewhere; without it the file's own is used, which shows that nothing was changed since, and not who made it. @throws UserError where `publicKey` is none; as `fs` does. */
export async function verifyEvidence(path: string, publicKey?: string): Promise<VerifiedEvidence> {
  const files = await readTar(path);
  if ('broken' in files) return files;
  const broken = (why: string): { broken: string } => ({ broken: why });
  const { texts, hashes } = files;
  const missing = ['statement.json', 'statement.sig', 'key.pem'].find((name) => !texts.has(name));
  if (missing) return broken(`${missing} is not in it`);
  const text = texts.get('statement.json')!;
  const key = readKey(texts.get('key.pem')!.toString('utf8'));
  if (!key) return broken('key.pem is no Ed25519 key');
  if (publicKey !== undefined) {
    const expected = readKey(publicKey);
    if (!expected) throw new UserError('the key to verify by is no Ed25519 key in PEM');
    if (!expected.equals(key)) return broken('it was signed with another key');
  }
  const signature = Buffer.from(texts.get('statement.sig')!.toString('utf8'), 'base64');
  if (!verify(null, text, key, signature))
    return broken('statement.json was changed: its signature does not fit');
  const statement = readStatement(text);
  if (!statement) return broken('statement.json is not one of masque');
  const why = contradictionIn(statement, hashes);
  return why === undefined ? { statement, key: fingerprint(key) } : broken(why);
}

/** The first thing in which a statement does not agree with the files beside it or with itself. */
function contradictionIn(statement: Statement, hashes: Map<string, string>): string | undefined {
  const { original, sha256, audit } = statement;
  const names = [...hashes.keys()].filter((name) => name.startsWith('original'));
  if (original !== null && !hashes.has(original)) return `${original} is not in it`;
  const stray = names.find((name) => name !== original);
  if (stray !== undefined) return `${stray} is in it, and the statement does not say so`;
  if (original !== null && hashes.get(original) !== sha256)
    return `${original} was changed: its SHA-256 is not that of the statement`;
  let number = 0;
  for (const line of audit.lines) {
    if (!lineHolds(line)) return `entry ${line.number} of the audit log was changed`;
    if (line.number <= number || line.number > audit.number)
      return `entry ${line.number} of the audit log is out of its place`;
    if (line.entry['sha256'] !== sha256) return `entry ${line.number} of the audit log is about another file`;
    number = line.number;
  }
  return undefined;
}

const hash = z.string().regex(/^[0-9a-f]{64}$/);
const count = z.int().min(0);
const shape = z.looseObject({
  masque: z.literal('evidence-1'),
  at: z.iso.datetime(),
  sha256: hash,
  bytes: count,
  receipts: z.array(z.unknown()),
  original: z.string().nullable(),
  leftOut: z.object({ receipts: count, findings: count, entries: count }).optional(),
  audit: z.object({
    number: z.int(),
    head: hash,
    lines: z.array(
      z.object({ number: z.int(), previous: hash, hash, entry: z.record(z.string(), z.unknown()) }),
    ),
  }),
});

function readStatement(text: Buffer): Statement | undefined {
  try {
    const value = JSON.parse(text.toString('utf8')) as Statement;
    return shape.safeParse(value).success ? value : undefined;
  } catch {
    return undefined;
  }
}

function readKey(pem: string): KeyObject | undefined {
  try {
    const key = createPublicKey(pem);
    return key.asymmetricKeyType === 'ed25519' ? key : undefined;
  } catch {
    return undefined;
  }
}

const fingerprint = (key: KeyObject): string =>
  createHash('sha256')
    .update(key.export({ type: 'spki', format: 'der' }))
    .digest('hex');

type Files = { texts: Map<string, Buffer>; hashes: Map<string, string> };

/** Hashes of all files; the text of those that are not the original. Nothing is written anywhere. */
async function readTar(path: string): Promise<Files | { broken: string }> {
  const [texts, hashes] = [new Map<string, Buffer>(), new Map<string, string>()];
  const tar = extract();
  const read = async (): Promise<string | undefined> => {
    let room = mostBytes;
    for await (const entry of tar) {
      const { name, type } = entry.header;
      if (
        type !== 'file' ||
        hashes.has(name) ||
        !/^(statement\.(json|sig)|key\.pem|original(\.[a-z0-9]+)?)$/.test(name)
      )
        return `${JSON.stringify(name.slice(0, 80))} does not belong in it`;
      const sum = createHash('sha256');
      const chunks: Buffer[] = [];
      for await (const chunk of entry as AsyncIterable<Buffer>) {
        sum.update(chunk);
        if (name.startsWith('original')) continue;
        room -= chunk.length;
        if (room < 0) return `${name} is too large`;
        chunks.push(chunk);
      }
      hashes.set(name, sum.digest('hex'));
      if (!name.startsWith('original')) texts.set(name, Buffer.concat(chunks));
    }
    return undefined;
  };
  const source = createReadStream(path);
  let broken: string | undefined;
  const reading = read().then(
    (why) => {
      broken = why;
      if (why !== undefined) source.destroy();
    },
    () => {},
  );
  try {
    await pipeline(source, tar);
  } catch (error) {
    if (['ENOENT', 'EACCES', 'EISDIR', 'EPERM'].includes((error as NodeJS.ErrnoException).code ?? ''))
      throw error;
    broken ??= 'it is not a whole tar file';
  }
  await reading;
  return broken === undefined ? { texts, hashes } : { broken };
}
