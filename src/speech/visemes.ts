/** Visemes: what a phone looks like on the lips, and which is seen when. Phones that share one cannot be told apart by eye. */
import type { PhoneSpan } from '../types.ts';
import { frameSeconds } from './articulate.ts';
import { phoneSymbol, type PhoneSymbol } from './phones.ts';

/** Lips and teeth first, then what opens the mouth little to wide. */
const groups: readonly (readonly PhoneSymbol[])[] = [
  ['sil'],
  ['p', 'b', 'm'],
  ['f', 'v'],
  ['th', 'dh'],
  ['t', 'd', 'n', 'l'],
  ['s', 'z'],
  ['sh', 'zh', 'ch', 'jh'],
  ['k', 'g', 'ng', 'hh', 'kh'],
  ['w', 'uw', 'uh', 'ow', 'ue'],
  ['r', 'er', 'oe'],
  ['iy', 'ih', 'ey', 'y'],
  ['eh', 'ah', 'ax'],
  ['ae', 'aa', 'ao', 'ay', 'aw', 'oy'],
];

export const visemeCount = groups.length;

const visemes = new Map(groups.flatMap((symbols, viseme) => symbols.map((symbol) => [symbol, viseme])));

/** 0 (silence) to `visemeCount` − 1. Throws RangeError on an unknown phone, as `phoneSymbol`. */
export function visemeOf(phone: string): number {
  const viseme = visemes.get(phoneSymbol(phone));
  if (viseme === undefined) throw new Error(`phone "${phone}" is in no group of visemes`);
  return viseme;
}

/** The viseme spoken in the middle of each frame; silence where no span covers it. */
export function visemesOf(phones: readonly PhoneSpan[], fps: number, frameCount: number): Int32Array {
  return Int32Array.from({ length: frameCount }, (_, t) => {
    const time = frameSeconds(t, fps);
    return visemeOf(phones.find(({ start, end }) => time >= start && time < end)?.phone ?? 'sil');
  });
}
