/** A watched folder: every file ends in one place with its sidecar, whatever it is called, is, or pretends to be. */
import { execFileSync } from 'node:child_process';
import {
  appendFileSync,
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { exitCodes, UserError } from '../../src/errors.ts';
import { watchInbox } from '../../src/screening/inbox.ts';
import type { Judge, Judged } from '../../src/screening/judge-file.ts';
import { openPlaces, putAway } from '../../src/screening/put-away.ts';
import { buildZip } from '../support/archives.ts';
import { keptIn, waitingIn, sha256 } from '../support/inboxes.ts';
import { attached, mailOf } from '../support/mails.ts';
import { hostileNames } from '../support/names.ts';
import { toyJudge } from '../support/toy-judge.ts';

const night = process.env['MASQUE_TESTS'] === 'night';
const top = mkdtempSync(join(tmpdir(), 'masque-inbox-'));
afterAll(() => rmSync(top, { recursive: true, force: true }));
const fresh = (): string => mkdtempSync(join(top, 'inbox-'));
const png = readFileSync(resolve(import.meta.dirname, '../golden/photo.png'));
/** A photo that the toy judge will find to be as the letter says. */
const photo = (letter = '-'): Buffer => Buffer.concat([png, Buffer.from(letter)]);

/** Watches until `done`, or until nothing but what is left lying is in the inbox. */
async function watch(
  inbox: string,
  { judge = toyJudge(), left = 0, done = () => waitingIn(inbox).length === left } = {},
) {
  const said: string[] = [];
  const watching = new AbortController();
  const ended = watchInbox({
    inbox,
    judge,
    say: (line) => said.push(line),
    signal: watching.signal,
    pollMs: 5,
    settleMs: 10,
  });
  await Promise.race([expect.poll(done, { timeout: 600_000, interval: 20 }).toBe(true), ended]);
  watching.abort();
  await ended;
  expect(readdirSync(join(inbox, '.masque')).toSorted()).toEqual(expect.not.arrayContaining(['lock']));
  expect(readdirSync(join(inbox, '.masque', 'moving'))).toEqual([]);
  expect(
    existsSync(join(inbox, '.masque', 'work')) ? readdirSync(join(inbox, '.masque', 'work')) : [],
  ).toEqual([]);
  const kept = keptIn(inbox);
  expect(kept.alone).toEqual([]);
  for (const file of kept.files)
    expect(file.sidecar).toMatchObject({ storedAs: file.name, sha256: file.sha256 });
  return { ...kept, said };
}
const placeOf = (kept: { files: { folder: string; name: string }[] }): string[] =>
  kept.files.map(({ folder, name }) => `${folder}/${name}`).toSorted();

test('each to its folder, byte for byte, with what was found beside it', async () => {
  const inbox = fresh();
  for (const letter of '-MSUN') writeFileSync(join(inbox, `${letter}.png`), photo(letter));
  writeFileSync(join(inbox, 'notes.txt'), 'hello');
  writeFileSync(join(inbox, 'page.svg'), '<svg/>');
  const kept = await watch(inbox);
  expect(placeOf(kept)).toEqual([
    'clean/-.png',
    'quarantine/M.png',
    'quarantine/U.png',
    'quarantine/page.svg',
    'tagged/N.png',
    'tagged/S.png',
    'tagged/notes.txt',
  ]);
  expect(readFileSync(join(inbox, 'clean/-.png')).equals(photo('-'))).toBe(true);
  const clean = kept.files.find(({ name }) => name === '-.png')!.sidecar!;
  expect(clean).toMatchObject({
    name: '-.png',
    bytes: photo().length,
    bundle: 'toy',
    status: 'NO_SIGNS_FOUND',
    action: 'allow',
    container: false,
  });
  expect(clean.receivedAt).toMatch(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/);
  expect(clean.parts).toMatchObject([{ sha256: sha256(photo()), type: 'png', finding: { bundle: 'toy' } }]);
  expect(kept.said).toContain(`${sha256(photo('M'))} MANIPULATED → quarantine`);
});

test('a mail or archive moves whole with its worst part, and lists them all', async () => {
  const inbox = fresh();
  const mails: Record<string, string | Buffer> = {
    'good.eml': mailOf([attached('a.png', photo())]),
    'bad.eml': mailOf([
      attached('a.png', photo()),
      attached('b.zip', buildZip([{ name: 'c.png', content: photo('M') }])),
    ]),
    'words.eml': mailOf([]),
    'odd.zip': buildZip([
      { name: 'a.png', content: photo() },
      { name: 'l', mode: 0o120777 },
    ]),
    'good.zip': buildZip([
      { name: '../../a.png', content: photo() },
      { name: 'b.png', content: photo('S') },
    ]),
  };
  for (const [name, content] of Object.entries(mails)) writeFileSync(join(inbox, name), content);
  const kept = await watch(inbox);
  expect(placeOf(kept)).toEqual([
    'clean/good.eml',
    'quarantine/bad.eml',
    'quarantine/good.zip',
    'quarantine/odd.zip',
    'tagged/words.eml',
  ]);
  const bad = kept.files.find(({ name }) => name === 'bad.eml')!.sidecar!;
  expect(bad).toMatchObject({ status: 'MANIPULATED', container: true, reasons: [] });
  expect(bad.parts.map((part) => [part.sha256, part.status])).toEqual([
    [sha256(photo()), 'NO_SIGNS_FOUND'],
    [sha256(photo('M')), 'MANIPULATED'],
  ]);
  expect(JSON.stringify(bad)).not.toMatch(/a\.png|b\.zip|c\.png|\.masque|\/tmp/);
});

test('a detector that fails holds the file; a full disk stops the watching and leaves it', async () => {
  const inbox = fresh();
  writeFileSync(join(inbox, 'a.png'), photo());
  const failing = (error: Error): Judge => ({ ...toyJudge(), analyse: () => Promise.reject(error) });
  const full = Object.assign(new Error('ENOSPC: full'), { code: 'ENOSPC', syscall: 'write' });
  await expect(watch(inbox, { judge: failing(full) })).rejects.toThrow('ENOSPC');
  const told = new UserError('E_DISK_FULL /tmp: no room', { exitCode: exitCodes.environment });
  await expect(watch(inbox, { judge: failing(told) })).rejects.toThrow('E_DISK_FULL');
  expect(keptIn(inbox)).toMatchObject({ files: [], alone: [], waiting: ['a.png'] });
  const kept = await watch(inbox, { judge: failing(new Error('out of memory')) });
  expect(placeOf(kept)).toEqual(['quarantine/a.png']);
  expect(kept.files[0]!.sidecar).toMatchObject({ status: 'UNABLE_TO_EVALUATE' });
});

test('an analysis that hangs is given up, and one that contradicts itself clears nothing', async () => {
  const inbox = fresh();
  for (const letter of '-MX') writeFileSync(join(inbox, `${letter}.png`), photo(letter));
  const judge: Judge = {
    ...toyJudge(),
    mostSeconds: 0.1,
    async analyse(file) {
      const finding = await toyJudge().analyse(file);
      if (finding.status === 'MANIPULATED') await new Promise(() => {});
      return file.sha256 === sha256(photo('X')) ? { ...finding, bundle: 'another' } : finding;
    },
  };
  const kept = await watch(inbox, { judge });
  expect(placeOf(kept)).toEqual(['clean/-.png', 'quarantine/M.png', 'quarantine/X.png']);
  const codes = kept.files.map(({ sidecar }) => sidecar!.parts[0]!.reasons[0]?.code);
  expect(codes).toEqual([undefined, 'E_TIMEOUT', 'E_BUNDLE']);
  expect(kept.said).toContainEqual(expect.stringContaining('E_BUNDLE'));
});

test('nothing is written over, and names of sidecars are no files’', async () => {
  const inbox = fresh();
  for (const round of [1, 2, 3]) {
    writeFileSync(join(inbox, 'a.png'), Buffer.concat([png, Buffer.from(`${round}`)]));
    writeFileSync(join(inbox, 'x.png.masque.json'), `{"round":${round}}`);
    await watch(inbox);
  }
  const kept = await watch(inbox);
  expect(placeOf(kept)).toEqual(
    [
      'clean/a.png',
      'clean/a~2.png',
      'clean/a~3.png',
      ...['', '~2', '~3'].map((n) => `tagged/x.png.masque.json${n}.file`),
    ].toSorted(),
  );
  expect(new Set(kept.files.map((file) => file.sha256)).size).toBe(6);
});

/** Puts a judged `a.png` away while somebody does this at the last moment. */
async function putAwayWhile(inbox: string, meddle: () => void) {
  writeFileSync(join(inbox, 'a.png'), photo());
  const places = { inbox, own: join(inbox, '.masque') };
  await openPlaces(places);
  const facts = { sha256: sha256(photo()), bytes: photo().length, receivedAt: '', bundle: 'toy' };
  const judged: Judged = {
    status: 'NO_SIGNS_FOUND',
    action: 'allow',
    container: false,
    parts: [],
    reasons: [],
  };
  const put = await putAway(Buffer.from('a.png'), { ...facts, ...judged }, places, async () => {
    meddle();
    return true;
  });
  expect(readdirSync(join(inbox, '.masque', 'moving'))).toEqual([]);
  return put;
}

test('a file that goes at the last moment leaves no sidecar, nor where the watcher was killed then', async () => {
  const inbox = fresh();
  let sidecar = Buffer.alloc(0);
  const put = await putAwayWhile(inbox, () => {
    sidecar = readFileSync(join(inbox, 'clean/a.png.masque.json'));
    rmSync(join(inbox, 'a.png'));
  });
  expect([put, keptIn(inbox)]).toEqual([undefined, { files: [], alone: [], waiting: [] }]);
  for (const left of ['clean/a.png.masque.json', '.masque/moving/begun'])
    writeFileSync(join(inbox, left), sidecar);
  expect(placeOf(await watch(inbox))).toEqual([]);
});

test('what others put there under its name at the last moment is not written over', async () => {
  const inbox = fresh();
  const put = await putAwayWhile(inbox, () => writeFileSync(join(inbox, 'clean/a.png'), 'another'));
  expect(put).toBe(undefined);
  expect(readFileSync(join(inbox, 'clean/a.png'), 'utf8')).toBe('another');
  expect(keptIn(inbox).waiting).toEqual(['a.png']);
  rmSync(join(inbox, 'clean/a.png'));
  expect(placeOf(await watch(inbox))).toEqual(['clean/a.png']);
});

const names = [
  '-rf.png',
  'a\nb.png',
  '\u202egnp.exe.png',
  '$(touch x).png',
  'a..%2f..%2fx.png',
  ' .png',
  '__proto__.png',
  'clean.png',
  `${'n'.repeat(251)}.png`,
  `${'漢'.repeat(83)}.png`,
  `${'e'.repeat(248)}.masque`,
];
test('names are data', { timeout: 3600_000 }, async () => {
  const inbox = fresh();
  const outside = (): string[] => readdirSync(top).toSorted();
  const before = outside();
  const all = [...new Set([...names, ...hostileNames(night ? 10_000 : 200)])].filter(
    (name) => !name.startsWith('.'),
  );
  for (const name of all) writeFileSync(join(inbox, name), photo());
  const bytes = Buffer.concat([Buffer.from(`${inbox}/`), Buffer.from([0xff, 0xfe, 0x2e, 0x70, 0x6e, 0x67])]);
  writeFileSync(bytes, photo());
  const kept = await watch(inbox);
  expect(kept.files.length).toBe(all.length + 1);
  expect(outside()).toEqual(before);
  const called = new Set(kept.files.map((file) => file.sidecar!.name));
  expect(all.filter((name) => !called.has(name))).toEqual([]);
  expect(kept.files.filter((file) => file.sidecar!.nameBytes === 'fffe2e706e67')).toHaveLength(1);
  for (const { folder, name } of kept.files) expect(lstatSync(join(inbox, folder, name)).isFile()).toBe(true);
});

test('links, pipes, devices, folders and hidden files are left and told once', async () => {
  const inbox = fresh();
  const secret = join(top, 'secret.png');
  writeFileSync(secret, photo());
  symlinkSync(secret, join(inbox, 'link.png'));
  symlinkSync(inbox, join(inbox, 'loop'));
  linkSync(secret, join(inbox, 'hard.png'));
  mkdirSync(join(inbox, 'folder.png'));
  writeFileSync(join(inbox, 'folder.png', 'in.png'), photo());
  writeFileSync(join(inbox, '.hidden.png'), photo());
  execFileSync('mkfifo', [join(inbox, 'pipe.png')]);
  writeFileSync(join(inbox, 'a.png'), photo());
  let rounds = 0;
  const kept = await watch(inbox, { done: () => keptIn(inbox).files.length === 1 && ++rounds > 5 });
  expect(placeOf(kept)).toEqual(['clean/a.png']);
  expect(kept.waiting.toSorted()).toEqual([
    '.hidden.png',
    'folder.png',
    'hard.png',
    'link.png',
    'loop',
    'pipe.png',
  ]);
  expect(kept.said.filter((line) => line.includes('left where it is'))).toHaveLength(6);
  expect(readFileSync(secret).equals(photo())).toBe(true);
});

test('what still grows waits, and what changes while it is judged is judged again', async () => {
  const inbox = fresh();
  const path = join(inbox, 'a.png');
  writeFileSync(path, png.subarray(0, 20));
  let changed = false;
  const judge: Judge = {
    ...toyJudge(),
    async analyse(file) {
      if (!changed) appendFileSync(path, 'M');
      changed = true;
      return toyJudge().analyse(file);
    },
  };
  const growing = setInterval(() => {
    if (lstatSync(path).size < png.length)
      appendFileSync(path, png.subarray(lstatSync(path).size, lstatSync(path).size + 10));
    else clearInterval(growing);
  }, 2);
  const kept = await watch(inbox, { judge });
  expect(placeOf(kept)).toEqual(['quarantine/a.png']);
  expect(kept.files[0]!.sha256).toBe(sha256(photo('M')));
});

test('another file put in its place while it is judged is judged itself', async () => {
  const inbox = fresh();
  const path = join(inbox, 'a.png');
  writeFileSync(path, photo());
  let swapped = false;
  const judge: Judge = {
    ...toyJudge(),
    async analyse(file) {
      const finding = await toyJudge().analyse(file);
      if (!swapped) {
        rmSync(path);
        writeFileSync(path, photo('M'));
      }
      swapped = true;
      return finding;
    },
  };
  expect(placeOf(await watch(inbox, { judge }))).toEqual(['quarantine/a.png']);
});

test('a folder on another disk gets a copy that is checked, and a killed copy is ended', async ({ skip }) => {
  const inbox = fresh();
  mkdirSync(join(inbox, 'clean'));
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=8m', 'tmpfs', join(inbox, 'clean')], { stdio: 'pipe' });
  } catch {
    return skip('mounting needs root');
  }
  try {
    for (const name of ['a.png', 'b.png', `${'n'.repeat(251)}.png`])
      writeFileSync(join(inbox, name), photo());
    const kept = await watch(inbox);
    expect(kept.files.map((file) => file.sidecar!.name).toSorted()).toEqual([
      'a.png',
      'b.png',
      `${'n'.repeat(251)}.png`,
    ]);
    expect(readdirSync(join(inbox, 'clean'))).toHaveLength(6);
    // As a watcher leaves it that is killed between its copy and the end of the original.
    writeFileSync(join(inbox, 'a.png'), photo());
    const draft = readFileSync(join(inbox, 'clean', 'a.png.masque.json'));
    writeFileSync(join(inbox, '.masque', 'moving', 'begun'), draft);
    expect(placeOf(await watch(inbox))).toEqual(placeOf(kept));
  } finally {
    execFileSync('umount', [join(inbox, 'clean')]);
  }
});

test('a folder that is a link is refused, an inbox that is not there too', async () => {
  const inbox = fresh();
  symlinkSync(top, join(inbox, 'clean'));
  await expect(watch(inbox)).rejects.toThrow('must be a folder');
  rmSync(join(inbox, 'clean'));
  writeFileSync(join(inbox, 'tagged'), '');
  await expect(watch(inbox)).rejects.toThrow('must be a folder');
  await expect(watch(join(top, 'none'))).rejects.toThrow('there is no such folder');
});

test('when it is ended a file under way stays, and nothing else does', async () => {
  const inbox = fresh();
  writeFileSync(join(inbox, 'a.png'), photo());
  const watching = new AbortController();
  const judge: Judge = {
    ...toyJudge(),
    analyse(file) {
      watching.abort();
      return toyJudge().analyse(file);
    },
  };
  await watchInbox({ inbox, judge, say: () => {}, signal: watching.signal, pollMs: 5, settleMs: 10 });
  expect(keptIn(inbox)).toEqual({ files: [], alone: [], waiting: ['a.png'] });
});
