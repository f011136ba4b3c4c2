/**
 * Which pixels of a fake were repainted: a file beside it, as its provenance is. NumPy's format, gzipped (`np.load(gzip.open(path))`): uint8
 * [frames, height, width], 1 where a colour differs from the target's, as painted, before the encode that changes all of them a little.
 */
import { createWriteStream } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { once } from 'node:events';
import { pipeline } from 'node:stream/promises';
import { promisify } from 'node:util';
import { createGzip, gunzip } from 'node:zlib';
import { readNpyBytes, npyHeader } from '../npy.ts';
import type { Frame, VideoInfo } from '../types.ts';

/** Where the mask of a media file lies. */
export const maskPath = (mediaPath: string): string => `${mediaPath}.mask.npy.gz`;

/** `add`: the next frame before and after it was repainted. `finish` waits until all is written. */
export type MaskWriter = { add(before: Frame, after: Frame): Promise<void>; finish(): Promise<void> };

export function openMask(mediaPath: string, { frameCount, width, height }: VideoInfo): MaskWriter {
  const packed = createGzip({ level: 1 });
  const written = pipeline(packed, createWriteStream(maskPath(mediaPath)));
  written.catch(() => {}); // whoever adds or finishes is told
  packed.write(npyHeader('|u1', [frameCount, height, width]));
  return {
    async add({ data: before }, { data: after }) {
      const changed = new Uint8Array(before.length / 3);
      for (let i = 0; i < changed.length; i++)
        for (let c = 3 * i; c < 3 * i + 3; c++) if (before[c] !== after[c]) changed[i] = 1;
      if (!packed.write(changed)) await Promise.race([once(packed, 'drain'), written]);
    },
    async finish() {
      packed.end();
      await written;
    },
  };
}

/** @returns `changed`: 0 or 1 for each pixel, row by row, frame by frame. */
export async function readMask(
  mediaPath: string,
  { frameCount, width, height }: VideoInfo,
): Promise<Uint8Array> {
  const path = maskPath(mediaPath);
  return readNpyBytes(await promisify(gunzip)(await readFile(path)), [frameCount, height, width], path);
}
