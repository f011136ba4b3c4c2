/**
 * Everything that is known of a content in one signed file, for somebody who was not there: a `.tar` of `statement.json` (receipts, findings with the hashes of their
 * bundles' cards, quarantine with every review, what the audit log says of it and the log's last hash), `original.*` where its bytes are still kept,
 * `statement.sig` (Ed25519 over the statement's bytes, base64) and `key.pem`.
 */
import { sign } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { open, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { pack, type Pack } from 'tar-stream';
import { UserError } from '../errors.ts';
import { syncFolder } from '../files.ts';
import { ownTag } from '../process-tag.ts';
import { type Line, linesWhere } from '../records/audit-log.ts';
import { auditPath } from './audit.ts';
import { type Db, openDatabase } from './database.ts';
import { type Known, knownOf } from './known.ts';
import { requireServiceFolder } from './service-folder.ts';
import { publicKeyOf, signingKey } from './signing-key.ts';
import { type Content, readContent, readMedia } from './store.ts';
import { type Finding, type Media, type Quarantined, Refused } from './types.ts';
import { vaultName } from './vault.ts';
import { mostStatementBytes } from './verify-evidence.ts';

export type Statement = {
  masque: 'evidence-1';
  /** When the file was written, ISO 8601. */
  at: string;
  sha256: string;
  bytes: number;
  /** The name of the original in this file; null where its bytes were deleted. */
  original: string | null;
  receipts: Pick<
    Media,
    | 'requestId'
    | 'sha256'
    | 'bytes'
    | 'name'
    | 'source'
    | 'submitter'
    | 'receivedAt'
    | 'status'
    | 'action'
    | 'quarantineId'
  >[];
  findings: { at: string; finding: Finding }[];
  /** SHA-256 of the card of each bundle that judged, where it is known. */
  bundles: { id: string; card: string | null }[];
  quarantines: Omit<Quarantined, 'media' | 'findings'>[];
  /** `lines`: those of the log that are about this content, each with the hash that chains it. `number`, `head`: the log's last line when all of the above was so, and its hash. */
  audit: { number: number; head: string; lines: Line[] };
  /** Of a content that came in very often: how much of it is not in here, of the receipts between the first and the last ones. */
  leftOut?: { receipts: number; findings: number; entries: number };
};

export type EvidenceNeeds = {
  db: Db;
  folder: string;
  at: string;
  pathOf(content: Content): string;
  /** Resolves when what the database knew before is in the log, as far as that is up to the caller. */
  logged(): Promise<void>;
};

/**
 * Replaces the file at `to` in one step. It says what was known at one moment, and all of it but `leftOut`.
 * @throws Refused `gone` where nothing is known of the content, `conflict` where that is more than is read of a statement; UserError where the log does not hold or is behind; as `fs` does.
 */
export async function writeEvidence(needs: EvidenceNeeds, sha256: string, to: string): Promise<void> {
  const known = knownOf(needs.db, sha256);
  if (!known) throw new Refused('gone', 'nothing is known of it');
  const { content } = known;
  const [statement, key] = [await statementOf(needs, known), await signingKey(needs.folder)];
  const text = Buffer.from(JSON.stringify(statement, undefined, 1));
  if (text.length > mostStatementBytes)
    throw new Refused(
      'conflict',
      `what is known of it takes ${text.length} bytes, and a file of evidence holds at most ${mostStatementBytes}`,
    );
  const made = join(dirname(to), `.${basename(to)}.${ownTag()}.tmp`);
  try {
    const tar = pack();
    const written = pipeline(tar, createWriteStream(made, { mode: 0o600 }));
    const filled = async (): Promise<void> => {
      tar.entry({ name: 'statement.json' }, text);
      tar.entry({ name: 'statement.sig' }, sign(null, text, key).toString('base64'));
      tar.entry({ name: 'key.pem' }, publicKeyOf(key));
      if (statement.original !== null)
        await addFile(tar, statement.original, needs.pathOf(content), content.bytes);
      tar.finalize();
    };
    await Promise.all([written, filled().catch((error: Error) => tar.destroy(error))]);
    const file = await open(made, 'r');
    try {
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(made, to);
    await syncFolder(dirname(to));
  } catch (error) {
    await rm(made, { force: true });
    throw error;
  }
}

/**
 * The same for whoever has only the folder of a service, running or not. `which`: the SHA-256 of a content, or the id of a receipt. Returns the key to verify by, in PEM.
 * @throws UserError where there is no service's folder, it knows no such file, or its log does not hold or is behind.
 */
export async function packEvidence(folder: string, which: string, to: string): Promise<string> {
  requireServiceFolder(folder);
  const db = openDatabase(folder, { make: false });
  try {
    const { sha256 } = readMedia(db, which) ?? readContent(db, which) ?? {};
    if (sha256 === undefined)
      throw new UserError(`${which}: nothing of that hash or id has come in at ${folder}`);
    const pathOf = (content: Content): string => join(folder, 'vault', vaultName(content));
    const needs = { db, folder, at: new Date().toISOString(), pathOf, logged: async () => {} };
    await writeEvidence(needs, sha256, to).catch((error: unknown) => {
      throw error instanceof Refused ? new UserError(`${which}: ${error.message}`) : error;
    });
  } finally {
    db.close();
  }
  return publicKeyOf(await signingKey(folder));
}

const addFile = (tar: Pack, name: string, path: string, size: number): Promise<void> =>
  pipeline(createReadStream(path), tar.entry({ name, size }));

async function statementOf({ folder, at, logged }: EvidenceNeeds, known: Known): Promise<Statement> {
  const { content, leftOut, newestEntry, entries, ...rows } = known;
  const { sha256, bytes, extension, kept } = content;
  const path = auditPath(folder);
  const last = { number: 0, head: '' };
  await logged();
  const { lines } = await linesWhere(
    path,
    ({ number, hash, entry }) => {
      if (number > newestEntry) return false;
      Object.assign(last, { number, head: hash });
      return entry['sha256'] === sha256;
    },
    // The service may be writing what came later.
    { mayBeTorn: true },
  );
  if (lines.length < entries)
    throw new UserError(
      `${path}: it lacks ${entries - lines.length} entries about this file. A running service writes them at once, another when it is started; then run the same command again`,
    );
  const ids = new Set<unknown>(rows.receipts.map(({ requestId }) => requestId));
  const shown = lines.filter(({ entry }) => !('requestId' in entry) || ids.has(entry['requestId']));
  return {
    masque: 'evidence-1',
    at,
    sha256,
    bytes,
    original: kept === 1 ? `original${extension}` : null,
    ...rows,
    audit: { ...last, lines: shown },
    ...(leftOut.receipts > 0 ? { leftOut: { ...leftOut, entries: lines.length - shown.length } } : {}),
  };
}
