/** Words of others in messages: on the command line and on the review page the same things are written out. */
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { quoted, shown } from '../../src/shown.ts';

const dom = join(import.meta.dirname, '../../src/screening/page/dom.js');
const { seen } = (await import(dom)) as { seen(text: string): string };

test.each([
  ['a turned end', 'invoice-\u202e4pm.exe', String.raw`invoice-\u202e4pm.exe`],
  ['spaces of no width', 'a\u200bb\u2060c\ufeff.mp4', String.raw`a\u200bb\u2060c\ufeff.mp4`],
  ['a soft hyphen and a filler', 'in\u00advoice\u3164.mp4', String.raw`in\u00advoice\u3164.mp4`],
  ['tags', 'a\u{e0041}\u{e007f}.mp4', String.raw`a\u{e0041}\u{e007f}.mp4`],
  ['signs of emoji in words', 'a\u200db1\ufe0f😀\ufe0f.mp4', String.raw`a\u200db1\ufe0f😀\ufe0f.mp4`],
])('%s cannot be seen and is written out', (_, name, written) => {
  expect(seen(name)).toBe(written);
  expect(shown(name)).toBe(`"${written}"`);
  expect(quoted(name)).toBe(`"${written}"`);
});

test.each([
  '👩\u200d👩\u200d👧.mp4',
  '❤\ufe0f 🏳\ufe0f\u200d🌈 1\ufe0f\u20e3.mp4',
  'مقابلة مع الوزير.mp4',
  'café ☕.mp4',
])('%s is shown as it is', (name) => {
  expect(seen(name)).toBe(name);
  expect(shown(name)).toBe(name);
});
