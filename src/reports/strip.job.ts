/**
 * One video per fake, to look at and listen to: the target's own frames, the fake, the mouth that really spoke the sound,
 * and the error; underneath the fake's sound with a line where it plays, which is also heard.
 */
import { join } from 'node:path';
import type { Audio, Clip, FileRef, Frame } from '../types.ts';
import { defineJob } from '../pipeline/job.ts';
import { differenceGain, paneSizePx } from './strip-picture.ts';

/**
 * `driver` is the clip whose sound drives the fake, perhaps a recording without a picture; without it the target speaks its own, or, where the sound is `forged`, nobody
 * whose mouth could be shown.
 */
export type StripInput = { target: Clip; fake: Clip; driver?: Clip; forged?: true };
/** An MP4, and the JPEG of its middle frame that stands in its place until it plays. */
export type Strip = { video: FileRef; poster: FileRef };

/** Nobody measures anything on these, and a report holds dozens. */
const crf = 25;

/** Draws `strip.mp4` and `poster.jpg`, as long as the shortest of the clips. Throws ItemError where one has no picture or does not decode. */
export const drawStrip = defineJob({
  name: 'draw-strip',
  module: import.meta.url,
  threads: 1,
  async run({ target, fake, driver, forged }: StripInput, work): Promise<Strip> {
    const { encodeClip } = await import('../media/encode.ts');
    const { writeJpeg } = await import('../media/images.ts');
    const { provenanceComment } = await import('../media/provenance.ts');
    const { drawGround, drawMoment, layout } = await import('./strip-picture.ts');
    const speaker = driver ?? target;
    const fps = fake.media.video?.fps ?? 25;
    const seen = [target, fake, speaker.media.video ? speaker : target];
    const count = Math.max(1, Math.floor(Math.min(...seen.map(secondsOf)) * fps + 1e-6));
    const heard = [fake, driver, target].find((clip) => clip?.media.audio);
    const sound = heard && cut(await soundOf(heard), count / fps);
    const mouth = await mouthOf(speaker);
    const labels = [
      'target',
      'fake',
      forged ? 'mouth of the target' : `${mouth.label}${driver ? ' (driver)' : ''}`,
      `error × ${differenceGain}`,
    ];
    const size = layout(sound !== undefined);
    const ground = await drawGround(size, labels, sound);
    let poster: Frame | undefined;
    const pictures = async function* (): AsyncGenerator<Frame> {
      const sources = seen.map((clip) => framesAtRate(clip, fps));
      try {
        for (let i = 0; i < count; i++) {
          const [own, made, spoken] = await Promise.all(sources.map((source) => take(source)));
          const panes = [await fit(own!.frame), await fit(made!.frame), await mouth.picture(spoken!)];
          const picture = drawMoment(size, ground, panes, (i + 0.5) / count);
          if (i === Math.floor(count / 2)) poster = picture;
          yield picture;
        }
      } finally {
        await Promise.all(sources.map((source) => source.return(undefined)));
      }
    };
    await encodeClip(join(work.folder, 'strip.mp4'), {
      frames: pictures(),
      fps,
      width: size.width,
      height: size.height,
      crf,
      comment: provenanceComment(fake.origin),
      ...(sound ? { audio: sound } : {}),
    });
    await writeJpeg(join(work.folder, 'poster.jpg'), poster!, 78);
    return { video: await work.keep('strip.mp4'), poster: await work.keep('poster.jpg') };
  },
});

type Shown = { frame: Frame; index: number };

/** What a clip shows at 0, 1/fps, 2/fps, …: at each time the last frame that had begun, with its number in the clip. */
async function* framesAtRate(clip: Clip, fps: number): AsyncGenerator<Shown, undefined> {
  const { decodeFrames } = await import('../media/decode.ts');
  const ownFps = clip.media.video?.fps ?? fps;
  let index = 0;
  let shown = 0;
  for await (const frame of decodeFrames(clip.media.path)) {
    for (; Math.floor((shown / fps) * ownFps + 1e-6) <= index; shown++) yield { frame, index };
    index++;
  }
  const { ItemError } = await import('../errors.ts');
  throw new ItemError(
    'E_TOO_SHORT',
    `${clip.id}: its picture ends at ${(shown / fps).toFixed(2)} s, more was expected`,
  );
}

/** The source throws where it has no more, so that there always is a value. */
async function take(source: AsyncGenerator<Shown, undefined>): Promise<Shown> {
  return (await source.next()).value!;
}

function secondsOf(clip: Clip): number {
  const { video } = clip.media;
  return video ? video.frameCount / video.fps : 0;
}

async function soundOf(clip: Clip): Promise<Audio> {
  const { decodeAudio } = await import('../media/decode.ts');
  return decodeAudio(clip.media.path, clip.media.audio!.sampleRate);
}

function cut({ sampleRate, samples }: Audio, seconds: number): Audio {
  return { sampleRate, samples: samples.subarray(0, Math.round(seconds * sampleRate)) };
}

async function fit(frame: Frame): Promise<Frame> {
  const { resizeFrame } = await import('../media/images.ts');
  return resizeFrame(frame, paneSizePx, paneSizePx);
}

type Mouth = { label: string; picture(shown: Shown): Promise<Frame> };

/** The square around the mouth as the clip's face track has it, of one size in all frames; without a track the whole frame, without a picture nothing. */
async function mouthOf(clip: Clip): Promise<Mouth> {
  const blank = { width: paneSizePx, height: paneSizePx, data: new Uint8Array(3 * paneSizePx ** 2) };
  if (!clip.media.video) return { label: 'no picture', picture: async () => blank };
  if (!clip.track) return { label: 'no face track', picture: ({ frame }) => fit(frame) };
  const { mouthBox, readTrack } = await import('../head/track.ts');
  const { cutOut } = await import('./strip-picture.ts');
  const track = await readTrack(clip.track.path);
  const boxes = track.frames.map((_, i) => mouthBox(track, i));
  const side = 1.4 * Math.max(...boxes.map((box) => Math.max(box.width, box.height)));
  return {
    label: 'true mouth',
    picture({ frame, index }) {
      const box = boxes[Math.min(index, boxes.length - 1)]!;
      const scale = frame.width / track.camera.width;
      const width = Math.max(8, Math.round(side * scale));
      const x = Math.round((box.x + box.width / 2) * scale - width / 2);
      const y = Math.round((box.y + box.height / 2) * scale - width / 2);
      return fit(cutOut(frame, { x, y, width, height: width }));
    },
  };
}
