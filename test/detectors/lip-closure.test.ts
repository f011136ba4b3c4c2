import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { lipClosure } from '../../detectors/lip-closure/index.ts';
import { cellsOf, extremes, inputs, standardized } from '../../detectors/lip-closure/reader.ts';
import { openClip } from '../../src/media/open-clip.ts';
import { createRng } from '../../src/random.ts';
import { cropHeight, cropWidth } from '../../src/sync/mouth-crops.ts';
import type { Clip, LabelledClip, Model } from '../../src/types.ts';
import { directContext } from '../support/context.ts';
import { talker } from '../support/talkers.ts';

const frameCount = 50;
let folder: string;
let model: Model;
let unseen: Clip;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'masque-lip-closure-'));
  const genuine = async (...ids: string[]): Promise<LabelledClip[]> => {
    const made: LabelledClip[] = [];
    for (const id of ids) made.push({ clip: await talker(folder, id, frameCount), truth: 'real' });
    return made;
  };
  const examples = {
    train: await genuine('a-0', 'b-0', 'c-0', 'c-1'),
    validation: await genuine('d-0', 'e-0'),
  };
  model = await lipClosure.train!(examples, {}, directContext(folder));
  unseen = await talker(folder, 'x-0', frameCount, 'test');
});
afterAll(() => rm(folder, { recursive: true }));

const score = async (clip: Clip): Promise<number> =>
  (await lipClosure.load(model, {}, 1)).score(openClip(clip));

test('lips that close when they must score 0, the same lips under phones of other moments do not', async () => {
  expect(model.info['openingCorrelation']).toBeGreaterThan(0.8);
  expect(await score(unseen)).toBeLessThan(0.2);
  const open = unseen.phones!.map((span) => ({ ...span, phone: span.phone === 'm' ? 'aa1' : 'm' }));
  expect(await score({ ...unseen, phones: open })).toBeGreaterThan(0.5);
});

test('without a /p b m/, without phones, without a track: not applicable, and why', async () => {
  const phones = [{ phone: 'aa1', start: 0, end: 2 }];
  await expect(score({ ...unseen, phones })).rejects.toMatchObject({
    code: 'E_NOT_APPLICABLE',
    message: 'x-0: no p, b or m is spoken in it',
  });
  const { phones: _, ...unheard } = unseen;
  await expect(score(unheard)).rejects.toThrow('nobody knows when which phone is spoken');
  const { track: __, ...unseenMouth } = unseen;
  await expect(score(unseenMouth)).rejects.toThrow('nobody knows where the mouth is');
});

test('cells are means of 4×4 pixels with a constant behind them', () => {
  const rng = createRng(1, 'cells');
  const crop = Float32Array.from({ length: cropHeight * cropWidth }, () => rng.normal());
  const cells = cellsOf([crop, crop]);
  for (const [column, row] of [
    [0, 0],
    [11, 7],
    [5, 3],
  ] as const) {
    let sum = 0;
    for (let y = 0; y < 4; y++)
      for (let x = 0; x < 4; x++) sum += crop[(row * 4 + y) * cropWidth + column * 4 + x]!;
    expect(cells[inputs + row * 12 + column]).toBeCloseTo(sum / 16, 6);
  }
  expect([cells[inputs - 1], cells[2 * inputs - 1]]).toEqual([1, 1]);
});

test('openings: in units of their spread, the least at a closure and the greatest at a vowel', () => {
  expect(standardized([1, 3])).toEqual([-1, 1]);
  expect(standardized([2, 2])).toEqual([0, 0]);
  const mouth = { cells: new Float64Array(0), frameCount: 4, closures: [[0, 1]], vowels: [[2, 3]] };
  expect(extremes([3, 1, 5, 4], mouth)).toEqual({ closures: [1], vowels: [5] });
});
