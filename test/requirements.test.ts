/** What the machine lacks is told before anything is made: exit 4, what it is, and the remedy. */
import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { requirements } from '../experiments/requirements.ts';

const root = resolve(import.meta.dirname, '..');
const folder = mkdtempSync(join(tmpdir(), 'masque-needs-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const isRoot = process.getuid?.() === 0;
const skipAloud = (what: string, why: string): void =>
  void process.stderr.write(`skipped: ${what}; ${why}\n`);

type Options = { under?: string[]; env?: Record<string, string> };
/** Starts the smoke experiment, which must not come far. */
function start(
  results: string,
  { under = [], env = {} }: Options = {},
): { code: number | null; told: string } {
  const command = [
    process.execPath,
    'experiments/masque.mjs',
    'experiment',
    'configs/smoke.yaml',
    '--results',
    results,
  ];
  const [program, ...rest] = [...under, ...command];
  const { status, stderr } = spawnSync(program!, rest, {
    cwd: root,
    env: { ...process.env, ...env },
    timeout: 60_000,
  });
  return { code: status, told: stderr.toString() };
}

test('a folder that cannot be made, at once', () => {
  const { code, told } = start('/proc/masque/results');
  expect([code, told]).toEqual([
    4,
    expect.stringMatching(
      /results: ENOENT: '\/proc\/masque\/results' cannot be made in \/proc\. Remedy: .*--results/,
    ),
  ]);
});

test('a file where the folder should be', () => {
  writeFileSync(join(folder, 'file'), '');
  const { code, told } = start(join(folder, 'file'));
  expect([code, told]).toEqual([
    4,
    expect.stringMatching(/results: ENOTDIR: '.*\/file' cannot be written\. Remedy: .*--results/),
  ]);
});

test('ffmpeg that does not run, and too few open files, both at once', () => {
  const tools = join(folder, 'tools');
  mkdirSync(tools);
  for (const name of ['ffmpeg', 'ffprobe']) {
    writeFileSync(join(tools, name), '#!/bin/sh\nexit 1\n');
    chmodSync(join(tools, name), 0o755);
  }
  const under = process.platform === 'linux' ? ['prlimit', '--nofile=200'] : [];
  const { code, told } = start(join(folder, 'none'), {
    under,
    env: { PATH: `${tools}:${process.env['PATH']}`, MASQUE_FFMPEG: '' },
  });
  expect(code).toBe(4);
  expect(told).toMatch(/ffmpeg: .*tools\/ffmpeg does not run.*Remedy: install ffmpeg/);
  if (under.length > 0) expect(told).toMatch(/open files: up to 200 at once\. Remedy: allow at least 256/);
  expect(existsSync(join(folder, 'none'))).toBe(false);
});

test('a temporary folder that is not there', async () => {
  const before = process.env['TMPDIR'];
  process.env['TMPDIR'] = join(folder, 'missing');
  try {
    const found = await requirements(folder);
    expect(found.find(({ what }) => what === 'temporary')).toMatchObject({
      needed: true,
      found: expect.stringContaining('ENOENT'),
      remedy: expect.stringContaining('TMPDIR'),
    });
  } finally {
    if (before === undefined) delete process.env['TMPDIR'];
    else process.env['TMPDIR'] = before;
  }
});

test('a disk that is mounted read-only', ({ skip }) => {
  const disk = join(folder, 'disk');
  mkdirSync(disk);
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'ro', 'tmpfs', disk], { stdio: 'pipe' });
  } catch {
    skipAloud('a read-only disk', 'nothing may be mounted here');
    skip();
  }
  try {
    const { code, told } = start(join(disk, 'results'));
    expect([code, told]).toEqual([4, expect.stringMatching(/results: EROFS.*Remedy: choose a folder/)]);
  } finally {
    execFileSync('umount', [disk]);
  }
});

test('a folder that belongs to somebody else', async ({ skip }) => {
  if (!isRoot) {
    skipAloud('a folder of somebody else', 'nobody but root may be somebody else');
    skip();
  }
  const closed = join(folder, 'closed');
  mkdirSync(closed, { mode: 0o700 });
  process.seteuid!(65534); // nobody
  try {
    const found = await requirements(join(closed, 'results'));
    const { needed, remedy, found: why } = found.find(({ what }) => what === 'results')!;
    expect([needed, remedy, why]).toEqual([
      true,
      expect.stringContaining('--results'),
      expect.stringContaining('EACCES'),
    ]);
  } finally {
    process.seteuid!(0);
  }
});

test('where nothing is missing there is no remedy, and nothing was made', async () => {
  const before = readdirSync(folder);
  const found = await requirements(join(folder, 'none', 'results'));
  expect(found.filter(({ needed, remedy }) => needed && remedy)).toEqual([]);
  expect(found.map(({ what }) => what)).toEqual([
    'node',
    'open files',
    'temporary',
    'ffmpeg',
    'results',
    'disk',
  ]);
  expect(readdirSync(folder)).toEqual(before);
});
