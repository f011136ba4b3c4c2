/** Both kinds of ffmpeg a user may have, pictures and sounds to encode, and folders to work in. */
import { execFile, spawnSync } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, beforeEach, describe } from 'vitest';
import { findOnPath } from '../../src/media/sandbox.ts';
import { mediaTools } from '../../src/media/tools.ts';
import type { Audio, Frame } from '../../src/types.ts';
import { paint } from '../support/clips.ts';

const systemPath = process.env['PATH'] ?? '';
const onPath = ['ffmpeg', 'ffprobe'].every((name) => findOnPath(systemPath, name) !== undefined);

/** Runs `tests` with the system's ffmpeg, where there is one, and with the one that npm installs; both in the same sandbox. */
export function withEachFfmpeg(what: string, tests: () => void): void {
  describe.runIf(onPath)(`${what}, ffmpeg of the system`, () => {
    useSystemFfmpeg();
    tests();
  });
  if (!onPath) console.warn(`SKIPPED: ${what} with the ffmpeg of the system, because PATH has none`);
  withNpmFfmpeg(what, tests);
}

/** The ffmpeg on PATH for the tests of a file or a group: elsewhere it is npm's, which is there everywhere and starts in a fortieth of the time. */
export function useSystemFfmpeg(): void {
  const before = process.env['MASQUE_FFMPEG'];
  beforeAll(() => {
    process.env['MASQUE_FFMPEG'] = '';
  });
  afterAll(() => {
    process.env['MASQUE_FFMPEG'] = before;
  });
}

/** By night as `withEachFfmpeg`, else with the one of npm alone: it is there everywhere, and starts faster. */
export function withQuickFfmpeg(what: string, tests: () => void): void {
  if (process.env['MASQUE_TESTS'] === 'night') withEachFfmpeg(what, tests);
  else withNpmFfmpeg(what, tests);
}

function withNpmFfmpeg(what: string, tests: () => void): void {
  describe(`${what}, ffmpeg of npm`, () => {
    let folder = '';
    beforeAll(async () => {
      folder = await mkdtemp(join(tmpdir(), 'masque-path-'));
      await linkSandbox(folder);
      process.env['PATH'] = folder;
    });
    afterAll(async () => {
      process.env['PATH'] = systemPath;
      await rm(folder, { recursive: true });
    });
    tests();
  });
}

/** Makes `folder`, as the only one of PATH, one where there is a sandbox and no ffmpeg. */
export async function linkSandbox(folder: string): Promise<void> {
  for (const name of ['bwrap', 'prlimit']) {
    const program = findOnPath(systemPath, name);
    if (program) await symlink(program, join(folder, name));
  }
}

/** The path of a program that a test needs. Where it is not there, or bubblewrap may do nothing, the test is skipped aloud; where CI runs it fails. */
export function programFor(name: string, skip: () => void): string {
  const program = findOnPath(systemPath, name);
  const trial = ['--unshare-all', '--ro-bind', '/', '/', '/bin/true'];
  if (program && (name !== 'bwrap' || spawnSync(program, trial).status === 0)) return program;
  if (process.env['CI'] === 'true') throw new Error(`${name} is missing or of no use, and CI must have it`);
  console.warn(`SKIPPED: a test that needs ${name}, which is not installed or may do nothing here`);
  skip();
  return '';
}

/** Makes a file as a user might: not by masque's arguments. */
export async function ffmpeg(...args: string[]): Promise<void> {
  await promisify(execFile)((await mediaTools()).ffmpeg, ['-v', 'error', '-y', ...args]);
}

/** A folder that is empty before each test and gone after it. Throws outside of tests, where there is none: files would lie in the project. */
export function workFolder(): (name: string) => string {
  let folder = '';
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'masque-media-'));
  });
  afterEach(async () => {
    await rm(folder, { recursive: true, force: true });
    folder = '';
  });
  return (name) => {
    if (!folder) throw new Error('workFolder is there in tests and beforeEach alone');
    return join(folder, name);
  };
}

/** A smooth picture that moves, different in every frame. */
export function movingFrames(count: number, width = 96, height = 64): Frame[] {
  return Array.from({ length: count }, (_, i) =>
    paint(width, height, (x, y) => [
      128 + 90 * Math.sin((x + 6 * i) / 14) * Math.cos(y / 19),
      120 + 60 * Math.cos((x - 4 * i) / 25),
      110 + 70 * Math.sin((y + 5 * i) / 21),
    ]),
  );
}

/** A sweep from 200 to 900 Hz at half of full scale: equal to itself at no other delay. */
export function sweep(seconds: number, sampleRate: number): Audio {
  const samples = Float32Array.from({ length: Math.round(seconds * sampleRate) }, (_, i) => {
    const t = i / sampleRate;
    return 0.5 * Math.sin(2 * Math.PI * (200 * t + (350 * t * t) / seconds));
  });
  return { sampleRate, samples };
}

export async function all<T>(source: AsyncIterable<T>): Promise<T[]> {
  const list: T[] = [];
  for await (const value of source) list.push(value);
  return list;
}

/** Peak signal-to-noise ratio in dB over all frames, 255 at full scale. */
export function psnr(a: Frame[], b: Frame[]): number {
  let sum = 0;
  let count = 0;
  for (const [i, { data }] of a.entries()) {
    for (const [j, value] of data.entries()) sum += (value - b[i]!.data[j]!) ** 2;
    count += data.length;
  }
  return 10 * Math.log10((255 * 255 * count) / sum);
}

/** Mean colour of a rectangle. */
export function meanColour(
  { width, data }: Frame,
  left: number,
  top: number,
  columns: number,
  rows: number,
): number[] {
  const sum = [0, 0, 0];
  for (let y = top; y < top + rows; y++)
    for (let x = left; x < left + columns; x++)
      for (let c = 0; c < 3; c++) sum[c]! += data[3 * (y * width + x) + c]!;
  return sum.map((value) => value / (columns * rows));
}

/** How many processes that descend from this one run under the given name. Linux. */
export async function childrenNamed(name: string): Promise<number> {
  const processes = (await readdir('/proc')).filter((entry) => /^\d+$/.test(entry));
  const stats = await Promise.all(
    processes.map((pid) => readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '')),
  );
  const found = stats.flatMap((stat) => {
    const [, pid, command, state, parent] = /^(\d+) \((.*)\) (\S) (\d+)/s.exec(stat) ?? [];
    return state === undefined || state === 'Z' ? [] : [{ pid, command, parent }];
  });
  const parentOf = new Map(found.map(({ pid, parent }) => [pid, parent]));
  const descends = (pid: string | undefined): boolean =>
    pid !== undefined && (pid === String(process.pid) || descends(parentOf.get(pid)));
  return found.filter(({ command, parent }) => command === name && descends(parent)).length;
}

/** How many processes of this machine, whosever they are, run with these very words. Linux. */
export async function processesRunning(...words: string[]): Promise<number> {
  const processes = (await readdir('/proc')).filter((entry) => /^\d+$/.test(entry));
  const lines = await Promise.all(
    processes.map((pid) => readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')),
  );
  return lines.filter((line) => line === `${words.join('\0')}\0`).length;
}

/** The frequency with the largest magnitude, in steps of 10 Hz, by the definition of the Fourier transform. */
export function strongestHz(samples: Float32Array, sampleRate: number): number {
  let best = { hz: 0, power: 0 };
  for (let hz = 100; hz < 1000; hz += 10) {
    let [re, im] = [0, 0];
    for (const [i, sample] of samples.entries()) {
      re += sample * Math.cos((2 * Math.PI * hz * i) / sampleRate);
      im += sample * Math.sin((2 * Math.PI * hz * i) / sampleRate);
    }
    if (re * re + im * im > best.power) best = { hz, power: re * re + im * im };
  }
  return best.hz;
}

/** An MP4 that asks to be shown turned clockwise by a quarter: the matrix in its track's header says so. */
export function turned(mp4: Uint8Array): Buffer {
  const bytes = Buffer.from(mp4);
  const one = 0x10000;
  const matrix = (...values: number[]): Buffer => {
    const buffer = Buffer.alloc(36);
    for (const [i, value] of values.entries()) buffer.writeInt32BE(value, 4 * i);
    return buffer;
  };
  const upright = matrix(one, 0, 0, 0, one, 0, 0, 0, 0x40000000);
  const place = bytes.indexOf(upright, bytes.indexOf('tkhd'));
  if (place < 0) throw new Error('no track that stands upright');
  matrix(0, one, 0, -one, 0, 0, 0, 0, 0x40000000).copy(bytes, place);
  return bytes;
}
