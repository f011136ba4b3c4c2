/** A picture of a clip or photo, small, for people who review it; decoding strangers' files is work for a worker. */
import { defineJob } from '../../pipeline/job.ts';

/** Longest side, in pixels. */
const side = 480;
/** What many films begin with is black. */
const framesIn = 12;

export const makePreview = defineJob({
  name: 'preview',
  module: import.meta.url,
  threads: 1,
  /** A JPEG in base64. @throws ItemError as `decodeFrames`, E_STREAM_MISSING of a sound. */
  async run({ path }: { path: string }): Promise<string> {
    const { decodeFrames } = await import('../../media/decode.ts');
    const { encodeJpeg, resizeFrame } = await import('../../media/images.ts');
    let [frame, count] = [undefined as Awaited<ReturnType<typeof resizeFrame>> | undefined, 0];
    for await (const next of decodeFrames(path)) {
      frame = next;
      if (++count === framesIn) break;
    }
    const { width, height } = frame!;
    const scale = Math.min(1, side / Math.max(width, height));
    const [small, low] = [width, height].map((length) => Math.max(1, Math.round(scale * length)));
    const jpeg = await encodeJpeg(await resizeFrame(frame!, small!, low!, 'fill'), 70);
    return jpeg.toString('base64');
  },
});
