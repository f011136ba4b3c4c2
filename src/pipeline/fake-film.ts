/** The way of every fake film: the target's frames, repainted where it is forged, under a sound, in the published encoding, marked. */
import { join } from 'node:path';
import { decodeAudio, decodeFrames } from '../media/decode.ts';
import { encodeClip } from '../media/encode.ts';
import { type MaskWriter, openMask } from '../media/mask.ts';
import { provenanceComment, writeProvenance } from '../media/provenance.ts';
import { mixOf, type Terms } from '../pairs.ts';
import type { Audio, Clip, Frame, Media, Span, Work } from '../types.ts';
import { isForged } from './part.ts';

export type FakeFilm = {
  target: Clip;
  /** The generator's, as it stands in tables. */
  label: string;
  /** A frame repainted; `index` counts the target's frames. Asked in order. Without it the picture stays the target's. */
  repaint?: (frame: Frame, index: number) => Frame | Promise<Frame>;
  /** In place of `repaint`, for what repaints many frames together: as many frames as it is given, and it minds the spans. */
  frames?: (frames: AsyncIterable<Frame>) => AsyncIterable<Frame>;
  /** The target's own sound unless said. */
  sound?: Audio;
  /** Where it is forged, in seconds; everywhere unless said. Frames elsewhere are not repainted. Recorded as truth. */
  spans?: Span[];
  /** What the provenance says of how it was made, and the SHA-256 of each file of the model by name. */
  options?: object;
  model?: Record<string, string>;
  /** Another clip that went into it: a driver, or whose face is drawn. */
  other?: Clip;
  /** Of one that shows what the model learned from: these clips' terms, and their files. */
  learnedFrom?: Terms & { files: string[] };
  /** Where the model's licence adds to those of the clips. */
  licence?: string;
};

/**
 * Writes `fake.mp4` into the job's folder, as long as the target, and its provenance beside it; where pixels may be repainted, their mask too.
 * @throws ItemError what decoding and repainting throw; Error where the target has no picture, which no plan allows.
 */
export async function makeFakeFilm(work: Work, film: FakeFilm): Promise<Media> {
  const { target, other, learnedFrom, label, spans, options = {}, model = {}, licence } = film;
  const { video, audio, path, sha256 } = target.media;
  if (!video) throw new Error(`${target.id}: planned without a picture`);
  const sound = film.sound ?? (audio ? await decodeAudio(path, audio.sampleRate) : undefined);
  const out = join(work.folder, 'fake.mp4');
  const mask = film.frames || film.repaint ? openMask(out, video) : undefined;
  let media: Media;
  try {
    media = await encodeClip(out, {
      frames: watched(film, video.fps, decodeFrames(path, { frameCount: video.frameCount }), mask),
      fps: video.fps,
      width: video.width,
      height: video.height,
      comment: provenanceComment(label),
      ...(sound ? { audio: sound } : {}),
    });
  } finally {
    await mask?.finish();
  }
  await writeProvenance(out, {
    generator: label,
    options: { ...options, ...(spans ? { spans } : {}) },
    model,
    sourceFiles: [sha256, ...(other ? [other.media.sha256] : []), ...(learnedFrom?.files ?? [])],
    ...mixOf(target, ...(other ? [other] : []), ...(learnedFrom ? [learnedFrom] : [])),
    ...(licence === undefined ? {} : { licence }),
  });
  return media;
}

/** What is made of the frames, while the mask is told of each before and after. */
async function* watched(
  film: FakeFilm,
  fps: number,
  decoded: AsyncIterable<Frame>,
  mask: MaskWriter | undefined,
): AsyncGenerator<Frame> {
  const waiting: Frame[] = [];
  const given = (async function* () {
    for await (const frame of decoded) {
      waiting.push(frame);
      yield frame;
    }
  })();
  for await (const made of film.frames?.(given) ?? repainted(film, fps, given)) {
    const before = waiting.shift();
    if (before) await mask?.add(before, made);
    yield made;
  }
}

async function* repainted(
  { repaint, spans }: FakeFilm,
  fps: number,
  frames: AsyncIterable<Frame>,
): AsyncGenerator<Frame> {
  let index = 0;
  for await (const frame of frames) {
    yield repaint && isForged(spans, index / fps) ? await repaint(frame, index) : frame;
    index++;
  }
}
