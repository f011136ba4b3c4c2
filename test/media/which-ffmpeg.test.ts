/** Which ffmpeg is used: the one on PATH, or npm's where there is none, or where that is wished. */
import { afterEach, expect, test } from 'vitest';
import { mediaTools } from '../../src/media/tools.ts';
import { programFor } from './tools.ts';

const environment = { ...process.env };
afterEach(() => {
  process.env = { ...environment };
});

test('the one on PATH', async ({ skip }) => {
  const ffmpeg = programFor('ffmpeg', skip);
  process.env['MASQUE_FFMPEG'] = '';
  expect(await mediaTools()).toMatchObject({ origin: 'system', ffmpeg });
});

test('npm’s where PATH has none', async () => {
  Object.assign(process.env, { MASQUE_FFMPEG: '', PATH: '/nonexistent' });
  expect(await mediaTools()).toMatchObject({ origin: 'npm' });
});

test('npm’s where that is wished, though PATH has one', async () => {
  process.env['MASQUE_FFMPEG'] = 'npm';
  expect(await mediaTools()).toMatchObject({ origin: 'npm' });
});

test('another word is refused', async () => {
  process.env['MASQUE_FFMPEG'] = '/usr/bin/ffmpeg';
  await expect(mediaTools()).rejects.toMatchObject({
    exitCode: 2,
    message: expect.stringContaining('MASQUE_FFMPEG=/usr/bin/ffmpeg: expected npm'),
  });
});
