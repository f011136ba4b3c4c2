/** A codec's trip is a trip through that codec at that rate, and leaves a sound as long as it was and where it was. */
import { readdir } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { runFfprobe } from '../../src/media/ffmpeg.ts';
import { mediaTools } from '../../src/media/tools.ts';
import { inputFile } from '../../src/media/formats.ts';
import { encodeSound, type SoundCodecName, throughCodec } from '../../src/media/sound-codec.ts';
import { delaySeconds, swellingNoise } from '../support/sounds.ts';
import { withQuickFfmpeg, workFolder } from './tools.ts';

/** What ffprobe calls each, and bits per second where there is but one rate. */
const codecs: Record<SoundCodecName, { name: string; kbps: (number | undefined)[]; fixed?: number }> = {
  'a-law': { name: 'pcm_alaw', kbps: [undefined], fixed: 64_000 },
  'mu-law': { name: 'pcm_mulaw', kbps: [undefined], fixed: 64_000 },
  g722: { name: 'adpcm_g722', kbps: [undefined], fixed: 64_000 },
  gsm: { name: 'gsm_ms', kbps: [undefined], fixed: 13_000 },
  opus: { name: 'opus', kbps: [30, 24, 16, 12, 6] },
  mp3: { name: 'mp3', kbps: [256, 224, 112, 80, 48] },
  aac: { name: 'aac', kbps: [128, 96, 64, 32, 16] },
  vorbis: { name: 'vorbis', kbps: [320, 256, 96, 80] },
};
const names = Object.keys(codecs) as SoundCodecName[];
const trips = names.flatMap((name) => codecs[name].kbps.map((kbps) => [name, kbps] as const));
const at = workFolder();

/** The codec in a file, and how much it holds of it without what wraps it. */
async function inside(path: string): Promise<{ codec: string; bits: number }> {
  const entries = 'packet=size:stream=codec_name';
  const { stdout } = await runFfprobe(await inputFile(path), ['-show_entries', entries, '-of', 'json']);
  const { streams, packets } = JSON.parse(stdout) as {
    streams: [{ codec_name: string }];
    packets: { size: string }[];
  };
  const bytes = packets.reduce((sum, { size }) => sum + Number(size), 0);
  return { codec: streams[0].codec_name, bits: 8 * bytes };
}

const noGsm = 'the ffmpeg that npm installs has no GSM';
const missing = async (name: SoundCodecName): Promise<boolean> =>
  name === 'gsm' && (await mediaTools()).origin === 'npm';

withQuickFfmpeg('trips through codecs', () => {
  test.for(trips)('%s at %s kbit/s: codec and bit rate', async ([name, kbps], { skip }) => {
    skip(await missing(name), noGsm);
    const path = await encodeSound(swellingNoise(4, 16000), name, kbps, at('.'));
    const { codec, bits } = await inside(path);
    expect(codec).toBe(codecs[name].name);
    // With the silence behind it. AAC keeps to its rate in the long run; Vorbis' is that of music in two different channels.
    const ratio = bits / 4.1 / (codecs[name].fixed ?? 1000 * kbps!);
    expect(ratio).toBeGreaterThan(name === 'vorbis' ? 0.4 : 0.97);
    expect(ratio).toBeLessThan(name === 'vorbis' ? 1 : name === 'aac' ? 1.08 : 1.03);
  });

  describe.each(names)('%s', (name) => {
    const kbps = codecs[name].kbps.at(-1);

    test.for([
      [16000, 0],
      [48000, 0],
      [8000, -1],
      [22050, -1],
      [44100, -1],
    ] as const)('at %i Hz, level %i: rate, length and place stay', async ([sampleRate, level], { skip }) => {
      skip(await missing(name), noGsm);
      const sound = swellingNoise(1, sampleRate);
      const back = await throughCodec(sound, name, codecs[name].kbps.at(level), at('.'));
      expect([back.sampleRate, back.samples.length]).toEqual([sampleRate, sound.samples.length]);
      expect(back.samples).not.toEqual(sound.samples);
      expect(Math.abs(delaySeconds(sound.samples, back.samples, sampleRate))).toBeLessThan(2e-4);
    });

    test('one sample, 5 ms and silence come through; twice the same; nothing is left behind', async ({
      skip,
    }) => {
      skip(await missing(name), noGsm);
      for (const samples of [Float32Array.of(0.5), swellingNoise(0.005, 16000).samples]) {
        const back = await throughCodec({ sampleRate: 16000, samples }, name, kbps, at('.'));
        expect(back.samples).toHaveLength(samples.length);
        expect(back.samples.every(Number.isFinite)).toBe(true);
      }
      const silence = { sampleRate: 16000, samples: new Float32Array(1600) };
      const back = await throughCodec(silence, name, kbps, at('.'));
      expect(Math.max(...back.samples.map(Math.abs))).toBeLessThan(2e-3);
      const sound = swellingNoise(0.5, 16000);
      const trip = () => throughCodec(sound, name, kbps, at('.'));
      expect(await trip()).toEqual(await trip());
      expect(await readdir(at('.'))).toEqual([]);
    });
  });

  test('loudness stays, also of Vorbis, which is given the sound twice', async () => {
    const sound = swellingNoise(1, 16000);
    const energy = (samples: Float32Array): number => samples.reduce((sum, value) => sum + value * value, 0);
    for (const name of ['vorbis', 'mp3'] as const) {
      const back = await throughCodec(sound, name, 256, at('.'));
      expect(energy(back.samples) / energy(sound.samples)).toBeGreaterThan(0.9);
      expect(energy(back.samples) / energy(sound.samples)).toBeLessThan(1.05);
    }
  });

  test('an encoder that ffmpeg has not is said with a way out', async ({ skip }) => {
    skip(!(await missing('gsm')), 'this ffmpeg has them all');
    const trip = throughCodec(swellingNoise(0.1, 16000), 'gsm', undefined, at('.'));
    await expect(trip).rejects.toMatchObject({
      name: 'UserError',
      exitCode: 4,
      message: expect.stringMatching(/libgsm_ms.*gsm.*apt install ffmpeg.*leave gsm out/),
    });
    expect(await readdir(at('.'))).toEqual([]);
  });
});
