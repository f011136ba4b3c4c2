/**
 * Encoding and decoding 256×256 video through the media module, beside ffmpeg alone on a file of raw frames with the same
 * settings: the difference is what pipes and checks cost. Clips of 60 frames, the length of a rendered clip, and of 600.
 * Medians of interleaved rounds.
 */
import { spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { Readable } from 'node:stream';
import { decodeFrames } from '../src/media/decode.ts';
import { encodeClip } from '../src/media/encode.ts';
import { mediaTools } from '../src/media/tools.ts';
import { probe } from '../src/media/probe.ts';
import { createRng } from '../src/random.ts';
import type { Frame } from '../src/types.ts';
import type { Part } from './bench.ts';
import { median } from './median.ts';

const side = 256;
const h264 = [
  '-c:v',
  'libx264',
  '-preset',
  'veryfast',
  '-crf',
  '18',
  '-pix_fmt',
  'yuv420p',
  '-g',
  '25',
  '-threads',
  '1',
];
const rawInput = [
  '-f',
  'rawvideo',
  '-pixel_format',
  'rgb24',
  '-video_size',
  `${side}x${side}`,
  '-framerate',
  '25',
];
const rawOutput = ['-f', 'rawvideo', '-pix_fmt', 'rgb24', '-threads', '1'];

export const media: Part = async ({ rounds }) => {
  const folder = await mkdtemp(join(tmpdir(), 'masque-bench-'));
  const framesPerSecond: Record<string, number> = {};
  const { version, origin } = await mediaTools();
  try {
    for (const count of [60, 600]) {
      const jobs = await tasks(folder, movingFrames(count));
      const seconds = new Map<string, number[]>(Object.keys(jobs).map((name) => [name, []]));
      for (let round = 0; round <= rounds; round++) {
        for (const [name, job] of Object.entries(jobs)) {
          const started = performance.now();
          await job();
          // The first round warms up.
          if (round > 0) seconds.get(name)!.push((performance.now() - started) / 1000);
        }
      }
      for (const [name, values] of seconds)
        framesPerSecond[`${name} ${count}`] = Math.round(count / median(values));
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
  const ratio = (a: string, b: string): number => framesPerSecond[a]! / framesPerSecond[b]!;
  return {
    ratios: {
      encodeVsFfmpeg: ratio('encode 600', 'ffmpeg encode 600'),
      decodeVsFfmpeg: ratio('decode 600', 'ffmpeg decode 600'),
      shortEncodeVsFfmpeg: ratio('encode 60', 'ffmpeg encode 60'),
    },
    framesPerSecond,
    notes: [`${version} (${origin}); "encode" includes reading the file back; rounds: ${rounds}`],
  };
};

/** Encodes and decodes the frames in every way; each leaves its file where the next round finds it. */
async function tasks(folder: string, frames: Frame[]): Promise<Record<string, () => Promise<unknown>>> {
  const { ffmpeg } = await mediaTools();
  const [raw, ours, theirs] = ['raw.rgb', 'ours.mp4', 'theirs.mp4'].map((name) => join(folder, name)) as [
    string,
    string,
    string,
  ];
  await writeFile(raw, Readable.from(frames.map(({ data }) => data)));
  return {
    encode: () => encodeClip(ours, { frames, fps: 25, width: side, height: side }),
    'ffmpeg encode': () => run(ffmpeg, [...rawInput, '-i', raw, ...h264, '-f', 'mp4', theirs]),
    decode: async () => {
      for await (const _ of decodeFrames(ours));
    },
    'ffmpeg decode': () => run(ffmpeg, ['-threads', '1', '-i', ours, ...rawOutput, raw]),
    probe: () => probe(ours),
  };
}

function run(ffmpeg: string, args: string[]): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(ffmpeg, ['-y', '-nostdin', '-v', 'error', ...args], {
      stdio: ['ignore', 'ignore', 'inherit'],
    });
    child.once('error', reject);
    child.once('close', (code) => (code === 0 ? resolve() : reject(new Error(`ffmpeg exit code ${code}`))));
  });
}

/** A smooth moving picture with the grain of a camera. */
export function movingFrames(count: number, seed = 1): Frame[] {
  const rng = createRng(seed, 'bench', 'media');
  const grain = Int8Array.from({ length: 1 << 18 }, () => Math.round(rng.normal(0, 3)));
  return Array.from({ length: count }, (_, i) => {
    const data = new Uint8Array(3 * side * side);
    for (let at = 0; at < data.length; at++) {
      const [x, y] = [Math.floor(at / 3) % side, Math.floor(at / 3 / side)];
      const value = 128 + 60 * Math.sin((x + 3 * i) / 23 + (at % 3)) * Math.cos((y - i) / 31);
      data[at] = value + grain[(at + 7919 * i) & 0x3ffff]!;
    }
    return { width: side, height: side, data };
  });
}
