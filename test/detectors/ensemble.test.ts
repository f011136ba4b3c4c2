import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ensemble } from '../../detectors/ensemble/index.ts';
import { ItemError } from '../../src/errors.ts';
import type { Examples, Others, Truth } from '../../src/types.ts';
import { describeClip, openFrames } from '../support/clips.ts';
import { directContext } from '../support/context.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'masque-ensemble-'));
});
afterAll(() => rm(folder, { recursive: true }));

const kinds: Truth[] = ['real', 'fake', 'real', 'fake', 'real', 'fake', 'real', 'fake'];
const validation = kinds.map((truth, i) => ({ clip: describeClip(`${i}`, []), truth }));
const options = ensemble.options.parse({});
const learn = (scores: Others['scores']) =>
  ensemble.train!({ train: [], validation } as Examples, options, directContext(folder), {
    labels: ['frames', 'lips'],
    scores,
  });
const number = (id: string): number => Number(id) + (kinds[Number(id)] === 'fake' ? 3 : 0);

test('learns from fakes that a member is no question for, and judges such fakes', async () => {
  // As of portraits of nobody, whose lips nobody can find: no fake has the second one's score.
  const model = await learn(async ({ id }) => [number(id), kinds[Number(id)] === 'fake' ? null : 0]);
  expect(model.info).toMatchObject({
    examples: 8,
    leftOut: 0,
    bestSingle: 'frames',
    members: [
      { label: 'frames', validationAuc: expect.any(Number) },
      { label: 'lips', validationAuc: null, weight: 0 },
    ],
  });
  const { score } = await ensemble.load(model, options, 1);
  const of = (...said: (number | null)[]) => score(openFrames('x', []), said);
  expect(await of(9, null)).toBeGreaterThan(await of(1, null));
  expect(await of(9, 5)).toBe(await of(9, null));
});

test('clips of which a member fails are left out and counted; where no member tells both kinds, it says so', async () => {
  const failing: Others['scores'] = async ({ id }) => {
    if (id === '0') throw new ItemError('E_DECODE', '0: frame 3, missing');
    return [number(id), 1];
  };
  expect((await learn(failing)).info).toMatchObject({ examples: 7, leftOut: 1 });
  const halves: Others['scores'] = async ({ id }) => (kinds[Number(id)] === 'fake' ? [1, null] : [null, 1]);
  await expect(learn(halves)).rejects.toThrow('none of its members scores both real and fake ones');
});
