/**
 * Do the lips meet on /p b m/? People notice when they do not, and no mean over frames shows it: closures are short and few.
 * Openings are those that somebody reads from pixels: `puppetry` of its fakes, the detector `lip-closure` of any clip.
 */
import { mean } from '../mean.ts';
import { frameSeconds } from './articulate.ts';
import { phones as phoneTable, phoneSymbol } from './phones.ts';
import type { PhoneSpan } from '../types.ts';

/** The frame before a closure may show it already. */
const leadSeconds = 0.02;

/** For each /p b m/ the frames in which it shows, in order. */
export function closureFrames(phones: readonly PhoneSpan[], fps: number, frameCount: number): number[][] {
  return framesOf(phones, fps, frameCount, (phone) => ['p', 'b', 'm'].includes(phone));
}

/** The same for each vowel. */
export function vowelFrames(phones: readonly PhoneSpan[], fps: number, frameCount: number): number[][] {
  return framesOf(phones, fps, frameCount, (phone) => phoneTable[phoneSymbol(phone)].kind === 'vowel');
}

function framesOf(
  phones: readonly PhoneSpan[],
  fps: number,
  frameCount: number,
  wanted: (phone: string) => boolean,
): number[][] {
  const all = Array.from({ length: frameCount }, (_, i) => i);
  return phones
    .filter(({ phone }) => wanted(phone))
    .map(({ start, end }) =>
      all.filter((i) => frameSeconds(i, fps) > start - leadSeconds && frameSeconds(i, fps) < end),
    )
    .filter((frames) => frames.length > 0);
}

/** Openings of one or more clips: the least at each /p b m/, and the greatest at each vowel; in mm, or another unit that all of them share. */
export type LipOpenings = { closures: number[]; vowels: number[] };

/** The opening below which a person's lips count as closed: midway between how they close and how they open in real footage. */
export function closedBelow({ closures, vowels }: LipOpenings): number | undefined {
  if (closures.length === 0 || vowels.length === 0) return undefined;
  return (mean(closures) + mean(vowels)) / 2;
}
