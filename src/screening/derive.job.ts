/** Of a clip the photo and the sound file that people would have sent instead: what a bundle is calibrated and tested on besides clips. */
import { join } from 'node:path';
import { defineJob } from '../pipeline/job.ts';
import type { FileRef, Media } from '../types.ts';

/** JPEG quality, as cameras and messengers use it. */
const quality = 92;

/** The middle frame as JPEG, and the sound as WAV at its own rate; each where there is such a stream. @throws ItemError where the file does not decode. */
export const deriveFiles = defineJob({
  name: 'derive',
  module: import.meta.url,
  threads: 1,
  async run({ media }: { media: Media }, { folder, keep }): Promise<{ photo?: FileRef; sound?: FileRef }> {
    const { decodeAudio, decodeFrames, soundSeconds } = await import('../media/decode.ts');
    const { writeJpeg } = await import('../media/images.ts');
    const { writeWav } = await import('../media/wav.ts');
    const { numbered } = await import('../media/sample-frames.ts');
    const { path, video, audio } = media;
    if (video) {
      const middle = Math.floor(video.frameCount / 2);
      for await (const [t, frame] of numbered(decodeFrames(path)))
        if (t === middle) await writeJpeg(join(folder, 'photo.jpg'), frame, quality);
    }
    const seconds = soundSeconds(media);
    if (audio && seconds !== undefined)
      await writeWav(join(folder, 'sound.wav'), await decodeAudio(path, audio.sampleRate, { seconds }));
    return {
      ...(video ? { photo: await keep('photo.jpg') } : {}),
      ...(audio ? { sound: await keep('sound.wav') } : {}),
    };
  },
});
