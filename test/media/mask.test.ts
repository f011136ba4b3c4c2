import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { UserError } from '../../src/errors.ts';
import { maskPath, openMask, readMask } from '../../src/media/mask.ts';
import { paint } from '../support/clips.ts';
import { npy } from '../support/nvp-corpus.ts';

test('a mask says which pixels differ in any colour, in NumPy’s format, and is read again', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'masque-mask-'));
  const [path, video] = [join(folder, 'fake.mp4'), { fps: 25, width: 3, height: 2, frameCount: 2 }];
  const grey = paint(3, 2, () => [100, 100, 100]);
  const mask = openMask(path, video);
  await mask.add(grey, grey);
  await mask.add(
    grey,
    paint(3, 2, (x, y) => [100, x === 2 ? 101 : 100, y === 1 && x === 0 ? 0 : 100]),
  );
  await mask.finish();
  expect([...(await readMask(path, video))]).toEqual([0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 0, 1]);
  const written = gunzipSync(await readFile(maskPath(path)));
  const header = npy([], { descr: '|u1', shape: [2, 2, 3] });
  expect(written.subarray(0, header.length).toString('latin1')).toBe(header.toString('latin1'));
  expect(written.length).toBe(header.length + 12);
  await expect(readMask(path, { ...video, width: 4 })).rejects.toThrow(UserError);
  await rm(folder, { recursive: true });
});
