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
import { auditPath, unwritten } from './audit.ts';
import { type Db, openDatabase } from './database.ts';
import { requireServiceFolder } from './service-folder.ts';
import { publicKeyOf, signingKey } from './signing-key.ts';
import { type Content, findingsOf, mediaOf, quarantinesOf, readContent, readMedia } from './store.ts';
import { type Finding, type Media, type Quarantined, Refused } from './types.ts';
import { vaultName } from './vault.ts';

export type Statement = {
  masque: 'evidence-1';
  /** When the file was written, ISO 8601. */
  at: string;
  sha256: string;
  bytes: number;
  /** The name of the original in this file; null where its bytes were deleted. */
  original: string | null;
  receipts: Omit<Media, 'finding' | 'similar'>[];
  findings: { at: string; finding: Finding }[];
  /** SHA-256 of the card of each bundle that judged, where it is known. */
  bundles: { id: string; card: string | null }[];
  quarantines: Omit<Quarantined, 'media'>[];
  /** `lines`: those of the log that are about this content, each with the hash that chains it. `head`: the hash of the log's last line then. */
  audit: { number: number; head: string; lines: Line[] };
};

export type EvidenceNeeds = { db: Db; folder: string; at: string; pathOf(content: Content): string };

/** Replaces the file at `to` in one step. @throws Refused `gone` where nothing is known of the content; as `fs` does. */
export async function writeEvidence(needs: EvidenceNeeds, sha256: string, to: string): Promise<void> {
  const content = readContent(needs.db, sha256);
  if (!content) throw new Refused('gone', 'nothing is known of it');
  const [statement, key] = [await statementOf(needs, content), await signingKey(needs.folder)];
  const text = Buffer.from(JSON.stringify(statement, undefined, 1));
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
    const behind = unwritten(db, sha256);
    if (behind > 0)
      throw new UserError(
        `${auditPath(folder)}: it lacks ${behind} entries about this file. A running service writes them at once, another when it is started; then run the same command again`,
      );
    const pathOf = (content: Content): string => join(folder, 'vault', vaultName(content));
    await writeEvidence({ db, folder, at: new Date().toISOString(), pathOf }, sha256, to);
  } finally {
    db.close();
  }
  return publicKeyOf(await signingKey(folder));
}

const addFile = (tar: Pack, name: string, path: string, size: number): Promise<void> =>
  pipeline(createReadStream(path), tar.entry({ name, size }));

async function statementOf({ db, folder, at }: EvidenceNeeds, content: Content): Promise<Statement> {
  const { sha256, bytes, extension, kept } = content;
  const findings = findingsOf(db, sha256);
  const judged = new Set(findings.map(({ finding }) => finding.bundle));
  const bundles = db.all<{ id: string; card: string | null }>('SELECT id, card FROM bundles ORDER BY id');
  const { lines, number, head } = await linesWhere(
    auditPath(folder),
    ({ entry }) => entry['sha256'] === sha256,
    // The service may be writing what is about others.
    { mayBeTorn: true },
  );
  return {
    masque: 'evidence-1',
    at,
    sha256,
    bytes,
    original: kept === 1 ? `original${extension}` : null,
    receipts: mediaOf(db, sha256).map(withoutFinding),
    findings,
    bundles: bundles.filter(({ id }) => judged.has(id)),
    quarantines: quarantinesOf(db, sha256).map(withoutMedia),
    audit: { number, head, lines },
  };
}

function withoutFinding(media: Media): Statement['receipts'][number] {
  const { finding: _, similar: __, ...receipt } = media;
  return receipt;
}

function withoutMedia(all: Quarantined): Statement['quarantines'][number] {
  const { media: _, ...quarantined } = all;
  return quarantined;
}
