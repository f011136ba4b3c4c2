/**
 * Who may ask: keys of 256 random bits, of which only the SHA-256 is kept, in one small JSON file. It is looked at again whenever it has changed, so that a key that is
 * revoked on the command line is refused at once.
 */
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { chmod, mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { z } from 'zod';
import { exitCodes, UserError } from '../../errors.ts';
import { atomicWrite } from '../../files.ts';
import { takeLock } from '../../records/run-lock.ts';
import { type Caller, type Role, roles } from '../types.ts';

const entry = z.strictObject({
  id: z.string(),
  name: z.string(),
  role: z.enum(roles),
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
  createdAt: z.string(),
  revokedAt: z.string().nullable(),
});
const file = z.strictObject({ version: z.literal(1), keys: z.array(entry) });
/** Without the key itself, which nobody has but its holder. */
export type KeyEntry = z.infer<typeof entry>;
/** `id`: of the key. */
export type KeyHolder = Caller & { id: string };

/** What the service asks of keys. */
export type Keys = {
  /** Whose key this is; undefined where it is unknown or revoked. Takes as long whichever key it is like. */
  holder(key: string): KeyHolder | undefined;
  /** Whether a key that was good still is. */
  stillGood(id: string): boolean;
};

const digestOf = (key: string): Buffer => createHash('sha256').update(key).digest();

/** Keys in the file at `path`, and the first administrator's, which is in no file. @throws UserError where the file is not one of keys, or the first key is too short to be random. */
export function openKeys(path: string, first: string | undefined): Keys {
  if (first !== undefined && first.length < 32)
    throw new UserError(
      'MASQUE_API_KEY is shorter than 32 characters. Take a random one: openssl rand -base64 32',
    );
  const firstEntry = first === undefined ? [] : [firstAdministrator(digestOf(first))];
  let [seen, good] = ['', firstEntry];
  const fresh = (): typeof good => {
    const now = versionOf(path);
    if (now !== seen) {
      good = [
        ...firstEntry,
        ...readKeys(path)
          .filter(({ revokedAt }) => revokedAt === null)
          .map(prepared),
      ];
      seen = now;
    }
    return good;
  };
  fresh();
  return {
    holder(key) {
      const digest = digestOf(key);
      // All are compared, also after one was found.
      const [found] = fresh().filter((candidate) => timingSafeEqual(candidate.digest, digest));
      return found && { id: found.id, name: found.name, role: found.role };
    },
    stillGood: (id) => fresh().some((candidate) => candidate.id === id),
  };
}

const prepared = ({ id, name, role, sha256 }: KeyEntry) => ({
  id,
  name,
  role,
  digest: Buffer.from(sha256, 'hex'),
});
const firstName = 'administrator';
const firstAdministrator = (digest: Buffer) => ({
  id: 'MASQUE_API_KEY',
  name: firstName,
  role: 'administrator' as Role,
  digest,
});

/** Tells whether a file is the one that was read. */
function versionOf(path: string): string {
  const stats = statSync(path, { bigint: true, throwIfNoEntry: false });
  return stats ? `${stats.ino} ${stats.mtimeNs} ${stats.size}` : '';
}

/** All keys, revoked ones too, in the order in which they were made. @throws UserError (exit 4) where the file is damaged. */
export function readKeys(path: string): KeyEntry[] {
  if (versionOf(path) === '') return [];
  try {
    return file.parse(JSON.parse(readFileSync(path, 'utf8'))).keys;
  } catch (cause) {
    throw new UserError(`${path}: not a file of keys. Restore it, or move it away and make new keys`, {
      exitCode: exitCodes.environment,
      cause,
    });
  }
}

const named = /^[\p{L}\p{N}](?:[\p{L}\p{N} ._@-]{0,62}[\p{L}\p{N}._@-])?$/u;
/** A person is a name: two who look alike would count as two reviewers. */
const sameAs = (name: string): string => name.normalize('NFKC').toLowerCase().replaceAll(/\s+/g, ' ');

/** Makes a key, which is shown now and never again. @throws UserError where the name is none, or another process changes the file. */
export async function addKey(path: string, { name, role }: Caller): Promise<{ id: string; key: string }> {
  if (!named.test(name) || name !== name.normalize('NFC'))
    throw new UserError(
      'a name has 1 to 64 letters, digits, spaces and . _ @ -, begins with a letter or digit and ends with no space',
    );
  if (sameAs(name) === firstName)
    throw new UserError(`"${firstName}" is whoever has MASQUE_API_KEY; choose another name`);
  const key = `mk_${randomBytes(32).toString('base64url')}`;
  const id = randomBytes(6).toString('hex');
  const made = { id, name, role, sha256: digestOf(key).toString('hex'), createdAt: new Date().toISOString() };
  await change(path, (keys) => {
    const alike = keys.find((key) => key.name !== name && sameAs(key.name) === sameAs(name));
    if (alike)
      throw new UserError(
        `there is "${alike.name}" already: for another key of the same person say exactly that, else choose another name`,
      );
    return [...keys, { ...made, revokedAt: null }];
  });
  return { id, key };
}

/** @throws UserError where there is no such key. */
export async function revokeKey(path: string, id: string): Promise<void> {
  const at = new Date().toISOString();
  await change(path, (keys) => {
    if (!keys.some((key) => key.id === id)) throw new UserError(`there is no key ${JSON.stringify(id)}`);
    return keys.map((key) => (key.id === id ? { ...key, revokedAt: key.revokedAt ?? at } : key));
  });
}

async function change(path: string, edit: (keys: KeyEntry[]) => KeyEntry[]): Promise<void> {
  const folder = dirname(path);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const lock = await takeLock(folder);
  try {
    const content = { version: 1, keys: edit(readKeys(path)) };
    await atomicWrite(path, `${JSON.stringify(content, undefined, 1)}\n`);
    await chmod(path, 0o600);
  } finally {
    await lock.release();
  }
}
