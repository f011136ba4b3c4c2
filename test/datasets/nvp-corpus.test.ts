import { cp, mkdtemp, readFile, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { nvpCorpus } from '../../datasets/nvp-corpus/index.ts';
import { UserError } from '../../src/errors.ts';
import { createRng } from '../../src/random.ts';
import { readTensors } from '../../src/tensors.ts';
import type { Clip } from '../../src/types.ts';
import { directContext } from '../support/context.ts';
import { coefficients, columns, expressionText, npy, rows, writeTarget } from '../support/nvp-corpus.ts';

let root: string;
let folder: string;
const rng = createRng(4, 'corpus');
const windows = Array.from({ length: 12 }, () =>
  Array.from({ length: rows * columns }, () => rng.normal(0, 5)),
);
const expressions = windows.map(() => Array.from({ length: coefficients }, () => rng.normal()));

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'masque-nvp-'));
  await writeTarget(join(root, 'good'), 'B', windows, expressions);
  await writeTarget(join(root, 'good'), 'A', windows.slice(0, 3), expressions.slice(0, 3));
});
afterAll(() => rm(root, { recursive: true }));

async function read(path: string, more: object = {}): Promise<Clip[]> {
  const clips: Clip[] = [];
  const options = nvpCorpus.options.parse({ path, licence: 'CC0', ...more });
  for await (const clip of nvpCorpus.clips(options, directContext(root))) clips.push(clip);
  return clips;
}

test('targets come by name, each with every window and every row as written', async () => {
  const clips = await read(join(root, 'good'));
  expect(clips.map(({ id, use, licence, sources }) => [id, use, licence, sources])).toEqual([
    ['A', 'fit', 'CC0', ['A']],
    ['B', 'fit', 'CC0', ['B']],
  ]);
  const tensors = await readTensors(clips[1]!.coefficients!.path);
  expect(tensors['windows']).toEqual({ shape: [12, rows, columns], data: Float32Array.from(windows.flat()) });
  expect(tensors['expressions']!.shape).toEqual([12, coefficients]);
  expressions.flat().forEach((value, i) => expect(tensors['expressions']!.data[i]).toBeCloseTo(value, 5));
});

test.each([
  ['zeroed', [32, 41, 71, 72, 73, 74, 75]],
  ['code', [32, 41, 71, 72, 73, 74]],
])('brows %s', async (brows, silent) => {
  const [clip] = await read(join(root, 'good'), { brows });
  const { data } = (await readTensors(clip!.coefficients!.path))['expressions']!;
  const still = Array.from({ length: coefficients }, (_, k) => k).filter((k) =>
    [0, 1, 2].every((t) => data[t * coefficients + k] === 0),
  );
  expect(still).toEqual(silent);
});

describe('a damaged corpus is refused with what is wrong and where', () => {
  beforeEach(async () => {
    folder = join(root, 'bad');
    await rm(folder, { recursive: true, force: true });
    await cp(join(root, 'good'), folder, { recursive: true });
  });
  const frame = (t: number): string => join(folder, 'TARGETS/B/audio_feature', `${t}.deepspeech.npy`);
  const table = (): string => join(folder, 'TARGETS/B/expression.txt');
  const put = (bytes: Buffer) => (): Promise<void> => writeFile(frame(5), bytes);
  const puts = (text: string) => (): Promise<void> => writeFile(table(), text);
  const changed = (value: number): number[] => windows[5]!.with(7, value);
  const good = npy(windows[5]!);

  test.each<[string, () => Promise<unknown>, RegExp]>([
    ['a frame is missing', () => rm(frame(5)), /audio_feature: frame 5 is missing \(after 4\.deepspeech/],
    ['the last frame is missing', () => rm(frame(11)), /expression\.txt: 12 rows for 11 frames/],
    ['a frame is there twice', () => cp(frame(5), frame(5).replace('5.d', '05.d')), /frame 5 is there twice/],
    [
      'no frame is there',
      () => rename(frame(0).slice(0, -17), join(folder, 'away')),
      /audio_feature: cannot be read/,
    ],
    [
      'a frame is a link',
      async () => {
        await rm(frame(5));
        await symlink(frame(4), frame(5));
      },
      /frame 5 is missing/,
    ],
    [
      'another shape',
      put(npy(windows[5]!, { shape: [columns, rows] })),
      /5\.deepspeech\.npy: has the shape 29×16, expected float64 16×29/,
    ],
    [
      'another number of axes',
      put(npy(windows[5]!, { shape: [rows * columns, 1, 1] })),
      /has the shape 464×1×1/,
    ],
    ['single precision', put(npy(windows[5]!, { descr: '<f4' })), /holds values of type "<f4"/],
    ['objects', put(npy(windows[5]!, { descr: '|O' })), /holds values of type "\|O"/],
    ['Fortran order', put(npy(windows[5]!, { fortran: true })), /column by column \(Fortran order\)/],
    ['not a number', put(npy(changed(NaN))), /5\.deepspeech\.npy: value 8 of 464 is not a finite number/],
    ['infinite', put(npy(changed(-Infinity))), /value 8 of 464 is not a finite number/],
    ['beyond single precision', put(npy(changed(1e300))), /value 8 of 464 is not a finite number/],
    ['cut in the values', put(good.subarray(0, good.length - 8)), /3704 bytes of values, expected 3712/],
    ['cut in the header', put(good.subarray(0, 40)), /its header is cut short/],
    ['cut in the first bytes', put(good.subarray(0, 7)), /not a file of numpy\.save, or cut short/],
    ['empty', put(Buffer.alloc(0)), /not a file of numpy\.save/],
    ['bytes to spare', put(Buffer.concat([good, Buffer.alloc(1)])), /3713 bytes of values/],
    [
      'a version nobody knows',
      put(Buffer.from(good.map((byte, i) => (i === 6 ? 9 : byte)))),
      /unknown version \(9\)/,
    ],
    [
      'no dictionary',
      put(Buffer.from(good.map((byte, i) => (i > 9 && i < 40 ? 32 : byte)))),
      /does not describe an array/,
    ],
    ['something large', put(Buffer.alloc(70_000)), /larger than any such file/],
    ['no coefficients', () => rm(table()), /expression\.txt: cannot be read \(ENOENT\)/],
    ['an empty table', puts(''), /expression\.txt: is empty/],
    [
      '75 columns',
      puts(expressionText(expressions.map((row) => row.slice(1)))),
      /expression\.txt:1: 75 coefficients, expected 76/,
    ],
    [
      'an empty row',
      puts(expressionText(expressions).replace('\n', '\n\n')),
      /expression\.txt:2: 0 coefficients/,
    ],
    [
      'a word',
      puts(expressionText(expressions).replace(/ \S+\n$/, ' nan\n')),
      /expression\.txt:12: "nan" is not a finite number/,
    ],
    [
      'a hexadecimal',
      puts(expressionText(expressions).replace(/^\S+/, '0x10')),
      /expression\.txt:1: "0x10" is not/,
    ],
    ['one row less', puts(expressionText(expressions.slice(1))), /11 rows for 12 frames/],
    [
      'no target',
      async () => {
        await rm(join(folder, 'TARGETS/A'), { recursive: true });
        await rm(join(folder, 'TARGETS/B'), { recursive: true });
      },
      /no target's folder in/,
    ],
    [
      'no folder',
      () => rm(folder, { recursive: true }),
      /TARGETS cannot be read \(ENOENT\). Set dataset\.path/,
    ],
  ])('%s', async (_, damage, message) => {
    await damage();
    const failure = await read(folder).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(UserError);
    expect((failure as Error).message).toMatch(message);
  });
});

test('what numpy.save of versions 2 and 3 writes is read too', async () => {
  const first = npy(windows[0]!);
  const header = first.subarray(10, first.length - rows * columns * 8);
  const start = Buffer.from('\u0093NUMPY\u0002\0????', 'latin1');
  start.writeUInt32LE(header.length, 8);
  await cp(join(root, 'good'), join(root, 'second'), { recursive: true });
  const path = join(root, 'second/TARGETS/A/audio_feature/0.deepspeech.npy');
  await writeFile(path, Buffer.concat([start, header, first.subarray(10 + header.length)]));
  expect((await readFile(path)).length).toBe(first.length + 2);
  const [clip] = await read(join(root, 'second'));
  expect((await readTensors(clip!.coefficients!.path))['windows']!.data[3]).toBe(
    Math.fround(windows[0]![3]!),
  );
});
