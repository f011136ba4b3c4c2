/** The trained pair of networks, opened. */
import { openRowModel, runRows } from '../../src/compute/rows.ts';
import type { SyncNet } from '../../src/sync/sync-net.ts';
import { embeddingCount, pictureShape, soundShape } from './network.ts';
import { preparePicture, prepareSound, type Prepared, putPicture, putSound } from './windows.ts';

const valuesOf = (shape: readonly number[]): number => shape.reduce((product, n) => product * n, 1);

/** Windows the exported networks take at once. */
const batch = 28;
export const rowShapes = { picture: [batch, ...pictureShape], sound: [batch, ...soundShape] } as const;
export const pictureValues = valuesOf(pictureShape);
export const soundValues = valuesOf(soundShape);

/** A `SyncNet` that also takes windows already prepared. */
type AvSyncNet = SyncNet & {
  seeWindows(clip: Pick<Prepared, 'count' | 'pictures'>): Promise<Float32Array>;
  hearWindows(clip: Omit<Prepared, 'pictures'>): Promise<Float32Array>;
};

/** `picture` and `sound` are ONNX files or their bytes. */
export async function openNets(files: Record<'picture' | 'sound', string | Uint8Array>): Promise<AvSyncNet> {
  const picture = await openRowModel(files.picture, rowShapes.picture);
  const sound = await openRowModel(files.sound, rowShapes.sound);
  const seeWindows: AvSyncNet['seeWindows'] = ({ count, pictures }) => {
    const rows = new Float32Array(count * pictureValues);
    for (let i = 0; i < count; i++) putPicture(rows, i * pictureValues, pictures, i);
    return runRows(picture, rows);
  };
  const hearWindows: AvSyncNet['hearWindows'] = (clip) => {
    const rows = new Float32Array(clip.count * soundValues);
    for (let i = 0; i < clip.count; i++) putSound(rows, i * soundValues, clip, i);
    return runRows(sound, rows);
  };
  return {
    width: embeddingCount,
    seeWindows,
    hearWindows,
    see: (input) => seeWindows(preparePicture(input)),
    hear: (input) => hearWindows(prepareSound(input)),
    close() {
      picture.network.close();
      sound.network.close();
    },
  };
}
