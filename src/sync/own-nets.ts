/** The trained networks of `sync-own`, opened. */
import { concat, openRowModel, type RowModel, runRows } from '../compute/rows.ts';
import {
  cropShape,
  featureCount,
  featureShape,
  framesSeen,
  rowsHeard,
  rowWidth,
  soundShape,
} from './own-net.ts';
import { mfccCount } from '../dsp/mfcc.ts';
import { movementOf } from './movement.ts';
import { cepstraOf, framesAround, putSound } from './own-windows.ts';
import type { SyncNet } from './sync-net.ts';

export const ownNetNames = ['see', 'weigh', 'hear'] as const;
export type OwnNetName = (typeof ownNetNames)[number];
/** Rows the exported networks take at once. */
const batch = 30;
export const rowShapes = {
  see: [batch, ...cropShape],
  weigh: [batch, ...featureShape],
  hear: [batch, ...soundShape],
} as const;

/** Each network as an ONNX file or its bytes. */
export async function openOwnNets(files: Record<OwnNetName, string | Uint8Array>): Promise<SyncNet> {
  const open = (name: OwnNetName): Promise<RowModel> => openRowModel(files[name], rowShapes[name]);
  const nets = { see: await open('see'), weigh: await open('weigh'), hear: await open('hear') };
  return {
    width: rowWidth,
    async see({ crops }) {
      const frameCount = crops.length;
      const seen = await runRows(nets.see, concat(movementOf(crops)));
      const neighbours = new Float32Array(frameCount * framesSeen * featureCount);
      for (let t = 0; t < frameCount; t++)
        for (const [i, from] of framesAround(t, frameCount).entries())
          neighbours.set(
            seen.subarray(from * featureCount, (from + 1) * featureCount),
            (t * framesSeen + i) * featureCount,
          );
      return runRows(nets.weigh, neighbours);
    },
    async hear({ fps, crops, sound }) {
      const sounds = new Float32Array(crops.length * rowsHeard * mfccCount);
      const heard = { fps, cepstra: cepstraOf(sound) };
      for (let t = 0; t < crops.length; t++) putSound(sounds, t * rowsHeard * mfccCount, heard, t);
      return runRows(nets.hear, sounds);
    },
    close() {
      for (const { network } of Object.values(nets)) network.close();
    },
  };
}
