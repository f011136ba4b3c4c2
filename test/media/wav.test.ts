import { readFile, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { expect, test } from 'vitest';
import type { WaveFile } from 'wavefile';
import { decodeAudio } from '../../src/media/decode.ts';
import { readWav, writeWav } from '../../src/media/wav.ts';
import { goldenPath } from '../golden/make.ts';
import { sweep, workFolder } from './tools.ts';

const at = workFolder();

test('samples come back as 16-bit numbers, clipped to full scale', async () => {
  const audio = { sampleRate: 11025, samples: Float32Array.of(0, 0.25, -0.5, 1, -1, 1.7, -3) };
  await writeWav(at('a.wav'), audio);
  const bytes = await readFile(at('a.wav'));
  expect(bytes.readUInt32LE(24)).toBe(11025);
  const integers = Array.from({ length: 7 }, (_, i) => bytes.readInt16LE(44 + 2 * i));
  expect(integers).toEqual([0, 8192, -16384, 32767, -32768, 32767, -32768]);
  const back = await readWav(at('a.wav'));
  expect(back.sampleRate).toBe(11025);
  for (const [i, sample] of back.samples.entries()) expect(Math.abs(sample - integers[i]! / 32768)).toBe(0);
});

test('reading and decoding by ffmpeg agree', async () => {
  await writeWav(at('a.wav'), sweep(0.5, 16000));
  for (const path of [at('a.wav'), goldenPath('tone.wav'), goldenPath('stereo.wav')]) {
    const read = await readWav(path);
    const decoded = await decodeAudio(path, read.sampleRate);
    expect(read.samples.length).toBe(decoded.samples.length);
    const worst = read.samples.reduce(
      (most, sample, i) => Math.max(most, Math.abs(sample - decoded.samples[i]!)),
      0,
    );
    expect(worst, path).toBeLessThan(2 / 32768);
  }
});

test.each([
  { bitDepth: '8', samples: [128, 192, 0], expected: [0, 0.5, -1] },
  { bitDepth: '24', samples: [0, 2 ** 22, -(2 ** 23)], expected: [0, 0.5, -1] },
  { bitDepth: '32', samples: [0, 2 ** 30, -(2 ** 31)], expected: [0, 0.5, -1] },
  { bitDepth: '32f', samples: [0, 0.5, -1], expected: [0, 0.5, -1] },
  { bitDepth: '64', samples: [0, 0.5, -1], expected: [0, 0.5, -1] },
])('a depth of $bitDepth is brought to full scale', async ({ bitDepth, samples, expected }) => {
  const wavefile = createRequire(import.meta.url)('wavefile') as { WaveFile: typeof WaveFile };
  const wave = new wavefile.WaveFile();
  wave.fromScratch(1, 8000, bitDepth, samples);
  await writeFile(at('a.wav'), wave.toBuffer());
  expect([...(await readWav(at('a.wav'))).samples]).toEqual(expected);
});

test('what is no WAV file is an error with its name', async () => {
  await writeFile(at('a.wav'), 'RIFFrubbish');
  await expect(readWav(at('a.wav'))).rejects.toMatchObject({
    code: 'E_MEDIA_UNREADABLE',
    message: expect.stringContaining(at('a.wav')),
  });
  await writeFile(at('cut.wav'), (await readFile(goldenPath('tone.wav'))).subarray(0, 9001));
  await expect(readWav(at('cut.wav'))).rejects.toMatchObject({ code: 'E_MEDIA_UNREADABLE' });
  await writeFile(at('b.wav'), '');
  await expect(readWav(at('b.wav'))).rejects.toMatchObject({ code: 'E_MEDIA_UNREADABLE' });
  await expect(readWav(at('missing.wav'))).rejects.toMatchObject({ code: 'E_MEDIA_MISSING' });
});
