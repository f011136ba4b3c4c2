/**
 * Makes the small media files beside this script, one of each kind that is read: `npx tsx test/golden/make.ts`.
 * Their bytes depend on the ffmpeg at hand; what the tests know of them (`files`) does not.
 */
import { rm } from 'node:fs/promises';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { command, startFfmpeg } from '../../src/media/ffmpeg.ts';
import { writePng } from '../../src/media/images.ts';

type Golden = { name: string; frames?: number; sampleRate?: number; options: string[] };

/** A second of a picture whose left half is red and right half blue (96×64, 25 frames/s), and of a tone of 440 Hz. */
const picture = 'color=c=red:s=48x64:r=25:d=1[l];color=c=blue:s=48x64:r=25:d=1[r];[l][r]hstack';
const tone = (sampleRate: number): string => `sine=f=440:r=${sampleRate}:d=1`;

const yuv = ['-pix_fmt', 'yuv420p'];
export const files: Golden[] = [
  { name: 'clip.mp4', frames: 25, sampleRate: 16000, options: [...yuv, '-c:v', 'libx264', '-c:a', 'aac', '-movflags', '+faststart'] },
  { name: 'clip.mov', frames: 25, sampleRate: 16000, options: [...yuv, '-c:v', 'libx264', '-c:a', 'aac'] },
  { name: 'clip.mkv', frames: 25, sampleRate: 16000, options: [...yuv, '-c:v', 'libx264', '-c:a', 'flac'] },
  { name: 'clip.webm', frames: 25, sampleRate: 16000, options: [...yuv, '-c:v', 'libvpx', '-c:a', 'libvorbis'] },
  { name: 'clip.avi', frames: 25, sampleRate: 16000, options: [...yuv, '-c:v', 'mpeg4', '-c:a', 'libmp3lame'] },
  { name: 'clip.mpg', frames: 25, sampleRate: 44100, options: [...yuv, '-c:v', 'mpeg1video', '-c:a', 'mp2', '-b:a', '64k'] },
  { name: 'silent.mp4', frames: 25, options: [...yuv, '-c:v', 'libx264'] },
  { name: 'one-frame.mp4', frames: 1, options: [...yuv, '-c:v', 'libx264', '-frames:v', '1'] },
  { name: 'tone.wav', sampleRate: 8000, options: ['-c:a', 'pcm_s16le'] },
  { name: 'stereo.wav', sampleRate: 8000, options: ['-c:a', 'pcm_s24le', '-ac', '2'] },
  { name: 'tone.flac', sampleRate: 16000, options: [] },
  { name: 'tone.mp3', sampleRate: 16000, options: ['-b:a', '32k'] },
  { name: 'tone.ogg', sampleRate: 16000, options: ['-c:a', 'libvorbis'] },
  { name: 'tone.m4a', sampleRate: 16000, options: ['-b:a', '32k'] },
  { name: 'photo.jpg', frames: 1, options: ['-frames:v', '1'] },
  { name: 'photo.webp', frames: 1, options: ['-frames:v', '1'] },
];
export const goldenPath = (name: string): string => fileURLToPath(new URL(name, import.meta.url));

async function make({ name, frames, sampleRate, options }: Golden): Promise<void> {
  const path = goldenPath(name);
  await rm(path, { force: true });
  const task = command();
  if (frames) task.input(picture).inputFormat('lavfi');
  if (sampleRate) task.input(tone(sampleRate)).inputFormat('lavfi');
  task.output(`file:${path}`).outputOptions('-fflags', '+bitexact', '-flags:v', '+bitexact', '-flags:a', '+bitexact', ...options);
  const running = await startFfmpeg(task);
  running.stdout.resume();
  const { code, stderr } = await running.ended;
  if (code !== 0) throw new Error(`${name}: ${stderr}`);
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  for (const file of files) await make(file);
  const data = Uint8Array.from({ length: 3 * 96 * 64 }, (_, i) => (Math.floor(i / 3) % 96 < 48 ? [255, 0, 0] : [0, 0, 255])[i % 3]!);
  await writePng(goldenPath('photo.png'), { width: 96, height: 64, data });
}
