/** Names of files that somebody might hope to be more than names. */
import fc from 'fast-check';

const pieces = [
  '..',
  '..%2f',
  '%2e',
  '\\',
  '\n',
  '\r',
  '\t',
  ' ',
  '\u202e',
  '\u200b',
  '\u001b[31m',
  '$(touch x)',
  '`touch x`',
  ';',
  '|',
  '&',
  '*',
  '?',
  '<',
  '>',
  '"',
  "'",
  '~',
  ':',
  ',',
  '=',
  '#',
  '%d',
  '%s',
  '[0]',
  '{}',
  '-',
  '-i',
  '-y',
  'file:',
  'pipe:0',
  'concat:',
  'subfile,,',
  'http://',
  '__proto__',
  'constructor',
  'null',
  'NUL',
  'CON',
  'é',
  'é',
  '漢',
  '👁',
  'a',
  'B',
  '0',
  '.',
  'x'.repeat(60),
];

/** `count` of them, all different, each a photo's that a file system takes: no slash, no NUL, at most 255 bytes; none hidden. */
export function hostileNames(count: number): string[] {
  const name = fc
    .array(fc.constantFrom(...pieces), { minLength: 1, maxLength: 8 })
    .map((parts) => parts.join('').replaceAll('/', ''))
    .filter((text) => text !== '' && !text.startsWith('.') && Buffer.byteLength(text) <= 250)
    .map((text) => `${text}.png`);
  return fc.sample(fc.uniqueArray(name, { minLength: count, maxLength: count }), { seed: 1, numRuns: 1 })[0]!;
}
