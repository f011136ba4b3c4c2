/** What codecs leave of a sound: it is encoded, decoded, and put back where it was. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { exitCodes, UserError } from '../errors.ts';
import type { Audio } from '../types.ts';
import { decodeAudio } from './decode.ts';
import { requireSuccess } from './failure.ts';
import { addInput, command, runFfmpeg } from './ffmpeg.ts';
import { ffmpegVersion } from './tools.ts';

type Codec = {
  /** As ffmpeg calls it. */
  encoder: string;
  file: 'wav' | 'ogg' | 'mp3' | 'm4a';
  sampleRate: number;
  settings?: string[];
  /** What decoding leaves of the delay, at `sampleRate`. */
  delaySamples?: number;
};

/**
 * Telephony at the rates of telephones. MP3, AAC and Vorbis at 44.1 kHz: at lower ones they have no such bit rates as are asked of them (MP3
 * of 16 kHz ends at 160 kbit/s).
 */
const codecs = {
  'a-law': { encoder: 'pcm_alaw', file: 'wav', sampleRate: 8000 },
  'mu-law': { encoder: 'pcm_mulaw', file: 'wav', sampleRate: 8000 },
  /** The filters that split its two bands and join them, of 24 taps each, hold the sound back. */
  g722: { encoder: 'g722', file: 'wav', sampleRate: 16000, delaySamples: 22 },
  /** GSM 06.10 full rate, two frames in 65 bytes as WAV has it. */
  gsm: { encoder: 'libgsm_ms', file: 'wav', sampleRate: 8000 },
  /** Wide band. Of sound of 16 kHz older ffmpegs write a third of the delay into the file, hence its band is limited and not its rate. */
  opus: {
    encoder: 'libopus',
    file: 'ogg',
    sampleRate: 48000,
    settings: ['-cutoff', '8000', '-application', 'voip', '-vbr', 'off'],
  },
  mp3: { encoder: 'libmp3lame', file: 'mp3', sampleRate: 44100 },
  aac: { encoder: 'aac', file: 'm4a', sampleRate: 44100 },
  /** In two equal channels: with one it ends at 240 kbit/s. */
  vorbis: {
    encoder: 'libvorbis',
    file: 'ogg',
    sampleRate: 44100,
    settings: ['-af', 'pan=stereo|c0=c0|c1=c0'],
  },
} satisfies Record<string, Codec>;

export type SoundCodecName = keyof typeof codecs;

/** Silence behind the sound while it is encoded, so that its end leaves codecs that work in blocks and with delay. */
const silenceSeconds = 0.1;

/**
 * The sound after a round trip through a codec, at its own rate and length and, to 0.2 ms, in its own place. `kbps`: bit rate in
 * kbit/s of codecs that have several; of Vorbis the nominal one. `folder`: for files, which are gone afterwards. Equal sounds give equal sounds
 * with the same ffmpeg; encoders differ between versions.
 * @throws UserError (exit 4) where ffmpeg has no such encoder or the disk is full.
 */
export async function throughCodec(
  { samples, sampleRate }: Audio,
  name: SoundCodecName,
  kbps: number | undefined,
  folder: string,
): Promise<Audio> {
  const own = await mkdtemp(join(folder, 'sound-'));
  try {
    const path = await encodeSound({ samples, sampleRate }, name, kbps, own);
    const decoded = await decodeAudio(path, sampleRate);
    const { delaySamples = 0, ...codec }: Codec = codecs[name];
    const delay = Math.round((delaySamples * sampleRate) / codec.sampleRate);
    const back = decoded.samples.slice(delay, delay + samples.length);
    if (back.length < samples.length)
      throw new Error(`${path}: ${back.length} of ${samples.length} samples came back`);
    return { sampleRate, samples: back };
  } finally {
    await rm(own, { recursive: true, force: true });
  }
}

/** Writes the sound, and a little silence behind it, into a new file in `folder`. @returns its path. @throws as `throughCodec`. */
export async function encodeSound(
  { samples, sampleRate }: Audio,
  name: SoundCodecName,
  kbps: number | undefined,
  folder: string,
): Promise<string> {
  const { encoder, file, settings = [], ...codec }: Codec = codecs[name];
  const [raw, path] = [join(folder, 'sound.f32'), join(folder, `sound.${file}`)];
  const padded = new Float32Array(samples.length + Math.ceil(silenceSeconds * sampleRate));
  padded.set(samples);
  await writeFile(raw, padded);
  const task = addInput(command(), { kind: 'audio', demuxer: 'f32le', path: raw }).inputFormat('f32le');
  task.inputOptions('-ar', String(sampleRate), '-ac', '1');
  task.output(`file:${path}`).audioCodec(encoder);
  task.outputOptions('-ar', String(codec.sampleRate), '-threads', '1', ...settings);
  task.outputOptions('-flags:a', '+bitexact', '-fflags', '+bitexact', '-map_metadata', '-1');
  if (kbps !== undefined) task.outputOptions('-b:a', `${kbps}k`);
  const ending = await runFfmpeg(task);
  if (/Unknown encoder/.test(ending.stderr))
    throw new UserError(
      `${await ffmpegVersion()} has no encoder ${encoder}, which ${name} needs. Install one that has it (Debian: apt install ffmpeg), or leave ${name} out`,
      { exitCode: exitCodes.environment },
    );
  requireSuccess(path, ending);
  return path;
}
