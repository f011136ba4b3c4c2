/** Speaking: words and a voice in, sound and the exact times of the phones out. */
import type { Rng } from '../random.ts';
import type { Audio, PhoneSpan } from '../types.ts';
import { controlTrack } from './control-track.ts';
import { intonation } from './intonation.ts';
import { speechSampleRate, synthesize } from './klatt.ts';
import { phones, phoneSymbol } from './phones.ts';
import { inRoom } from './room.ts';
import { fitPhones, timePhones } from './timing.ts';
import type { Voice } from './voice.ts';

/** Level of the speech itself, and the highest sample that may occur. */
const speechLevel = 0.09;
const highestPeak = 0.95;

export type Speech = { words: readonly string[]; voice: Voice; rng: Rng; durationSeconds: number };
export type Utterance = { audio: Audio; phones: PhoneSpan[] };

/**
 * Says a sentence in exactly `durationSeconds` (16 kHz, mono, within ±0.95), silence before and after included.
 * @param words As `makeSentence` or `wordsOfText` give them; may contain `pause`. @param rng Decides pitch accents, noise and the length of the leading silence.
 * Throws when a word has other letters than a to z, or the sentence is too long for the clip.
 */
export function speak(asked: Speech): Utterance {
  const { words, voice, rng, durationSeconds } = asked;
  const timed = timePhones(words, voice.rate);
  const spans = phonesSpoken(asked);
  const accents = spans.filter((_, i) => timed[i - 1]?.accented);
  const speech = { start: spans[0]!.end, end: spans.at(-1)!.start };
  const f0 = intonation(accents, speech, voice, rng.fork('intonation'));
  const dry = synthesize(
    controlTrack(spans, voice, f0),
    { ...voice, tilt: voice.breathiness },
    rng.fork('synthesis'),
  );
  const sampleCount = Math.round(durationSeconds * speechSampleRate);
  const level = speechLevel * 10 ** (rng.fork('level').normal(0, 1) / 20);
  const samples = inRoom(atLevel(dry.subarray(0, sampleCount), level, speech), voice.room, rng.fork('room'));
  return { audio: { sampleRate: speechSampleRate, samples: keepBelow(samples, highestPeak) }, phones: spans };
}

/** The phones of what `speak` says, without saying it. */
export const phonesSpoken = ({ words, voice, rng, durationSeconds }: Speech): PhoneSpan[] =>
  fitPhones(timePhones(words, voice.rate), durationSeconds, rng.fork('lead').uniform(0.25, 0.75));

/** A steady vowel (or the steady part of any voiced phone) at one pitch, dry, for measurements. */
export function sustain({
  phone,
  voice,
  f0Hz,
  durationSeconds,
  rng,
}: {
  phone: string;
  voice: Voice;
  f0Hz: number;
  durationSeconds: number;
  rng: Rng;
}): Audio {
  const spans = [{ start: 0, end: durationSeconds, phone }];
  const track = controlTrack(spans, voice, () => f0Hz);
  const samples = synthesize(track, { ...voice, tilt: voice.breathiness }, rng);
  const count = Math.round(durationSeconds * speechSampleRate);
  return {
    sampleRate: speechSampleRate,
    samples: atLevel(samples.subarray(0, count), speechLevel, { start: 0, end: durationSeconds }),
  };
}

/** Where the formants F1–F3 of a vowel lie in a voice, Hz. */
export const vowelFormantsHz = (phone: string, voice: Voice): number[] =>
  phones[phoneSymbol(phone)].formantsHz.map((hertz) => hertz * voice.formantScale);

function atLevel(samples: Float32Array, level: number, speech: { start: number; end: number }): Float32Array {
  const spoken = samples.subarray(
    Math.floor(speech.start * speechSampleRate),
    Math.ceil(speech.end * speechSampleRate),
  );
  const power = spoken.reduce((sum, value) => sum + value * value, 0) / spoken.length;
  return power > 0 ? samples.map((value) => (value * level) / Math.sqrt(power)) : samples;
}

function keepBelow(samples: Float32Array, highest: number): Float32Array {
  const peak = samples.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  return peak > highest ? samples.map((value) => (value * highest) / peak) : samples;
}
