/** WAV files, by wavefile. */
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { ItemError } from '../errors.ts';
import { atomicWrite } from '../files.ts';
import type { Audio } from '../types.ts';

/**
 * A WAV file of any bit depth as mono in [-1, 1], channels averaged, at its own rate.
 * @throws ItemError E_MEDIA_MISSING, E_MEDIA_UNREADABLE.
 */
export async function readWav(path: string): Promise<Audio> {
  const bytes = await readFile(path).catch((cause: unknown) => {
    throw new ItemError('E_MEDIA_MISSING', `${path}: no such file`, { cause });
  });
  const { WaveFile } = loadWavefile();
  try {
    const wave = new WaveFile(bytes);
    // Without this, samples come in the integer scale of the file's bit depth.
    wave.toBitDepth('32f');
    const { numChannels, sampleRate } = wave.fmt as { numChannels: number; sampleRate: number };
    const channels = wave.getSamples(false, Float32Array) as unknown as Float32Array | Float32Array[];
    const list = numChannels === 1 ? [channels as Float32Array] : (channels as Float32Array[]);
    const samples = new Float32Array(list[0]?.length ?? 0);
    for (let i = 0; i < samples.length; i++) {
      let sum = 0;
      for (const channel of list) sum += channel[i]!;
      samples[i] = Math.max(-1, Math.min(1, sum / list.length));
    }
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

/** Mono, 16 bits: `round(32767·x)`, x clipped to [-1, 1]. */
export async function writeWav(path: string, { sampleRate, samples }: Audio): Promise<void> {
  const { WaveFile } = loadWavefile();
  const integers = Int16Array.from(samples, (sample) =>
    Math.round(32767 * Math.max(-1, Math.min(1, sample))),
  );
  const wave = new WaveFile();
  wave.fromScratch(1, sampleRate, '16', integers);
  await atomicWrite(path, wave.toBuffer());
}

/** By `require`: an `import` of this package gives its class at one place or another, depending on who resolves it. */
function loadWavefile(): typeof import('wavefile') {
  return createRequire(import.meta.url)('wavefile') as typeof import('wavefile');
}
