/** Clips as the square RGB frames that a network takes. */
import { open, rm } from 'node:fs/promises';
import { ItemError } from '../errors.ts';
import type { Known } from '../learn/two-kinds.ts';
import { resizeFrame } from '../media/images.ts';
import { openClip } from '../media/open-clip.ts';
import { cropCentre, numbered, sampleFrames } from '../media/sample-frames.ts';
import { personOf } from '../pairs.ts';
import type { FrameSettings } from './settings.ts';
import type { Frame, LabelledClip, OpenClip, Truth } from '../types.ts';

type Square = Pick<FrameSettings, 'sizePx' | 'shown'>;

/**
 * `count` evenly spaced frames as RGB bytes of a square: the middle of the frame, scaled.
 * The paper takes face crops. Nobody has found the face here, and the middle of a talking head's picture is mostly face.
 */
export async function* squareFrames(
  clip: OpenClip,
  count: number,
  square: Square,
): AsyncGenerator<Uint8Array> {
  for await (const { frame } of sampleFrames(clip, count)) yield squareOf(frame, square);
}

/** The square of one frame. */
export async function squareOf(frame: Frame, { sizePx, shown }: Square): Promise<Uint8Array> {
  const wholePx = Math.round(sizePx / shown);
  return cropCentre(await resizeFrame(frame, wholePx, wholePx), sizePx).data;
}

/** Writes RGB bytes into `target` from `at` on as numbers in [0, 1], mirrored left to right where `flip`. */
export function putFrame(
  target: Float32Array,
  at: number,
  rgb: Uint8Array,
  sizePx: number,
  flip = false,
): void {
  for (let pixel = 0; pixel < sizePx * sizePx; pixel++) {
    const column = pixel % sizePx;
    const from = flip ? pixel - column + (sizePx - 1 - column) : pixel;
    for (let channel = 0; channel < 3; channel++)
      target[at + pixel * 3 + channel] = rgb[from * 3 + channel]! / 255;
  }
}

/** A frame's place in its store, and what is known of it. */
export type StoredFrame = Known & { position: number };

/** The frames of many clips in one file, so that memory does not grow with their number. */
export type FrameStore = {
  real: StoredFrame[];
  fake: StoredFrame[];
  /** Clips that gave no frames. */
  leftOut: number;
  read(frame: StoredFrame): Promise<Uint8Array>;
  remove(): Promise<void>;
};

/** A square to learn from; `moment` as in `Known`. */
export type Lesson = { truth: Truth; rgb: Uint8Array; moment?: string };
/** At most `count` moments of a clip as squares. */
export type LessonsOf = (example: LabelledClip, count: number, square: Square) => AsyncIterable<Lesson>;

/** The frames of a clip as they are. */
export async function* plainLessons(
  { clip, truth }: LabelledClip,
  count: number,
  square: Square,
): AsyncGenerator<Lesson> {
  const { track } = clip;
  for await (const [i, rgb] of numbered(squareFrames(openClip(clip), count, square)))
    yield { truth, rgb, ...(track ? { moment: `${track.sha256} ${i}` } : {}) };
}

/** Decodes the clips into a file at `path`. A clip that cannot be decoded is left out. */
export async function storeFrames(
  path: string,
  clips: LabelledClip[],
  { count, square, lessonsOf }: { count: number; square: Square; lessonsOf: LessonsOf },
  onClip: () => void,
): Promise<FrameStore> {
  const file = await open(path, 'w+');
  const frameBytes = square.sizePx ** 2 * 3;
  const store = { real: [] as StoredFrame[], fake: [] as StoredFrame[], leftOut: 0 };
  let position = 0;
  for (const example of clips) {
    const person = personOf(example.clip);
    try {
      for await (const { truth, rgb, moment } of lessonsOf(example, count, square)) {
        await file.write(rgb, 0, frameBytes, position * frameBytes);
        store[truth].push({ position: position++, person, ...(moment === undefined ? {} : { moment }) });
      }
    } catch (error) {
      if (!(error instanceof ItemError)) throw error;
      store.leftOut++;
    }
    onClip();
  }
  return {
    ...store,
    async read(frame) {
      const rgb = new Uint8Array(frameBytes);
      await file.read(rgb, 0, frameBytes, frame.position * frameBytes);
      return rgb;
    },
    async remove() {
      await file.close();
      await rm(path);
    },
  };
}
