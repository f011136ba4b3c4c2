/** `masque evidence`: one signed file of all that a screening service knows of a content, and whether such a file holds. */
import { readFile } from 'node:fs/promises';
import { UserError } from '../src/errors.ts';
import { packEvidence } from '../src/screening/evidence.ts';
import { requireServiceFolder } from '../src/screening/service-folder.ts';
import { publicKeyOf, signingKey } from '../src/screening/signing-key.ts';
import { type VerifiedEvidence, verifyEvidence } from '../src/screening/verify-evidence.ts';
import { shown } from '../src/shown.ts';

/** What verifying ends with. */
export const verifyCodes = { holds: 0, broken: 1 } as const;
const say = (line: string): void => void process.stdout.write(`${line}\n`);

/** Packs, then reads what it wrote as a stranger would: an original that was changed in the vault is found here and not in court. Returns 0, or 1 where it does not hold. */
export async function pack(service: string, which: string, to: string): Promise<number> {
  const publicKey = await packEvidence(service, which, to);
  const found = await verifyEvidence(to, publicKey);
  return tell(
    to,
    found,
    'that of this service. Those who verify need it from you: npm run -s evidence -- key',
  );
}

/** Returns 0 where the file holds, 1 where not. @throws UserError where a file cannot be read, or the key is none. */
export async function verify(file: string, publicKeyFile?: string): Promise<number> {
  const publicKey = publicKeyFile === undefined ? undefined : await readable(publicKeyFile);
  const found = await verifyEvidence(file, publicKey?.toString('utf8')).catch(unreadable(file));
  return tell(
    file,
    found,
    publicKeyFile === undefined
      ? 'which came with the file. So only integrity was checked, not the signer: anybody can make a key. Give --public-key with the key of the service, got from its keeper'
      : `that in ${shown(publicKeyFile)}`,
  );
}

/** The key to verify by, in PEM, on stdout. */
export async function showKey(service: string): Promise<void> {
  requireServiceFolder(service);
  process.stdout.write(publicKeyOf(await signingKey(service)));
}

function tell(file: string, found: VerifiedEvidence, signer: string): number {
  if ('broken' in found) {
    say(`${shown(file)}: broken: ${found.broken}`);
    return verifyCodes.broken;
  }
  const { sha256, bytes, original, at, receipts, audit, leftOut } = found.statement;
  const there = original === null ? 'whose bytes were deleted' : 'whose original is in it';
  say(`${shown(file)}: whole; written ${at} about ${sha256} (${bytes} bytes), ${there}`);
  say(
    `  received ${receipts.length + (leftOut?.receipts ?? 0)} times; ${audit.lines.length} of ${audit.number} entries of the log are about it; the last hash of the log was ${audit.head}`,
  );
  if (leftOut)
    say(
      `  not in it: ${leftOut.receipts} of the receipts between the first and the last, with ${leftOut.findings} findings and ${leftOut.entries} entries of the log`,
    );
  say(`  signed by the key ${found.key}, ${signer}`);
  return verifyCodes.holds;
}

const readable = (path: string): Promise<Buffer> => readFile(path).catch(unreadable(path));

function unreadable(path: string): (error: unknown) => never {
  return (error) => {
    if (error instanceof UserError) throw error;
    const { code } = error as NodeJS.ErrnoException;
    if (code === undefined) throw error;
    throw new UserError(`${shown(path)}: cannot be read (${code})`, { cause: error });
  };
}
