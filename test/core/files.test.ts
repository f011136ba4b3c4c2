import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { atomicWrite, linkOrCopy, replaceFolder, sha256OfFile } from '../../src/files.ts';
import { workFolder } from '../media/tools.ts';

const at = workFolder();

test('the hash is that of the content', async () => {
  const bytes = Buffer.alloc(3_000_000, 'masque');
  await writeFile(at('big'), bytes);
  expect(await sha256OfFile(at('big'))).toBe(createHash('sha256').update(bytes).digest('hex'));
  await writeFile(at('empty'), '');
  expect(await sha256OfFile(at('empty'))).toBe(
    'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
  );
  await expect(sha256OfFile(at('missing'))).rejects.toMatchObject({ code: 'ENOENT' });
});

test('text and bytes are written whole, and replace what was there', async () => {
  await atomicWrite(at('a.json'), '{"ü":1}');
  expect(await readFile(at('a.json'), 'utf8')).toBe('{"ü":1}');
  await atomicWrite(at('a.json'), Uint8Array.of(1, 2, 3));
  expect([...(await readFile(at('a.json')))]).toEqual([1, 2, 3]);
  expect(await readdir(at('.'))).toEqual(['a.json']);
});

test('many writers of one file leave one of their contents', async () => {
  const contents = Array.from({ length: 20 }, (_, i) => `${i}`.repeat(10_000));
  await Promise.all(contents.map((content) => atomicWrite(at('a'), content)));
  expect(contents).toContain(await readFile(at('a'), 'utf8'));
  expect(await readdir(at('.'))).toEqual(['a']);
});

test('what cannot be written leaves what was there, and nothing else', async () => {
  await expect(atomicWrite(at('none/a'), 'x')).rejects.toMatchObject({ code: 'ENOENT' });
  await mkdir(at('folder'));
  await expect(atomicWrite(at('folder'), 'x')).rejects.toThrow();
  expect(await readdir(at('.'))).toEqual(['folder']);
});

test('a full disk is an error, and the old content stands', async ({ skip }) => {
  const disk = at('disk');
  await mkdir(disk);
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=256k', 'tmpfs', disk], { stdio: 'pipe' });
  } catch {
    console.warn('SKIPPED: a really full disk, because nothing may be mounted here');
    skip();
  }
  try {
    await atomicWrite(`${disk}/a`, 'old');
    await expect(atomicWrite(`${disk}/a`, Buffer.alloc(1_000_000))).rejects.toMatchObject({ code: 'ENOSPC' });
    expect(await readFile(`${disk}/a`, 'utf8')).toBe('old');
    expect(await readdir(disk)).toEqual(['a']);
  } finally {
    execFileSync('umount', [disk]);
  }
});

test('a folder is replaced once the new one is whole; until then, and where that fails, the old one stands', async () => {
  const put = (text: string) => async (fresh: string) => {
    await writeFile(`${fresh}/${text}`, text);
    if (text === 'new') expect(await readdir(at('shown'))).toEqual(['old']);
    if (text === 'broken') throw new Error('no room');
  };
  await replaceFolder(at('shown'), put('old'));
  await expect(replaceFolder(at('shown'), put('broken'))).rejects.toThrow('no room');
  expect(await readdir(at('shown'))).toEqual(['old']);
  await replaceFolder(at('shown'), put('new'));
  expect(await readdir(at('shown'))).toEqual(['new']);
  expect(await readdir(at('.'))).toEqual(['shown']);
});

test('a second name takes no room, and replaces nothing', async () => {
  await writeFile(at('a'), 'a');
  await writeFile(at('taken'), 'b');
  await linkOrCopy(at('a'), at('again'));
  expect((await stat(at('a'))).nlink).toBe(2);
  await expect(linkOrCopy(at('a'), at('taken'))).rejects.toMatchObject({ code: 'EEXIST' });
});
