/**
 * Do the lips meet on /p b m/? People notice when they do not, and no mean over frames shows it: closures are short and few.
 * Openings are those that the aperture reader reads from pixels.
 */
import { frameSeconds } from '../../src/speech/articulate.ts';
import { phones as phoneTable, phoneSymbol } from '../../src/speech/phones.ts';
import type { PhoneSpan } from '../../src/types.ts';

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

/** Openings of one or more clips: the least at each /p b m/, and the greatest at each vowel. */
export type LipOpenings = { closuresMm: number[]; vowelsMm: number[] };

/** The opening below which a person's lips count as closed: midway between how they close and how they open in real footage. */
export function closedBelowMm({ closuresMm, vowelsMm }: LipOpenings): number | undefined {
  if (closuresMm.length === 0 || vowelsMm.length === 0) return undefined;
  const mean = (values: readonly number[]): number => values.reduce((sum, v) => sum + v, 0) / values.length;
  return (mean(closuresMm) + mean(vowelsMm)) / 2;
}
