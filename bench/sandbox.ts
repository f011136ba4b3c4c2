/**
 * What the sandbox costs: milliseconds of a probe and of a decode of a second of video with it and without, in interleaved blocks; and how long it takes
 * to refuse bombs by their header, and what that adds to this process's memory.
 */
import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import sharp from 'sharp';
import { decodeFrames } from '../src/media/decode.ts';
import { encodeClip } from '../src/media/encode.ts';
import { probe } from '../src/media/probe.ts';
import { findOnPath } from '../src/media/sandbox.ts';
import { mediaTools } from '../src/media/tools.ts';
import type { Part } from './bench.ts';
import { median } from './median.ts';
import { movingFrames } from './media.ts';

/** Starts in a block, so that 5 rounds give p95 of a hundred. */
const blockSize = 20;

export const sandbox: Part = async ({ rounds }) => {
  const folder = await mkdtemp(join(tmpdir(), 'masque-bench-'));
  const path = process.env['PATH'] ?? '';
  const { version, origin, sandbox: parts, missing } = await mediaTools();
  const notes = [
    `${version} (${origin}); ${Object.keys(parts).join(', ') || 'no sandbox'}; blocks of ${blockSize}, rounds: ${rounds}`,
  ];
  for (const reason of missing) notes.push(`SKIPPED: the figure of the whole sandbox, because ${reason}`);
  try {
    const clip = join(folder, 'clip.mp4');
    await encodeClip(clip, { frames: movingFrames(25), fps: 25, width: 256, height: 256 });
    const bare = join(folder, 'bare');
    await linkFfmpeg(path, bare);
    const works = {
      probe: () => probe(clip),
      decode: async () => {
        for await (const _ of decodeFrames(clip));
      },
    };
    const ms = new Map<string, number[]>();
    for (let round = 0; round <= rounds; round++)
      for (const [where, value] of [
        ['with', path],
        ['without', bare],
      ] as const) {
        process.env['PATH'] = value;
        await mediaTools();
        for (const [what, work] of Object.entries(works))
          for (let i = 0; i < blockSize; i++) {
            const started = performance.now();
            await work();
            // The first round warms up.
            if (round > 0)
              ms.set(`${what} ${where}`, [
                ...(ms.get(`${what} ${where}`) ?? []),
                performance.now() - started,
              ]);
          }
      }
    process.env['PATH'] = path;
    const milliseconds = Object.fromEntries(
      [...ms].map(([name, values]) => [name, { median: round(median(values)), p95: round(p95(values)) }]),
    );
    const added = (what: string): number => p95(ms.get(`${what} with`)!) - p95(ms.get(`${what} without`)!);
    return {
      ratios: {},
      addedP95Ms: { probe: round(added('probe')), decode: round(added('decode')) },
      milliseconds,
      bombs: await refusals(folder),
      notes,
    };
  } finally {
    process.env['PATH'] = path;
    await rm(folder, { recursive: true, force: true });
  }
};

/** A folder for PATH in which there is the ffmpeg at hand, or none as before, and no sandbox. */
async function linkFfmpeg(path: string, folder: string): Promise<void> {
  await mkdir(folder);
  for (const name of ['ffmpeg', 'ffprobe']) {
    const program = findOnPath(path, name);
    if (program) await symlink(program, join(folder, name));
  }
}

/** Of files that hold more than may be read: the longest time of five until each was refused, and the most that this process grew meanwhile. */
async function refusals(
  folder: string,
): Promise<Record<string, { ms: number; grownMb: number; code: string }>> {
  const { ffmpeg } = await mediaTools();
  const run = (...args: string[]): unknown => execFileSync(ffmpeg, ['-v', 'error', '-y', ...args]);
  const at = (name: string): string => join(folder, name);
  const black = (size: string, fps: number, ...options: string[]): unknown =>
    run(
      '-f',
      'lavfi',
      '-i',
      `color=c=black:s=${size}:r=${fps}`,
      '-pix_fmt',
      'yuv420p',
      '-preset',
      'ultrafast',
      ...options,
    );
  const create = { width: 16000, height: 16000, channels: 3 as const, background: 'white' };
  await sharp({ create, limitInputPixels: false }).png({ colours: 2 }).toFile(at('16000².png'));
  black('8192x8192', 25, '-frames:v', '2', at('8192².mp4'));
  black('16x16', 1000, '-frames:v', '1000', at('1000 fps.mp4'));
  black('64x64', 25, '-t', '20', at('tile.mp4'));
  await writeFile(at('list.txt'), `file '${at('tile.mp4')}'\n`.repeat((6 * 3600) / 20));
  run('-f', 'concat', '-safe', '0', '-i', at('list.txt'), '-c', 'copy', at('6 hours.mp4'));
  const silence = ['-f', 'lavfi', '-i', 'anullsrc=r=8000:cl=mono'];
  run(
    ...silence,
    '-t',
    '0.2',
    ...Array.from({ length: 60 }, () => ['-map', '0:a']).flat(),
    at('60 streams.mp4'),
  );
  run(...silence, '-t', '2000', '-c:a', 'pcm_u8', at('2000 s.wav'));
  const told: Record<string, { ms: number; grownMb: number; code: string }> = {};
  for (const name of [
    '16000².png',
    '8192².mp4',
    '1000 fps.mp4',
    '6 hours.mp4',
    '60 streams.mp4',
    '2000 s.wav',
  ]) {
    told[name] = { ms: 0, grownMb: 0, code: 'none' };
    for (let i = 0; i < 5; i++) {
      const [started, before] = [performance.now(), process.memoryUsage.rss()];
      const code = await probe(at(name)).then(
        () => 'read',
        (error: { code: string }) => error.code,
      );
      const ms = round(Math.max(told[name].ms, performance.now() - started));
      const grownMb = round(Math.max(told[name].grownMb, (process.memoryUsage.rss() - before) / 1e6));
      told[name] = { ms, grownMb, code };
    }
  }
  return told;
}

const p95 = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[Math.ceil(0.95 * values.length) - 1]!;
const round = (value: number): number => Math.round(10 * value) / 10;
