import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { parse, stringify } from 'yaml';
import { bringModel } from '../../src/brought/bring.ts';
import { readManifest } from '../../src/brought/manifest.ts';
import { fakeness } from '../../src/brought/network.ts';
import { inputShape, outputToSquare, squareToInput } from '../../src/brought/squares.ts';
import { createRng } from '../../src/random.ts';
import { directContext } from '../support/context.ts';

type Entry = Record<string, unknown> & { input: object; output: object };
const golden = 'test/golden/models';
const { models } = parse(readFileSync(`${golden}/manifest.yaml`, 'utf8')) as { models: Entry[] };
const folder = mkdtempSync(join(tmpdir(), 'masque-manifest-'));
copyFileSync(`${golden}/roughness.onnx`, join(folder, 'roughness.onnx'));
afterAll(() => rmSync(folder, { recursive: true }));

const manifest = join(folder, 'manifest.yaml');
/** The golden entry with other values; one that is undefined is left out. */
const write = (change: object): void =>
  writeFileSync(manifest, stringify({ models: [{ ...models[0], ...change }] }));
const bring = (model = 'roughness', gives: 'score' | 'picture' = 'score') =>
  bringModel({ model, manifest }, gives, directContext(folder));

const mistakes: [what: string, change: object, cause: RegExp][] = [
  ['no licence', { licence: undefined }, /licence: /],
  ['an empty licence', { licence: ' ' }, /licence: state the licence/],
  ['an unknown licence', { licence: 'unknown' }, /licence: state the licence/],
  ['no hash', { sha256: undefined }, /sha256: /],
  ['half a hash', { sha256: 'ab12' }, /sha256: expected the 64/],
  [
    'another hash',
    { sha256: '0'.repeat(64) },
    /roughness\.onnx: its SHA-256 is 2594.*the manifest has 0000.*Get the right file/,
  ],
  ['no source', { source: '' }, /source: state where/],
  ['a file elsewhere', { file: '../roughness.onnx' }, /file: must lie beside/],
  ['a file at an absolute path', { file: '/etc/passwd' }, /file: must lie beside/],
  [
    'a file that is not there',
    { file: 'none.onnx' },
    /none\.onnx: cannot be read \(ENOENT\)\. Its source: test/,
  ],
  [
    'no word on which end means fake',
    { output: { ...models[0]!.output, fakeIs: undefined } },
    /output\.fakeIs: /,
  ],
  ['another layout', { input: { ...models[0]!.input, layout: 'NWHC' } }, /input\.layout: /],
  ['a spread of zero', { input: { ...models[0]!.input, std: [1, 0, 1] } }, /input\.std\.1: /],
  ['a field that it does not know', { input: { ...models[0]!.input, resize: 299 } }, /resize/],
  [
    'another size than the network takes',
    { input: { ...models[0]!.input, sizePx: 31 } },
    /does not run on a square of 31 px/,
  ],
  [
    'another name of the input',
    { input: { ...models[0]!.input, name: 'image' } },
    /has not the input "image" alone, but "pixels"/,
  ],
];

describe('a manifest with', () => {
  test.each(mistakes)('%s is refused, and says what and where', async (_what, change, cause) => {
    write(change);
    const refused = await bring().catch((error: Error) => error);
    expect(refused).toMatchObject({ name: 'UserError', exitCode: 2 });
    expect((refused as Error).message).toMatch(cause);
    expect((refused as Error).message.startsWith(folder)).toBe(true);
  });
});

test('a model that is not there is refused with those that are, and one for another purpose too', async () => {
  write({});
  await expect(bring('')).rejects.toThrow('no model is named. Set "model" to one of: roughness');
  await expect(bring('roughnes')).rejects.toThrow('did you mean "roughness"?');
  await expect(bring('roughness', 'picture')).rejects.toThrow('gives a logit; here it must give a picture');
  expect(() => readManifest(join(folder, 'none.yaml'), 'a')).toThrow('cannot be read (ENOENT)');
  writeFileSync(manifest, 'models: [');
  await expect(bring()).rejects.toThrow('manifest.yaml:1:10 (YAML): ');
});

test('every mistake at once, with line, column and the model that has it', async () => {
  const fine = stringify({ models: [{ ...models[0], name: 'other' }] });
  const wrong = stringify([{ ...models[0], sizepx: 1, output: { ...models[0]!.output, meaning: 'odds' } }]);
  writeFileSync(manifest, fine + wrong.replaceAll(/^/gm, '  '));
  const line = (text: string) => readFileSync(manifest, 'utf8').split('\n').indexOf(text) + 1;
  const told = await bring().catch((error: Error) => error.message.replaceAll(manifest, ''));
  expect((told as string).split('\n')).toEqual([
    `:${line('      meaning: odds')}:7 models.1.output.meaning: expected a meaning: logit, probability or picture, got "odds"`,
    expect.stringMatching(
      `^:${line('    sizepx: 1')}:5 models\\.1\\.sizepx: unknown key\\. Known: name, file`,
    ) as string,
  ]);
});

test('the manifest of the repository is one', () => {
  expect(() => readManifest('models/manifest.yaml', 'none')).toThrow('there is no model "none"');
});

test('squares become what the manifest says, value by value, and back', () => {
  const rng = createRng(1, 'squares');
  const sizePx = 5;
  const rgb = Uint8Array.from({ length: 3 * sizePx * sizePx }, () => rng.int(256));
  const [mean, std] = [[0.485, 0.456, 0.406] as const, [0.229, 0.224, 0.225] as const];
  for (const layout of ['NCHW', 'NHWC'] as const)
    for (const colours of ['RGB', 'BGR'] as const) {
      const picture = {
        divideBy: 255,
        mean: [...mean] as [number, number, number],
        std: [...std] as [number, number, number],
      };
      const input = { name: 'x', layout, colours, sizePx, shown: 1, ...picture };
      const values = squareToInput(rgb, input);
      expect(inputShape(input)).toEqual(layout === 'NCHW' ? [1, 3, 5, 5] : [1, 5, 5, 3]);
      let at = 0;
      const [outer, middle, inner] = layout === 'NCHW' ? [3, 5, 5] : [5, 5, 3];
      for (let i = 0; i < outer; i++)
        for (let j = 0; j < middle; j++)
          for (let k = 0; k < inner; k++) {
            const [channel, y, x] = layout === 'NCHW' ? [i, j, k] : [k, i, j];
            const colour = { RGB: [0, 1, 2], BGR: [2, 1, 0] }[colours][channel]!;
            const byte = rgb[(y * sizePx + x) * 3 + colour]!;
            expect(values[at++]).toBeCloseTo((byte / 255 - mean[channel]!) / std[channel]!, 5);
          }
      expect(outputToSquare(values, input, { name: 'y', meaning: 'picture', ...picture })).toEqual(rgb);
    }
});

test('values beyond black and white are cut', () => {
  const input = {
    name: 'x',
    layout: 'NHWC' as const,
    colours: 'RGB' as const,
    sizePx: 1,
    shown: 1,
    divideBy: 1,
    mean: [0, 0, 0] as [number, number, number],
    std: [1, 1, 1] as [number, number, number],
  };
  const output = {
    name: 'y',
    meaning: 'picture' as const,
    divideBy: 127.5,
    mean: [1, 1, 1] as [number, number, number],
    std: [1, 1, 1] as [number, number, number],
  };
  expect([...outputToSquare([-1.5, 0.5, 9], input, output)]).toEqual([0, 191, 255]);
});

test('higher means fake, whatever the order of the model', () => {
  const say = (values: number[], meaning: 'logit' | 'probability', fakeIs: 0 | 1): number =>
    fakeness(values, { name: 'y', meaning, fakeIs });
  expect(say([3], 'logit', 1)).toBe(3);
  expect(say([3], 'logit', 0)).toBe(-3);
  expect(say([0.75], 'probability', 1)).toBe(0.75);
  expect(say([0.75], 'probability', 0)).toBe(0.25);
  expect(say([3, 5], 'logit', 1)).toBe(2);
  expect(say([3, 5], 'logit', 0)).toBe(-2);
  expect(say([0.25, 0.75], 'probability', 1)).toBe(0.75);
  expect(say([0.25, 0.75], 'probability', 0)).toBe(0.25);
});
