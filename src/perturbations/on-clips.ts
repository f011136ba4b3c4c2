/** Functions of frames and of sounds, as distortions of clips. */
import type { Audio, Distortion, Frame, OpenClip } from '../types.ts';
import type { Rng } from '../random.ts';

/** Clips of up to so many bytes of frames are distorted once for all readers; larger ones anew for each, with the same result. */
const keptBytes = 128 * 1024 * 1024;

/** Every frame for itself; `draw` is of this frame alone, so that it is the same whoever reads how many. */
export function onFrames(change: (frame: Frame, draw: Rng, index: number) => Frame): Distortion {
  return (clip, draw) =>
    withFrames(clip, async function* () {
      let index = 0;
      for await (const frame of clip.frames()) {
        yield change(frame, draw.fork('frame', index), index);
        index++;
      }
    });
}

/** The whole sound; rate and length stay. */
export function onSound(
  change: (audio: Audio, draw: Rng, folder: string) => Audio | Promise<Audio>,
): Distortion {
  return (clip, draw, folder) => {
    let kept: Promise<Audio> | undefined;
    const distorted = async (): Promise<Audio> => {
      const audio = await clip.audio();
      const { sampleRate, samples } = await change(audio, draw.fork('sound'), folder);
      if (sampleRate !== audio.sampleRate || samples.length !== audio.samples.length)
        throw new Error(`a distortion made ${samples.length} samples of ${audio.samples.length}`);
      return { sampleRate, samples };
    };
    return { ...clip, audio: () => (kept ??= distorted()) };
  };
}

/** One after the other; each draws for itself. */
export function inTurn(...steps: Distortion[]): Distortion {
  return async (clip, draw, folder) => {
    let distorted = clip;
    for (const [i, step] of steps.entries()) distorted = await step(distorted, draw.fork('step', i), folder);
    return distorted;
  };
}

/** The clip with other frames, as many and as large. */
export function withFrames(clip: OpenClip, frames: () => AsyncIterable<Frame>): OpenClip {
  const { video } = clip.clip.media;
  const small = video !== undefined && 3 * video.width * video.height * video.frameCount <= keptBytes;
  let kept: Promise<Frame[]> | undefined;
  return {
    ...clip,
    async *frames() {
      yield* small ? await (kept ??= collect(frames())) : frames();
    },
  };
}

async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const list: T[] = [];
  for await (const item of items) list.push(item);
  return list;
}
