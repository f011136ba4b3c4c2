/** Files that decode to the very pixels and samples they were made of, whichever ffmpeg made them: for scores that are written down. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { rm, writeFile } from 'node:fs/promises';
import { probe } from '../../src/media/probe.ts';
import type { Audio, Frame, Media } from '../../src/types.ts';

type Content = { frames: readonly Frame[]; fps: number; width: number; height: number; audio?: Audio };

/** Writes an MP4 of H.264 in RGB without loss and of ALAC, 16 bits. */
export async function encodeLossless(path: string, content: Content): Promise<Media> {
  const { frames, fps, width, height, audio } = content;
  const sound = `${path}.f32`;
  const args = ['-y', '-v', 'error', '-f', 'rawvideo', '-pixel_format', 'rgb24'];
  args.push('-video_size', `${width}x${height}`, '-framerate', String(fps), '-i', 'pipe:0');
  if (audio) {
    await writeFile(sound, audio.samples);
    args.push('-f', 'f32le', '-ar', String(audio.sampleRate), '-ac', '1', '-i', sound);
    args.push('-c:a', 'alac', '-sample_fmt', 's16p');
  }
  args.push('-c:v', 'libx264rgb', '-preset', 'ultrafast', '-qp', '0', '-threads', '1', path);
  const running = spawn('ffmpeg', args, { stdio: ['pipe', 'inherit', 'inherit'] });
  running.stdin.end(Buffer.concat(frames.map(({ data }) => data)));
  const [code] = (await once(running, 'exit')) as [number | null];
  await rm(sound, { force: true });
  if (code !== 0) throw new Error(`ffmpeg could not write ${path}`);
  return probe(path);
}
