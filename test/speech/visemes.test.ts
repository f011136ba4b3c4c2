import { expect, it } from 'vitest';
import { mouthShapes } from '../../src/speech/mouth-shapes.ts';
import { visemeCount, visemeOf, visemesOf } from '../../src/speech/visemes.ts';

const symbols = Object.keys(mouthShapes);

it('every phone has a viseme and every viseme a phone; only /p b m/ close the lips', () => {
  expect(new Set(symbols.map(visemeOf))).toEqual(new Set(Array.from({ length: visemeCount }, (_, i) => i)));
  expect(symbols.filter((phone) => visemeOf(phone) === visemeOf('m'))).toEqual(['m', 'p', 'b']);
  expect(visemeOf('ae1')).toBe(visemeOf('ae0'));
  expect(() => visemeOf('xx')).toThrow('"xx" is not a phone');
});

it('is what is spoken in the middle of a frame, silence where nothing is', () => {
  const phones = [
    { phone: 'm', start: 0, end: 0.05 },
    { phone: 'aa1', start: 0.06, end: 0.1 },
  ];
  // Middles at 0.02, 0.06, 0.1 and 0.14 s.
  expect([...visemesOf(phones, 25, 4)]).toEqual(['m', 'aa1', 'sil', 'sil'].map(visemeOf));
});
