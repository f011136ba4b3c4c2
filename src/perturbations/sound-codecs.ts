import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { encodeSound, type SoundCodecName, throughCodec } from '../media/sound-codec.ts';
import type { Distortion, Perturbation } from '../types.ts';
import { onSound } from './on-clips.ts';

/**
 * What is asked of each codec, high rates first. Telephony has one rate. Opus and AAC: the ranges of ASVspoof 5; MP3: those of ASVspoof 2021 DF
 * (220 to 260 and 80 to 120 kbit/s) and, below, of ASVspoof 5; Vorbis: the ends of those of DF.
 */
const ratesKbps: Record<SoundCodecName, number[] | string> = {
  'a-law': '8 kHz, 64 kbit/s',
  'mu-law': '8 kHz, 64 kbit/s',
  g722: '16 kHz, 64 kbit/s',
  gsm: '8 kHz, 13 kbit/s',
  opus: [30, 24, 16, 12, 6],
  mp3: [256, 224, 112, 80, 48],
  aac: [128, 96, 64, 32, 16],
  vorbis: [320, 256, 96, 80],
};
const names = Object.keys(ratesKbps) as SoundCodecName[];

/** `codecs`: those to be asked about; GSM is missing in the ffmpeg that npm installs. */
const options = z.strictObject({
  codecs: z.array(z.enum(names)).min(1).default(names),
});

/** Sound encoded, decoded and put back in its place, at the clip's own rate. Real codecs, by ffmpeg. */
export const soundCodecs: Perturbation<z.infer<typeof options>> = {
  name: 'sound-codecs',
  cite: 'codecs of ASVspoof 2021 LA and DF (Liu et al., TASLP 2023) and of ASVspoof 5 (Wang et al., 2024), without AMR, Speex and Encodec',
  options,
  /** A codec that this ffmpeg does not have is told before anything is made. @throws UserError (exit 4). */
  async bring({ codecs }) {
    const folder = await mkdtemp(join(tmpdir(), 'masque-codecs-'));
    try {
      const silence = { sampleRate: 16_000, samples: new Float32Array(1600) };
      for (const codec of codecs) {
        const rates = ratesKbps[codec];
        await encodeSound(silence, codec, typeof rates === 'string' ? undefined : rates[0], folder);
      }
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
    return { files: {}, info: {} };
  },
  series: ({ codecs }) =>
    [...new Set(codecs)].map((codec) => ({
      name: `sound-codecs/${codec}`,
      changes: 'sound',
      levels: levels(codec),
    })),
};

function levels(codec: SoundCodecName): { severity: string; distort: Distortion }[] {
  const distort = (kbps?: number): Distortion =>
    onSound((audio, _draw, folder) => throughCodec(audio, codec, kbps, folder));
  const rates = ratesKbps[codec];
  if (typeof rates === 'string') return [{ severity: rates, distort: distort() }];
  const nominal = codec === 'vorbis' ? ' nominal' : '';
  return rates.map((kbps) => ({ severity: `${kbps} kbit/s${nominal}`, distort: distort(kbps) }));
}
