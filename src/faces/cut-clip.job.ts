/** What a network that looks at faces or hears voices is fed with, of one clip: faces cut out of evenly spaced frames, and LFCC of the sound. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { defineJob } from '../pipeline/job.ts';
import type { Clip, FileRef, Frame, Work } from '../types.ts';

type Input = { clip: Clip; sizePx: number; facesPerClip: number };
/**
 * `faces`: PNG files of `sizePx`², the mean face in its place (`crop.ts`), by the number of their frame. `sound`: float32 [T, 60] as NumPy saves it, the LFCC of
 * `lfcc.ts` with their deltas, 30 ms windows every 15 ms of the sound at 16 kHz. `thumbnail`: JPEG of the face in the middle of the clip.
 */
export type ClipCut = { faces: { frame: number; picture: FileRef }[]; thumbnail?: FileRef; sound?: FileRef };

const thumbnailPx = 128;

/** Faces of a clip with a face track; sound of one that has it. @throws ItemError of a clip that does not decode. */
export const cutClip = defineJob<Input, ClipCut>({
  name: 'cut-clip',
  module: import.meta.url,
  threads: 1,
  async run({ clip, sizePx, facesPerClip }, work) {
    const cut =
      clip.track && clip.media.video ? await cutFaces(clip, sizePx, facesPerClip, work) : { faces: [] };
    return clip.media.audio ? { ...cut, sound: await hear(clip, work) } : cut;
  },
});

async function cutFaces(clip: Clip, sizePx: number, facesPerClip: number, work: Work): Promise<ClipCut> {
  const { landmarksOf, trackOf } = await import('../head/track.ts');
  const { openClip } = await import('../media/open-clip.ts');
  const { sampleFrames } = await import('../media/sample-frames.ts');
  const { resizeFrame, writeJpeg, writePng } = await import('../media/images.ts');
  const { cropFace, cropMap } = await import('./crop.ts');
  const track = await trackOf(clip, 'the face is');
  const faces: ClipCut['faces'] = [];
  const cut: Frame[] = [];
  for await (const { index, frame } of sampleFrames(openClip(clip), facesPerClip)) {
    const face = cropFace(frame, cropMap(landmarksOf(track, index), sizePx), sizePx);
    const name = `${String(index).padStart(6, '0')}.png`;
    await writePng(join(work.folder, name), face);
    faces.push({ frame: index, picture: await work.keep(name) });
    cut.push(face);
    work.progress(faces.length / facesPerClip);
  }
  const middle = await resizeFrame(cut[cut.length >> 1]!, thumbnailPx, thumbnailPx);
  await writeJpeg(join(work.folder, 'thumbnail.jpg'), middle);
  return { faces, thumbnail: await work.keep('thumbnail.jpg') };
}

async function hear(clip: Clip, work: Work): Promise<FileRef> {
  const { gmmLfcc, lfcc, lfccWidth } = await import('../dsp/lfcc.ts');
  const { openClip } = await import('../media/open-clip.ts');
  const { soundAt } = await import('../media/sound-at.ts');
  const { npyHeader } = await import('../npy.ts');
  const { samples, sampleRate } = await soundAt(openClip(clip), 16000);
  const rows = lfcc(samples, sampleRate, gmmLfcc);
  const parts = rows.map((row) => Buffer.from(row.buffer, row.byteOffset, row.byteLength));
  await writeFile(
    join(work.folder, 'lfcc.npy'),
    Buffer.concat([npyHeader('<f4', [rows.length, lfccWidth]), ...parts]),
  );
  return work.keep('lfcc.npy');
}
