import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ItemError } from '../../src/errors.ts';
import { loadLogistic, trainLogistic } from '../../src/learn/train-logistic.ts';
import { createRng } from '../../src/random.ts';
import type { Examples, LabelledClip } from '../../src/types.ts';
import { describeClip } from '../support/clips.ts';
import { directContext } from '../support/context.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'masque-logistic-'));
});
afterAll(() => rm(folder, { recursive: true }));

const labelled = (split: string, count: number): LabelledClip[] =>
  Array.from({ length: count }, (_, i) => ({
    clip: describeClip(`${split}${i}`, []),
    truth: i % 2 === 0 ? 'real' : 'fake',
  }));
const examples: Examples = { train: labelled('train', 20), validation: labelled('validation', 8) };

/** One telling feature and one that is noise; odd clips are fake. */
async function featuresOf({ clip: { id } }: LabelledClip): Promise<number[]> {
  const rng = createRng(1, id);
  return [rng.normal(Number(id.replace(/\D/g, '')) % 2, 0.3), rng.normal()];
}

describe('trainLogistic', () => {
  it('learns, chooses on validation and leaves out clips without features', async () => {
    const model = await trainLogistic(
      'toy',
      examples,
      async (example) => {
        if (example.clip.id === 'train3') throw new ItemError('E_TOO_SHORT', 'train3: too short');
        return featuresOf(example);
      },
      directContext(folder),
    );
    expect(model.info).toMatchObject({ leftOut: 1, examples: { train: 19, validation: 8 } });
    expect(model.info['validationLoss']).toBeLessThan(0.4);
    const decide = await loadLogistic(model);
    expect(decide([1, 0])).toBeGreaterThan(0.5);
    expect(decide([0, 0])).toBeLessThan(-0.5);
  });

  it('says so when a class has no features left, and passes bugs on', async () => {
    const onlyReal = async (example: LabelledClip): Promise<number[]> => {
      const { id } = example.clip;
      if (/[13579]$/.test(id)) throw new ItemError('E_NOT_APPLICABLE', `${id}: no face`);
      return featuresOf(example);
    };
    await expect(trainLogistic('toy', examples, onlyReal, directContext(folder))).rejects.toThrow(
      'detector "toy" cannot learn: 10 real and 0 fake clips of split "train"',
    );
    const buggy = async (): Promise<number[]> => {
      throw new TypeError('a bug');
    };
    await expect(trainLogistic('toy', examples, buggy, directContext(folder))).rejects.toThrow(TypeError);
  });
});
