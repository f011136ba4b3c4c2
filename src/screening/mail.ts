/**
 * Takes a mail (`.eml`, RFC 5322 and MIME) apart: attachments, pictures in its text, mails in it as files of their own. Its words are not judged. All caps are held before or
 * while it is parsed; what could hide something from the parser that mail programs would show is told, and the whole is then not clean.
 */
import { randomUUID } from 'node:crypto';
import { readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import PostalMime, { type Attachment, type Email } from 'postal-mime';
import type { Inner, Unpacked } from './archive.ts';
import { type Budget, OverLimit } from './budget.ts';
import type { Reason } from './types.ts';

/** Read into memory whole, so smaller than media may be; gateways refuse larger ones. `lines`: as many as base64 of that size has. `marks`: lines that may begin a part. */
const mailLimits = {
  bytes: 50 << 20,
  lines: 700_000,
  marks: 4000,
  headerBytes: 256 << 10,
  nesting: 20,
} as const;

/** `message`: a mail in a mail, whatever its first lines look like. */
export type MailPart = Inner & { message: boolean };

/** Writes the parts of the mail at `path` into `folder` under random names. Throws only what the machine does wrong, as `fs` does. */
export async function unpackMail(
  path: string,
  folder: string,
  budget: Budget,
): Promise<Unpacked & { files: MailPart[] }> {
  const files: MailPart[] = [];
  const notExamined: Reason[] = [];
  try {
    const mail = await parse(path);
    notExamined.push(...hiddenIn(mail));
    for (const attachment of mail.attachments) {
      if (encrypted.has(attachment.mimeType)) notExamined.push(isEncrypted);
      const content = attachment.content as Uint8Array;
      budget.takeEntries(1);
      budget.takeBytes(content.byteLength);
      const inner = join(folder, randomUUID());
      await writeFile(inner, new Uint8Array(content), { flag: 'wx', mode: 0o600 });
      files.push({
        path: inner,
        name: nameOf(attachment),
        message: attachment.mimeType === 'message/rfc822',
      });
    }
  } catch (error) {
    if (!(error instanceof OverLimit)) throw error;
    notExamined.push(error.reason);
  }
  return { files, notExamined };
}

async function parse(path: string): Promise<Email> {
  if ((await stat(path)).size > mailLimits.bytes)
    throw new OverLimit('E_MAIL_TOO_LARGE', `The mail has more than ${mailLimits.bytes} bytes.`);
  const raw = await readFile(path);
  refuseMany(raw);
  try {
    return await PostalMime.parse(raw, {
      forceRfc822Attachments: true,
      maxNestingDepth: mailLimits.nesting,
      maxHeadersSize: mailLimits.headerBytes,
    });
  } catch (cause) {
    const nested = cause instanceof Error && cause.message.includes('nesting');
    const headers = cause instanceof Error && cause.message.includes('header');
    if (nested)
      throw new OverLimit('E_MAIL_NESTING', `Parts lie in parts more than ${mailLimits.nesting} times.`);
    if (headers)
      throw new OverLimit('E_MAIL_HEADERS', `Its headers have more than ${mailLimits.headerBytes} bytes.`);
    throw new OverLimit('E_MAIL_DAMAGED', 'The mail cannot be parsed.');
  }
}

/** The parser keeps every line and part in memory, so what would be too many is counted before. */
function refuseMany(raw: Buffer): void {
  let [lines, marks] = [0, 0];
  for (let at = raw.indexOf(10); at >= 0; at = raw.indexOf(10, at + 1)) {
    lines++;
    if (raw[at + 1] === 0x2d && raw[at + 2] === 0x2d) marks++;
  }
  if (lines > mailLimits.lines)
    throw new OverLimit('E_MAIL_TOO_LARGE', `The mail has more than ${mailLimits.lines} lines.`);
  if (marks > mailLimits.marks)
    throw new OverLimit('E_TOO_MANY_PARTS', `More than ${mailLimits.marks} lines may begin a part.`);
}

const encrypted = new Set([
  'application/pkcs7-mime',
  'application/x-pkcs7-mime',
  'application/pgp-encrypted',
]);
const isEncrypted: Reason = { code: 'E_ENCRYPTED', message: 'The mail, or part of it, is encrypted.' };

/** Media that are no attachments but text: in the address of a picture, encoded as before MIME, or under the type of text. */
function hiddenIn({ html = '', text = '' }: Email): Reason[] {
  const reasons: Reason[] = [];
  if (/\bdata:\s*(?:image|video|audio|application)\//i.test(html))
    reasons.push({
      code: 'E_MAIL_EMBEDDED',
      message: 'The text of the mail has media inside it, which are not taken out.',
    });
  if (/^begin(?:-base64)? [0-7]{3,4} \S/m.test(text))
    reasons.push({
      code: 'E_MAIL_UUENCODED',
      message: 'The text of the mail has a file in uuencode, which is not taken out.',
    });
  // oxlint-disable-next-line no-control-regex
  if (/[\0-\x06\x0e-\x1a]/.test(text + html))
    reasons.push({ code: 'E_MAIL_TEXT', message: 'What the mail calls text is none.' });
  return reasons;
}

/** What the sender calls the part; where it has no name, one that claims nothing. */
const nameOf = ({ filename }: Attachment): string => filename ?? '';
