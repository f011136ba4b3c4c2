import { readFile, writeFile } from 'node:fs/promises';
import sharp from 'sharp';
import { expect, test } from 'vitest';
import {
  montage,
  readImage,
  readImageSize,
  resizeFrame,
  writeJpeg,
  writePng,
} from '../../src/media/images.ts';
import { goldenPath } from '../golden/make.ts';
import { noisy, paint } from '../support/clips.ts';
import { meanColour, workFolder } from './tools.ts';
import { blackPng } from '../support/black-png.ts';

const at = workFolder();

test('a PNG keeps every pixel', async () => {
  const frame = noisy('png', 37, 23, 30);
  await writePng(at('a.png'), frame);
  expect(await readImage(at('a.png'))).toEqual(frame);
});

test('grey, palette, transparent, 16-bit and animated pictures become RGB', async () => {
  const red = {
    create: { width: 8, height: 6, channels: 4 as const, background: { r: 255, g: 0, b: 0, alpha: 0 } },
  };
  await sharp(red).png().toFile(at('clear.png'));
  expect((await readImage(at('clear.png'))).data).toEqual(new Uint8Array(144).fill(255));
  const ramp = paint(8, 6, (x) => [32 * x, 32 * x, 32 * x]);
  const raw = sharp(ramp.data, { raw: { width: 8, height: 6, channels: 3 } });
  await raw.clone().toColourspace('b-w').png().toFile(at('grey.png'));
  await raw.clone().png({ palette: true }).toFile(at('palette.png'));
  await raw.clone().toColourspace('rgb16').png().toFile(at('deep.png'));
  for (const name of ['grey', 'palette', 'deep'])
    for (const [i, value] of (await readImage(at(`${name}.png`))).data.entries())
      expect(Math.abs(value - ramp.data[i]!), name).toBeLessThanOrEqual(1);
});

test('a photo is turned upright as its EXIF says', async () => {
  await sharp(goldenPath('photo.png')).withMetadata({ orientation: 6 }).jpeg().toFile(at('turned.jpg'));
  expect(await readImageSize(at('turned.jpg'))).toEqual({ width: 64, height: 96 });
  const frame = await readImage(at('turned.jpg'));
  expect(meanColour(frame, 8, 8, 48, 32)[0]).toBeGreaterThan(240);
});

test('a picture that is cut short is an error', async () => {
  const frame = noisy('cut', 200, 200, 60);
  await writePng(at('a.png'), frame);
  await sharp(at('a.png')).jpeg().toFile(at('a.jpg'));
  await sharp(at('a.png')).webp().toFile(at('a.webp'));
  for (const name of ['a.png', 'a.jpg', 'a.webp']) {
    const bytes = await readFile(at(name));
    await writeFile(at(name), bytes.subarray(0, bytes.length * 0.6));
    await expect(readImage(at(name)), name).rejects.toMatchObject({ code: 'E_MEDIA_UNREADABLE' });
  }
});

test('a bomb of 16000×16000 pixels is refused by its header', async () => {
  await writeFile(at('bomb.png'), blackPng(16_000, 16_000));
  await expect(readImage(at('bomb.png'))).rejects.toMatchObject({ code: 'E_MEDIA_TOO_LARGE' });
});

test('scaling covers the size and cuts about the centre', async () => {
  const frame = paint(96, 64, (x) => (x < 14 || x >= 82 ? [0, 0, 0] : [255, 255, 255]));
  const half = await resizeFrame(frame, 32, 32);
  expect([half.width, half.height, Math.min(...half.data) > 245]).toEqual([32, 32, true]);
  expect(await resizeFrame(frame, 96, 64)).toBe(frame);
});

test('a montage puts each frame into its cell', () => {
  const flat = (width: number, height: number, value: number) =>
    paint(width, height, () => [value, value, value]);
  const sheet = montage([flat(4, 3, 10), flat(4, 3, 20), flat(2, 2, 30)], 2);
  expect([sheet.width, sheet.height]).toEqual([8, 6]);
  const rows = Array.from({ length: 6 }, (_, y) =>
    Array.from({ length: 8 }, (__, x) => sheet.data[3 * (8 * y + x)]),
  );
  expect(rows).toEqual([
    ...Array.from({ length: 3 }, () => [10, 10, 10, 10, 20, 20, 20, 20]),
    [30, 30, 0, 0, 0, 0, 0, 0],
    [30, 30, 0, 0, 0, 0, 0, 0],
    [0, 0, 0, 0, 0, 0, 0, 0],
  ]);
  expect(montage([flat(2, 2, 1)], 5)).toMatchObject({ width: 2, height: 2 });
});

test('a JPEG keeps what is seen', async () => {
  const frame = paint(32, 16, () => [200, 90, 40]);
  await writeJpeg(at('a.jpg'), frame);
  const back = await readImage(at('a.jpg'));
  expect([back.width, back.height]).toEqual([32, 16]);
  expect(Math.max(...back.data.map((value, i) => Math.abs(value - frame.data[i]!)))).toBeLessThanOrEqual(3);
});
