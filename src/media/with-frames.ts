import type { Frame, OpenClip } from '../types.ts';

/** The clip as if its picture had these frames alone; its sound stays. The clip must have a picture. */
export function withFrames(open: OpenClip, frames: readonly Frame[]): OpenClip {
  const { media } = open.clip;
  const video = { ...media.video!, frameCount: frames.length };
  return {
    ...open,
    clip: { ...open.clip, media: { ...media, video } },
    async *frames() {
      yield* frames;
    },
  };
}
