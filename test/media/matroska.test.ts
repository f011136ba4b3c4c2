/** Elements of Matroska and WebM that damage hides. */
import { readFile, writeFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { matroskaDamage } from '../../src/media/matroska.ts';
import { ffmpeg, withQuickFfmpeg, workFolder } from './tools.ts';

withQuickFfmpeg('elements', () => {
  const at = workFolder();

  test.each(['webm', 'mkv'])('%s: a block whose id was damaged is seen, bit by bit', async (container) => {
    const codec = container === 'webm' ? 'libvpx' : 'libx264';
    const picture = ['-f', 'lavfi', '-i', 'testsrc=s=64x48:r=25:d=1', '-pix_fmt', 'yuv420p'];
    await ffmpeg(...picture, '-c:v', codec, at(`whole.${container}`));
    expect(await matroskaDamage(at(`whole.${container}`))).toBeUndefined();
    const bytes = await readFile(at(`whole.${container}`));
    // A block by itself: its id, a size of two bytes, track 1, the time, flags.
    const places = [...bytes.keys()].filter(
      (i) =>
        bytes[i] === 0xa3 &&
        bytes[i + 1]! >> 6 === 1 &&
        bytes[i + 3] === 0x81 &&
        (bytes[i + 6]! & 0x7f) === 0,
    );
    expect(places.length).toBeGreaterThanOrEqual(3);
    for (const place of places.slice(0, 3))
      for (let bit = 0; bit < 8; bit++) {
        const changed = Buffer.from(bytes);
        changed[place]! ^= 1 << bit;
        await writeFile(at('flipped'), changed);
        expect(await matroskaDamage(at('flipped')), `byte ${place}, bit ${bit}`).toBeDefined();
      }
  });
});
