/** The trained pair of networks, opened. */
import { openRowModel, runRows } from '../../src/compute/rows.ts';
import type { SyncNet, SyncRows } from '../../src/sync/sync-net.ts';
import { embeddingCount, pictureShape, soundShape } from './network.ts';
import { prepare, type Prepared, putPicture, putSound } from './windows.ts';

const valuesOf = (shape: readonly number[]): number => shape.reduce((product, n) => product * n, 1);

/** Windows the exported networks take at once. */
const batch = 28;
export const rowShapes = { picture: [batch, ...pictureShape], sound: [batch, ...soundShape] } as const;
export const pictureValues = valuesOf(pictureShape);
export const soundValues = valuesOf(soundShape);

/** `picture` and `sound` are ONNX files or their bytes. */
export async function openNets(
  files: Record<'picture' | 'sound', string | Uint8Array>,
): Promise<SyncNet & { embedWindows(clip: Prepared): Promise<SyncRows> }> {
  const picture = await openRowModel(files.picture, rowShapes.picture);
  const sound = await openRowModel(files.sound, rowShapes.sound);
  const embedWindows = async (clip: Prepared): Promise<SyncRows> => {
    const pictures = new Float32Array(clip.count * pictureValues);
    const sounds = new Float32Array(clip.count * soundValues);
    for (let i = 0; i < clip.count; i++) {
      putPicture(pictures, i * pictureValues, clip.pictures, i);
      putSound(sounds, i * soundValues, clip, i);
    }
    return { picture: await runRows(picture, pictures), sound: await runRows(sound, sounds) };
  };
  return {
    width: embeddingCount,
    embedWindows,
    embed: (input) => embedWindows(prepare(input)),
    close() {
      picture.network.close();
      sound.network.close();
    },
  };
}
