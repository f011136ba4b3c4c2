/** WAV files, by wavefile. */
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import type { WaveFile } from 'wavefile';
import { ItemError } from '../errors.ts';
import { atomicWrite } from '../files.ts';
import type { Audio } from '../types.ts';

/**
 * Samples come in the integer scale of the file's bit depth. wavefile's own conversion to floating point divides positive
 * and negative ones by different numbers, so we divide.
 */
const scales: Record<string, { zero: number; full: number }> = {
  '8': { zero: 128, full: 2 ** 7 },
  '16': { zero: 0, full: 2 ** 15 },
  '24': { zero: 0, full: 2 ** 23 },
  '32': { zero: 0, full: 2 ** 31 },
  '32f': { zero: 0, full: 1 },
  '64': { zero: 0, full: 1 },
};

/**
 * A WAV file (PCM of 8 to 32 bits, or floating point) as mono in [-1, 1], channels averaged, at its own rate.
 * @throws ItemError E_MEDIA_MISSING, E_MEDIA_UNREADABLE.
 */
export async function readWav(path: string): Promise<Audio> {
  const bytes = await readFile(path).catch((cause: unknown) => {
    throw new ItemError('E_MEDIA_MISSING', `${path}: no such file`, { cause });
  });
  const wavefile = loadWavefile();
  try {
    const wave = new wavefile.WaveFile(bytes);
    const scale = scales[wave.bitDepth];
    if (!scale) throw new Error(`bit depth "${wave.bitDepth}"`);
    const { numChannels, sampleRate } = wave.fmt as { numChannels: number; sampleRate: number };
    const channels = wave.getSamples(false, Float64Array) as unknown as Float64Array | Float64Array[];
    const list = numChannels === 1 ? [channels as Float64Array] : (channels as Float64Array[]);
    const samples = new Float32Array(list[0]?.length ?? 0);
    for (let i = 0; i < samples.length; i++) {
      let sum = 0;
      for (const channel of list) sum += (channel[i]! - scale.zero) / scale.full;
      samples[i] = Math.max(-1, Math.min(1, sum / list.length));
    }
    const { chunkSize, samples: stored } = wave.data as { chunkSize: number; samples: Uint8Array };
    if (chunkSize > stored.length)
      throw new Error(`it ends after ${stored.length} of ${chunkSize} bytes of sound`);
    if (samples.length === 0) throw new Error('it holds no sample');
    return { sampleRate, samples };
  } catch (cause) {
    throw new ItemError(
      'E_MEDIA_UNREADABLE',
      `${path}: not a WAV file that can be read (${(cause as Error).message})`,
      { cause },
    );
  }
}

/** Mono, 16 bits: `round(32768·x)`, clipped to what 16 bits hold. */
export async function writeWav(path: string, { sampleRate, samples }: Audio): Promise<void> {
  const wavefile = loadWavefile();
  const integers = new Int16Array(samples.length);
  for (let i = 0; i < integers.length; i++)
    integers[i] = Math.max(-32768, Math.min(32767, Math.round(32768 * samples[i]!)));
  const wave = new wavefile.WaveFile();
  wave.fromScratch(1, sampleRate, '16', integers);
  await atomicWrite(path, wave.toBuffer());
}

/** By `require`: an `import` of this package gives its class at one place or another, depending on who resolves it. */
function loadWavefile(): { WaveFile: typeof WaveFile } {
  return createRequire(import.meta.url)('wavefile') as { WaveFile: typeof WaveFile };
}
