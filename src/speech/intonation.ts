/** The pitch of a sentence: a falling line, a rise and fall on every accented vowel, a final fall, and the flutter of a living voice. */
import type { Rng } from '../random.ts';
import type { Span } from '../types.ts';
import type { Voice } from './voice.ts';

const accentWidthSeconds = 0.075;
const finalFallSeconds = 0.25;

/**
 * Pitch over time.
 * @param accents The accented vowels, in order.
 * @param speech From the first to the last phone.
 * @returns F0 in Hz at a time in seconds; it is defined everywhere, also where nothing is voiced.
 */
export function intonation(
  accents: readonly Span[],
  speech: Span,
  voice: Voice,
  rng: Rng,
): (seconds: number) => number {
  const peaks = accents.map(({ start, end }) => ({
    at: start + 0.45 * (end - start),
    semitones: voice.f0RangeSemitones * rng.uniform(0.5, 1),
  }));
  const flutterPhase = [rng.uniform(0, 6), rng.uniform(0, 6), rng.uniform(0, 6)];
  const length = speech.end - speech.start;
  return (seconds) => {
    const progress = Math.min(1, Math.max(0, (seconds - speech.start) / length));
    let semitones = 1.5 - 3 * progress;
    for (const peak of peaks)
      semitones += peak.semitones * Math.exp(-0.5 * ((seconds - peak.at) / accentWidthSeconds) ** 2);
    const intoFall = 1 - (speech.end - seconds) / finalFallSeconds;
    if (intoFall > 0) semitones -= 2.5 * Math.min(1, intoFall) ** 2;
    // Klatt & Klatt (JASA 87, 1990), equation 1: quasi-random flutter from three slow sines.
    const flutter = [12.7, 7.1, 4.7].reduce(
      (sum, hertz, i) => sum + Math.sin(2 * Math.PI * hertz * seconds + flutterPhase[i]!),
      0,
    );
    return voice.f0Hz * 2 ** (semitones / 12) * (1 + 0.005 * flutter);
  };
}
