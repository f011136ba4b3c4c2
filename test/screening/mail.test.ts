/** Mails taken apart, and mails that want more than that. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import fc from 'fast-check';
import { afterAll, expect, test } from 'vitest';
import { createBudget } from '../../src/screening/budget.ts';
import { unpackMail } from '../../src/screening/mail.ts';
import { takeApart } from '../../src/screening/parts.ts';
import { buildTar, buildZip } from '../support/archives.ts';
import { attached, mailOf } from '../support/mails.ts';

const night = process.env['MASQUE_TESTS'] === 'night';
const top = mkdtempSync(join(tmpdir(), 'masque-mail-'));
afterAll(() => rmSync(top, { recursive: true, force: true }));
const golden = (name: string): Buffer => readFileSync(resolve(import.meta.dirname, '../golden', name));
const photo = golden('photo.jpg');

async function unpack(mail: string | Uint8Array) {
  const around = mkdtempSync(join(top, 'mail-'));
  const path = join(around, 'mail');
  writeFileSync(path, mail);
  const folder = join(around, 'parts');
  mkdirSync(folder);
  const { files, notExamined } = await unpackMail(path, folder, createBudget());
  return {
    names: files.map(({ name }) => name),
    contents: files.map((file) => readFileSync(file.path)),
    codes: notExamined.map(({ code }) => code),
  };
}
async function apart(content: string | Uint8Array, name = 'x.eml') {
  const around = mkdtempSync(join(top, 'apart-'));
  const path = join(around, 'file');
  writeFileSync(path, content);
  const { container, parts, reasons } = await takeApart(path, name, join(around, 'parts'));
  return {
    container,
    parts: parts.map((part) => [part.type, ...part.reasons.map(({ code }) => code)].join(' ')),
    codes: reasons.map(({ code }) => code),
  };
}

test('attachments, pictures in the text and mails in mails come out byte for byte', async () => {
  const inner = mailOf([attached('clip.mp4', golden('clip.mp4'))]);
  const mail = mailOf([
    attached('photo.jpg', photo),
    attached('', golden('photo.png'), 'image/png', 'inline'),
    ['Content-Type: message/rfc822', '', inner].join('\r\n'),
  ]);
  const { names, contents, codes } = await unpack(mail);
  expect([names, codes]).toEqual([['photo.jpg', '', ''], []]);
  expect([contents[0]!.equals(photo), contents[1]!.equals(golden('photo.png'))]).toEqual([true, true]);
  expect(await apart(mail)).toEqual({ container: true, parts: ['jpg', 'png', 'mp4'], codes: [] });
});

test('archives in mails in archives are opened, up to a depth', async () => {
  let content: string | Uint8Array = photo;
  let name = 'photo.jpg';
  for (const depth of [1, 2, 3, 4]) {
    content = depth % 2 === 1 ? buildZip([{ name, content }]) : mailOf([attached(name, content)]);
    name = depth % 2 === 1 ? 'a.zip' : 'a.eml';
    expect(await apart(content, name)).toEqual(
      depth <= 3
        ? { container: true, parts: ['jpg'], codes: [] }
        : { container: true, parts: [], codes: ['E_NESTED_TOO_DEEP'] },
    );
  }
});

test('parts that lie about what they are are held, others that are not read are told', async () => {
  const mail = mailOf([
    attached('photo.jpg', golden('clip.mp4')),
    attached('page.html', '<html><script>1</script></html>'),
    attached('report.pdf', '%PDF-1.4 x'),
    attached('empty.bin', ''),
    attached('a.tar', buildTar([{ name: 'l', type: '2', target: '/etc' }])),
  ]);
  expect(await apart(mail)).toEqual({
    container: true,
    parts: ['mp4 E_NAME_DISAGREES', 'markup E_MARKUP', 'unknown'],
    codes: ['E_ARCHIVE_LINK'],
  });
});

test('all parts of all depths share one budget', async () => {
  const many = buildZip(Array.from({ length: 400 }, (_, i) => ({ name: `${i}.txt`, content: 'x' })));
  const { parts, codes } = await apart(mailOf([1, 2, 3].map((i) => attached(`${i}.zip`, many))));
  expect(codes).toEqual(['E_TOO_MANY_PARTS']);
  expect(parts.length).toBeLessThanOrEqual(1000);
});

const plain = (text: string): string =>
  `From: a@b\r\nMIME-Version: 1.0\r\nContent-Type: text/html\r\n\r\n${text}`;
const hidden: [string, string, string][] = [
  ['a picture in its own address', plain('<img src="data:image/jpeg;base64,/9j/4AAQ">'), 'E_MAIL_EMBEDDED'],
  ['uuencode', 'From: a@b\r\nSubject: x\r\n\r\nbegin 644 photo.jpg\r\n#0V%T\r\n`\r\nend', 'E_MAIL_UUENCODED'],
  ['a picture called text', mailOf([attached('x.jpg', photo, 'text/plain', 'inline')]), 'E_MAIL_TEXT'],
  ['encryption', mailOf([attached('smime.p7m', 'x', 'application/pkcs7-mime')]), 'E_ENCRYPTED'],
];
test.each(hidden)('what could hide media is told: %s', async (_, mail, code) => {
  expect((await unpack(mail)).codes).toEqual([code]);
});

const nested = (depth: number): string =>
  Array.from(
    { length: depth },
    (_, i) => `Content-Type: multipart/mixed; boundary=b${i}\r\n\r\n--b${i}\r\n`,
  ).join('');
const hostile: [string, () => string | Uint8Array, string][] = [
  [
    '10,000 parts',
    () => mailOf(Array.from({ length: 10_000 }, (_, i) => attached(`${i}.txt`, 'x'))),
    'E_TOO_MANY_PARTS',
  ],
  [
    '1,500 parts',
    () => mailOf(Array.from({ length: 1500 }, (_, i) => attached(`${i}.txt`, 'x'))),
    'E_TOO_MANY_PARTS',
  ],
  ['parts in parts', () => `From: a@b\r\nMIME-Version: 1.0\r\n${nested(500)}`, 'E_MAIL_NESTING'],
  ['a header of 10 MB', () => `From: a@b\r\nSubject: ${'x'.repeat(10 << 20)}\r\n\r\n`, 'E_MAIL_HEADERS'],
  ['many folded headers', () => `From: a@b\r\n${'X-A: b\r\n c\r\n'.repeat(100_000)}\r\n`, 'E_MAIL_HEADERS'],
  [
    'headers in every part',
    () => mailOf(Array.from({ length: 900 }, () => `X-A: ${'x'.repeat(400)}\r\n${attached('a', 'x')}`)),
    'E_MAIL_HEADERS',
  ],
  ['more bytes than are read', () => Buffer.alloc((50 << 20) + 1, 'From: a@b\n'), 'E_MAIL_TOO_LARGE'],
  ['nothing but ends of lines', () => `From: a@b\r\n\r\n${'\n'.repeat(2_000_000)}`, 'E_MAIL_TOO_LARGE'],
];
test.each(hostile)('one reason: %s', async (_, mail, code) => {
  expect((await unpack(mail())).codes).toEqual([code]);
});

test('base64 that is none ends as a file that is none', async () => {
  const header =
    'Content-Type: image/jpeg\r\nContent-Disposition: attachment; filename=a.jpg\r\nContent-Transfer-Encoding: base64\r\n\r\n';
  for (const body of ['§§§', 'QUJD=QUJD=', 'A', '=====', `${'/'.repeat(100_001)}=x`]) {
    const { parts, codes } = await apart(mailOf([`${header}${body}`]));
    expect([parts.every((part) => part.endsWith('E_NAME_DISAGREES')), codes]).toEqual([true, []]);
  }
});

test('as many lines as are taken end', async () => {
  const { codes } = await unpack(`From: a@b\r\nSubject: x\r\n\r\n${'=\n'.repeat(night ? 699_990 : 20_000)}`);
  expect(codes).toEqual([]);
});

test('mails with bytes changed anywhere end in an answer', { timeout: 600_000 }, async () => {
  const whole = Buffer.from(
    mailOf([attached('photo.jpg', photo.subarray(0, 300)), attached('a.eml', mailOf([]), 'message/rfc822')]),
  );
  const pieces = [
    '\r\n',
    '--b',
    '--',
    '=',
    ';',
    '"',
    '(',
    '\\',
    '=?utf-8?B?',
    'boundary*0=',
    '\0',
    'Content-Type: ',
    'base64',
  ];
  const change = fc.tuple(fc.nat(whole.length), fc.constantFrom(...pieces));
  await fc.assert(
    fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 8 }), async (changes) => {
      const bytes = Buffer.from(whole);
      for (const [at, piece] of changes) bytes.write(piece, at, 'latin1');
      const { container, parts, codes } = await apart(bytes);
      expect(container || parts.length + codes.length > 0).toBe(true);
    }),
    { numRuns: night ? 5000 : 100, seed: 1 },
  );
});
