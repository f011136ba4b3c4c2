import { setTimeout as wait } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { random } from '../../detectors/random.ts';
import { ItemError } from '../../src/errors.ts';
import type { LineItem } from '../../src/pipeline/items.ts';
import { othersOf, scoreAsTrained } from '../../src/pipeline/score.ts';
import type { ScoreInput } from '../../src/pipeline/score.job.ts';
import type { RunContext } from '../../src/pipeline/context.ts';
import type { Clip } from '../../src/types.ts';
import type { Trained } from '../../src/pipeline/train-detectors.ts';
import { describeClip } from '../support/clips.ts';

const describeItem = (id: string): LineItem => {
  const clip = { ...describeClip(id, []), labels: { video: 'real' as const } };
  return { item: clip, clip };
};
const items = ['a', 'b', 'c'].map(describeItem);
const trained = (label: string): Trained =>
  ({ label, detector: random, judges: 'any', options: label }) as unknown as Trained;

/** Scores are the detector and the clip; every job takes a moment. `whenAsked` resolves once the question is asked. */
function recording(): { asked: string[]; context: RunContext; whenAsked(question: string): Promise<void> } {
  const asked: string[] = [];
  const awaited = new Map<string, () => void>();
  const run = async (_: unknown, { options, clip }: ScoreInput): Promise<{ score: number }> => {
    const question = `${options as string} ${clip.id}`;
    asked.push(question);
    awaited.get(question)?.();
    await wait(5);
    return { score: asked.length };
  };
  const whenAsked = (question: string): Promise<void> =>
    new Promise((resolve) => awaited.set(question, resolve));
  return { asked, whenAsked, context: { seed: 1, run } as unknown as RunContext };
}

test('whoever is trained scores while others learn; the order of scores is that of items and trainings', async () => {
  const { asked, context, whenAsked } = recording();
  const slow = whenAsked('y c').then(() => trained('slow'));
  const scored = await scoreAsTrained(
    items,
    [slow, Promise.resolve(trained('x')), whenAsked('x c').then(() => trained('y'))],
    context,
  );
  expect(asked.slice(0, 3)).toEqual(['x a', 'x b', 'x c']);
  expect(asked.slice(3, 6)).toEqual(['y a', 'y b', 'y c']);
  expect(asked.slice(6)).toEqual(['slow a', 'slow b', 'slow c']);
  expect(scored.map(({ trained: by, entry }) => `${entry.item.id} ${by.label}`)).toEqual(
    ['a', 'b', 'c'].flatMap((id) => ['slow', 'x', 'y'].map((label) => `${id} ${label}`)),
  );
});

test('those trained together score one clip after the other', async () => {
  const { asked, context } = recording();
  await scoreAsTrained(items, [Promise.resolve(trained('x')), Promise.resolve(trained('y'))], context);
  expect(asked).toEqual(['x a', 'y a', 'x b', 'y b', 'x c', 'y c']);
});

test('a training that fails is told, also while others score, and without trainings there is nothing', async () => {
  const { context } = recording();
  const failing = wait(2).then(() => Promise.reject(new Error('cannot learn')));
  const trainings = [Promise.resolve(trained('x')), failing as Promise<Trained>];
  await expect(scoreAsTrained(items, trainings, context)).rejects.toThrow('cannot learn');
  expect(await scoreAsTrained(items, [], context)).toEqual([]);
});

test('one that asks others is told their scores; where one of them fails, or all are not applicable, so it is with the same cause', async () => {
  const told: unknown[] = [];
  const run = async (_: unknown, { options, clip, others }: ScoreInput): Promise<{ score: number }> => {
    if (clip.id === 'a' && options === 'y') throw new ItemError('E_NOT_APPLICABLE', 'a: has no face');
    if (clip.id === 'b' && options !== 'both')
      throw new ItemError(options === 'x' ? 'E_NOT_APPLICABLE' : 'E_DECODE', `b: ${options as string}`);
    if (clip.id === 'c' && options !== 'both')
      throw new ItemError('E_NOT_APPLICABLE', `c: ${options as string}`);
    if (options !== 'both') return { score: options === 'x' ? 1 : 2 };
    told.push([clip.id, others]);
    return { score: 7 };
  };
  const context = { seed: 1, run } as unknown as RunContext;
  const members = [trained('x'), trained('y')];
  const four = [...items, describeItem('d')];
  const scored = await scoreAsTrained(four, [Promise.resolve({ ...trained('both'), members })], context);
  expect(told).toEqual([
    ['a', [1, null]],
    ['d', [1, 2]],
  ]);
  expect(scored).toMatchObject([
    { score: 7 },
    { failure: { code: 'E_DECODE', cause: 'y gives no score: b: y' } },
    { failure: { code: 'E_NOT_APPLICABLE', cause: 'x gives no score: c: x' } },
    { score: 7 },
  ]);
  const { labels, scores } = othersOf(members, context);
  expect(labels).toEqual(['x', 'y']);
  expect(await scores(clipOf(four[0]!))).toEqual([1, null]);
  await expect(scores(clipOf(four[1]!))).rejects.toMatchObject({ code: 'E_DECODE' });
  await expect(scores(clipOf(four[2]!))).rejects.toMatchObject({ code: 'E_NOT_APPLICABLE' });
});

function clipOf(entry: LineItem): Clip {
  if ('clip' in entry) return entry.clip;
  throw new Error(entry.failure.cause);
}
