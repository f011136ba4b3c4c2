/** Functions of frames and of sounds, as distortions of clips. */
import type { Audio, Distortion, Frame, OpenClip } from '../types.ts';
import { collect, keptBytes } from '../media/open-clip.ts';
import type { Rng } from '../random.ts';

/** Every frame for itself; `draw` is of this frame alone, so that it is the same whoever reads how many. */
export function onFrames(change: (frame: Frame, draw: Rng) => Frame | Promise<Frame>): Distortion {
  return (clip, draw) =>
    withFrames(clip, async function* () {
      let index = 0;
      for await (const frame of clip.frames()) {
        yield await change(frame, draw.fork('frame', index++));
      }
    });
}

/** The whole sound; rate and length stay. Where it would go beyond full scale it is turned down as a whole: clipping is a distortion of its own. */
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
      return { sampleRate, samples: withinFullScale(samples) };
    };
    return { ...clip, audio: () => (kept ??= distorted()) };
  };
}

function withinFullScale(samples: Float32Array): Float32Array {
  const peak = peakOf(samples);
  return peak > 1 ? samples.map((sample) => sample / peak) : samples;
}

/** The largest size of a sample, 0 of silence. */
export const peakOf = (samples: Float32Array): number =>
  samples.reduce((most, sample) => Math.max(most, Math.abs(sample)), 0);

/** One after the other; each draws for itself. */
export function inTurn(...steps: Distortion[]): Distortion {
  return async (clip, draw, folder) => {
    let distorted = clip;
    for (const [i, step] of steps.entries()) distorted = await step(distorted, draw.fork('step', i), folder);
    return distorted;
  };
}

/** The clip with other frames, as many and as large: made once for all readers where they fit into memory as decoded ones do, else anew for each, with the same result. */
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
