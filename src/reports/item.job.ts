/** One clip as pictures: three moments of it side by side, and its sound as a log-mel spectrogram. */
import { join } from 'node:path';
import type { Clip, FileRef, Frame } from '../types.ts';
import { defineJob } from '../pipeline/job.ts';

/** JPEG files; absent where the clip has no picture or no sound, or it does not decode. */
export type ItemPictures = { frames?: FileRef; sound?: FileRef };

const frameCount = 3;
const heightPx = 144;
const [melBands, melColumns] = [80, 320];

export const drawItem = defineJob({
  name: 'draw-item',
  module: import.meta.url,
  threads: 1,
  async run({ clip }: { clip: Clip }, work): Promise<ItemPictures> {
    const { melSpectrogram } = await import('../dsp/spectrogram.ts');
    const { unlessItemError } = await import('../errors.ts');
    const { montage, resizeFrame, writeJpeg } = await import('../media/images.ts');
    const { openClip } = await import('../media/open-clip.ts');
    const { sampleFrames } = await import('../media/sample-frames.ts');
    const open = openClip(clip);
    const moments = async (): Promise<Frame> => {
      const small: Frame[] = [];
      for await (const { frame } of sampleFrames(open, frameCount))
        small.push(await resizeFrame(frame, widthFor(frame), heightPx));
      return montage(small, frameCount);
    };
    const draw = async (name: string, picture: () => Promise<Frame>): Promise<FileRef> => {
      await writeJpeg(join(work.folder, name), await picture(), 80);
      return work.keep(name);
    };
    const [frames, sound] = [
      await draw('frames.jpg', moments).catch(unlessItemError),
      await draw('sound.jpg', async () => melSpectrogram(await open.audio(), melBands, melColumns)).catch(
        unlessItemError,
      ),
    ];
    return { ...(frames ? { frames } : {}), ...(sound ? { sound } : {}) };
  },
});

/** As wide as the frame is, but no wider than a panorama. */
const widthFor = ({ width, height }: Frame): number =>
  Math.max(16, Math.min(2 * heightPx, Math.round((width / height) * heightPx)));
