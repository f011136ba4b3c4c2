/** Mails with attachments. */

/** One part, in base64. `name` empty: none. */
export function attached(
  name: string,
  content: string | Uint8Array,
  type = 'application/octet-stream',
  disposition = 'attachment',
): string {
  const base64 = Buffer.from(content as string).toString('base64');
  return [
    `Content-Type: ${type}`,
    `Content-Disposition: ${disposition}${name === '' ? '' : `; filename="${name}"`}`,
    'Content-Transfer-Encoding: base64',
    '',
    base64.replaceAll(/.{76}/g, '$&\r\n'),
  ].join('\r\n');
}

let count = 0;

/** A letter with these parts behind its text. */
export function mailOf(parts: string[]): string {
  const boundary = `boundary-${count++}`;
  const text = 'Content-Type: text/plain\r\n\r\nSee below.';
  return [
    'From: a@example.org',
    'To: b@example.org',
    'Subject: see below',
    'MIME-Version: 1.0',
    `Content-Type: multipart/mixed; boundary="${boundary}"`,
    '',
    ...[text, ...parts].flatMap((part) => [`--${boundary}`, part]),
    `--${boundary}--`,
    '',
  ].join('\r\n');
}
