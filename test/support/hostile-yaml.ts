/** YAML files that want more than to be read, for any reader of a file with known keys. */

/** A file that the reader takes, ending in a line's end, and what it may hold: keys of the top that take a number, a map, and nothing else. */
export type Reader = { good: string; number: string; map: string };

/** `text` is to be refused with a message that says `told` (`file:line:column key: reason`, without the file), but for `accepted`. */
export type Fixture = { what: string; text: string | Uint8Array; told: RegExp; accepted?: true };

const laughs = (levels: number, width: number): string =>
  Array.from({ length: levels }, (_, i) =>
    i === 0
      ? `l0: &l0 [${Array(width).fill('ha').join(', ')}]`
      : `l${i}: &l${i} [${Array(width)
          .fill(`*l${i - 1}`)
          .join(', ')}]`,
  ).join('\n');
const nested = (open: string, close: string, depth: number): string =>
  open.repeat(depth) + close.repeat(depth);
const lines = (text: string): number => text.split('\n').length;
const escaped = (text: string): string => text.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&');

export function hostileYaml({ good, number, map }: Reader): Fixture[] {
  /** The line of what is added behind the good ones. */
  const at = lines(good);
  const yaml = (line = at): RegExp => new RegExp(`^:${line}:\\d+ \\(YAML\\): `, 'm');
  const key = (name: string, reason = '', line = at): RegExp =>
    new RegExp(`^:${line}:\\d+ ${escaped(name)}: ${reason}`, 'm');
  const added = (what: string, text: string, told: RegExp): Fixture => ({ what, text: good + text, told });
  const notAllowed = 'this key is not allowed';
  const unknown = 'unknown key';
  const wrong = (what: string, value: string, got: string): Fixture =>
    added(what, `${number}: ${value}\n`, key(number, `.*expected.*, got ${escaped(got)}`));
  const notText = /^:\d+:\d+ \(file\): expected a text file in UTF-8, got other bytes/;
  return [
    added('a billion laughs', `${laughs(9, 9)}\n`, /^:1:1 \(YAML\): .*(?:alias|at most 2000)/im),
    added('a billion laughs by two', `${laughs(30, 2)}\n`, /^:1:1 \(YAML\): .*(?:alias|at most 2000)/im),
    added(
      'one anchor, a thousand times',
      `a: &a [x, y]\nb: [${'*a, '.repeat(1000)}*a]\n`,
      /^:1:1 \(YAML\): .*alias/im,
    ),
    added('an alias of nothing', 'a: *nothing\n', /^:\d+:\d+ \(YAML\): .*alias/im),
    added('an alias of itself', 'a: &a [*a]\n', /^:\d+:\d+ /m),
    added('a merge of many maps', `a: &a { x: 1 }\n<<: [${'*a, '.repeat(1000)}*a]\n`, /^:\d+:\d+ /m),
    {
      what: '10 MB of keys',
      text: good + 'a: b\n'.repeat(2 << 20),
      told: /^:1:1 \(file\): expected at most 1 MiB, got \d{8} bytes/,
    },
    {
      what: '10 MB in one line',
      text: `${good}a: ${'x'.repeat(10 << 20)}\n`,
      told: /^:1:1 \(file\): expected at most 1 MiB, got \d{8} bytes/,
    },
    added('1 MB of one word', `a: ${'x'.repeat(1_000_000)}\n`, key('a', unknown)),
    added(
      '100,000 keys',
      Array.from({ length: 100_000 }, (_, i) => `${i}:\n`).join(''),
      /^:1:1 \(YAML\): expected at most/,
    ),
    added('900 keys', Array.from({ length: 900 }, (_, i) => `k${i}: 1\n`).join(''), key('k0', unknown)),
    added('lists in lists', `a: ${nested('[', ']', 20_000)}\n`, /^:\d+:\d+ /m),
    added('maps in maps', `a: ${nested('{a: ', '}', 20_000)}\n`, /^:\d+:\d+ /m),
    added('dashes in dashes', `a:\n  ${'- '.repeat(20_000)}x\n`, /^:\d+:\d+ /m),
    added('questions in questions', `? ${'? '.repeat(5000)}x\n`, /^:\d+:\d+ /m),
    added('a list that never ends', `a: ${'['.repeat(20_000)}\n`, /^:\d+:\d+ /m),
    added(
      'a thousand levels of indentation',
      `${Array.from({ length: 1000 }, (_, i) => `${' '.repeat(i)}a:`).join('\n')} 1\n`,
      /^:\d+:\d+ /m,
    ),
    added('a key twice', `${number}: 1\n${number}: 1\n`, yaml(at + 1)),
    added('a key twice in a map', `${map}:\n  a: 1\n  a: 1\n`, yaml(at + 2)),
    added('a key twice in one line', `${map}: { a: 1, a: 2 }\n`, yaml()),
    added('a tag of JavaScript', `${number}: !!js/function 'function () {}'\n`, yaml()),
    added('a tag of Python', `${number}: !!python/object/apply:os.system ['true']\n`, yaml()),
    added('a tag of its own', `${number}: !mine 1\n`, yaml()),
    added('a tag by a handle', `${number}: !x!y 1\n`, yaml()),
    added('bytes by a tag', `${number}: !!binary aGVsbG8=\n`, /^:\d+:\d+ /m),
    added('a date by a tag', `${number}: !!timestamp 2001-12-14\n`, /^:\d+:\d+ /m),
    added('a set by a tag', `${number}: !!set { a, b }\n`, /^:\d+:\d+ /m),
    added('a text by a tag', `${number}: !!str 1\n`, key(number, '.*expected.*, got "1"')),
    added('__proto__', '__proto__: { polluted: true }\n', key('__proto__', notAllowed)),
    added('"__proto__"', '"__proto__": { polluted: true }\n', key('__proto__', notAllowed)),
    added('"__pro\\u0074o__"', '"__pro\\u0074o__": { polluted: true }\n', key('__proto__', notAllowed)),
    added('constructor', 'constructor: { prototype: { polluted: true } }\n', key('constructor', notAllowed)),
    added('prototype', 'prototype: 1\n', key('prototype', notAllowed)),
    added(
      '__proto__ in a map',
      `${map}:\n  __proto__: { polluted: true }\n`,
      key(`${map}.__proto__`, notAllowed, at + 1),
    ),
    added(
      '__proto__ in one line',
      `${map}: { __proto__: { polluted: true } }\n`,
      key(`${map}.__proto__`, notAllowed),
    ),
    added(
      '__proto__ in a list',
      'a:\n  - b: 1\n  - __proto__: 1\n',
      key('a.1.__proto__', notAllowed, at + 2),
    ),
    added(
      '__proto__ by a merge',
      `a: &a { "__proto__": 1 }\n${map}: { <<: *a }\n`,
      key('a.__proto__', notAllowed),
    ),
    added('toString', 'toString: 1\n', key('toString', unknown)),
    added('hasOwnProperty', 'hasOwnProperty: 1\n', key('hasOwnProperty', unknown)),
    { what: 'NUL', text: `${good}a: "\0"\n`, told: notText },
    { what: 'UTF-16', text: Buffer.from(`\ufeff${good}`, 'utf16le'), told: notText },
    {
      what: 'Latin-1',
      text: Buffer.concat([Buffer.from(good), Buffer.from('# caf\xe9\n', 'latin1')]),
      told: notText,
    },
    {
      what: 'random bytes',
      text: Buffer.from(Array.from({ length: 1000 }, (_, i) => (i * 197 + (i >> 3)) & 255)),
      told: notText,
    },
    { what: 'a PNG', text: Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'), told: notText },
    { what: 'ends of lines of Windows', text: good.replaceAll('\n', '\r\n'), told: /^$/, accepted: true },
    { what: 'a mark of order', text: `\ufeff${good}`, told: /^$/, accepted: true },
    added('tabs for indentation', `${map}:\n\ta: 1\n`, /^:\d+:\d+ /m),
    added('a second document', `---\n${good}`, /^:\d+:\d+ \(YAML\): /m),
    { what: 'a list', text: '- a\n- b\n', told: /^:1:1 \(file\): .*expected.*, got \["a","b"\]/ },
    { what: 'a word', text: 'hello\n', told: /^:1:1 \(file\): .*expected.*, got "hello"/ },
    { what: 'a number', text: '42\n', told: /^:1:1 \(file\): .*expected.*, got 42/ },
    added('a quote that never ends', 'a: "b\n', /^:\d+:\d+ \(YAML\): /m),
    added('a bracket that never ends', 'a: [b\n', /^:\d+:\d+ \(YAML\): /m),
    added('a bracket that never began', 'a: b]]\n}\n', /^:\d+:\d+ \(YAML\): /m),
    added('a map in a value', 'a: b: c\n', yaml()),
    added('a list as a key', '? [a, b]\n: 1\n', /^:\d+:\d+ /m),
    added('a map as a key', '? { a: b }\n: 1\n', /^:\d+:\d+ /m),
    added('nothing as a key', ': 1\n', /^:\d+:\d+ /m),
    added('null as a key', '~: 1\n', /^:\d+:\d+ /m),
    added('a number as a key', '7: 1\n', key('7', unknown)),
    added('an escape as a key', '"\\e[31m\\u202e": 1\n', /^:\d+:\d+ .*unknown key/m),
    added('lines in a key', '"a\\nb": 1\n', /^:\d+:\d+ /m),
    added('100 kB as a key', `? ${'k'.repeat(100_000)}\n: 1\n`, /^:\d+:\d+ /m),
    added('a key mistyped', `${number}x: 1\n`, key(`${number}x`, `${unknown}; did you mean "${number}"`)),
    wrong('a text for a number', 'many', '"many"'),
    wrong('a list for a number', '[1]', '[1]'),
    wrong('a map for a number', '{ a: 1 }', '{"a":1}'),
    wrong('no number', '.nan', ''),
    wrong('more than all numbers', '.inf', ''),
    wrong('too many digits', '99999999999999999999999', ''),
    added('less than nothing', `${number}: -1\n`, key(number, '')),
    added('a half', `${number}: 0.5\n`, key(number, '')),
    added('a yes for a number', `${number}: yes\n`, key(number, '.*expected.*, got "yes"')),
    added('a list for a map', `${map}: [1]\n`, key(map, '.*expected.*, got \\[1\\]')),
    added('a text for a map', `${map}: x\n`, key(map, '.*expected.*, got "x"')),
    added('an unknown key in a map', `${map}:\n  nothing: 1\n`, key(`${map}.nothing`, unknown, at + 1)),
  ];
}

/** Of what random files are made. */
export const yamlPieces = [
  'a',
  'b: ',
  '\n',
  '  ',
  '    ',
  '\t',
  '- ',
  '? ',
  ': ',
  ',',
  '[',
  ']',
  '{',
  '}',
  '"',
  "'",
  '#',
  '|\n',
  '>\n',
  '%YAML 1.1\n',
  '---\n',
  '...\n',

  '&a ',
  '*a',
  '<<: ',
  '!!str ',
  '!!int ',
  '!!set ',
  '!!map ',
  '!x ',
  '~',
  'null',
  'true',
  '.nan',
  '-.inf',
  '0x7f',
  '1e999',
  '-0',
  '1:20',
  '2001-12-14',

  '__proto__: ',
  'constructor: ',
  '\\x',
  '\u202e',
  '\u2028',
  '\ufeff',
  '\u0007',
  '\u{1f441}',
  'x'.repeat(300),
];
