/** Files that decode to the very pixels and samples they were made of, whichever ffmpeg made them: for scores that are written down. */
import { rm, writeFile } from 'node:fs/promises';
import { command, startFfmpeg } from '../../src/media/ffmpeg.ts';
import { probe } from '../../src/media/probe.ts';
import type { Audio, Frame, Media } from '../../src/types.ts';

type Content = { frames: readonly Frame[]; fps: number; width: number; height: number; audio?: Audio };

/** Writes an MP4 of H.264 in RGB without loss and of FLAC, 16 bits. */
export async function encodeLossless(path: string, content: Content): Promise<Media> {
  const { frames, fps, width, height, audio } = content;
  const [picture, sound] = [`${path}.rgb`, `${path}.f32`];
  await writeFile(picture, Buffer.concat(frames.map(({ data }) => data)));
  const size = ['-pixel_format', 'rgb24', '-video_size', `${width}x${height}`, '-framerate', String(fps)];
  const task = command().input(`file:${picture}`).inputFormat('rawvideo').inputOptions(size);
  if (audio) {
    await writeFile(sound, audio.samples);
    task
      .input(`file:${sound}`)
      .inputFormat('f32le')
      .inputOptions('-ar', String(audio.sampleRate), '-ac', '1');
    // Older ffmpegs call FLAC in MP4 an experiment, and know no other lossless sound there.
    task.outputOptions('-c:a', 'flac', '-sample_fmt', 's16', '-strict', '-2');
  }
  task
    .output(`file:${path}`)
    .outputOptions('-c:v', 'libx264rgb', '-preset', 'ultrafast', '-qp', '0', '-threads', '1', '-y');
  const running = await startFfmpeg(task);
  running.stdin.end();
  running.stdout.resume();
  const { code, stderr } = await running.ended;
  await rm(picture);
  await rm(sound, { force: true });
  if (code !== 0) throw new Error(`${path}: ${stderr}`);
  return probe(path);
}
