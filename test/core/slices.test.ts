import { expect, test } from 'vitest';
import { detectors } from '../../detectors/index.ts';
import type { RunContext } from '../../src/pipeline/context.ts';
import { measure, toItems } from '../../src/pipeline/measure.ts';
import type { Scored } from '../../src/pipeline/score.ts';
import { sliceResults } from '../../src/pipeline/slices.ts';
import type { Trained } from '../../src/pipeline/train-detectors.ts';
import type { Truth } from '../../src/types.ts';
import { describeClip } from '../support/clips.ts';
import { directContext } from '../support/context.ts';
import { workFolder } from '../media/tools.ts';

const at = workFolder();
const trained = {
  detector: detectors.random,
  label: 'random',
  trainedOn: [],
  probe: false,
} as unknown as Trained;
const scored = (id: string, truth: Truth, score: number, generator?: string): Scored => {
  const clip = {
    ...describeClip(id, []),
    sources: [id[0]!],
    ...(generator ? { driving: 'same-person' as const } : {}),
  };
  return {
    trained,
    perturbation: 'none',
    level: 0,
    truth,
    score,
    entry: { item: clip, clip, ...(generator ? { generator } : {}) },
  };
};
const rows = ['a', 'b', 'c', 'd'].flatMap((who, i) => [
  scored(who, 'real', 0),
  scored(`${who} fake`, 'fake', i < 2 ? 1 : -1, 'puppetry'),
]);
const attributes = new Map(
  rows.map(({ entry: { item } }, i) => [item.id, { tone: i < 4 ? 'light' : 'dark' }]),
);

test('a result is sliced by what is known of its items, and nothing else is', async () => {
  const context = directContext(at('.')) as RunContext;
  const results = await measure(rows, ['puppetry'], { replicates: 10, thresholds: new Map() }, context);
  const slices = await sliceResults(results, rows, attributes, 10, context);
  expect(
    slices.map(({ detector, generator, attribute, value, counts, auc }) => [
      detector,
      generator,
      attribute,
      value,
      counts.real,
      counts.fake,
      auc.value,
    ]),
  ).toEqual([
    ['random', 'puppetry', 'tone', 'dark', 2, 2, 0],
    ['random', 'puppetry', 'tone', 'light', 2, 2, 1],
  ]);
  const withheld = await measure(
    rows,
    ['puppetry'],
    { replicates: 10, thresholds: new Map(), withheld: 'why' },
    context,
  );
  expect(await sliceResults(withheld, rows, attributes, 10, context)).toEqual([]);
  expect(await sliceResults(results, rows, new Map(), 10, context)).toEqual([]);
});

test('items are listed once, with the hash of what was judged, how they were driven and what is known', () => {
  const items = toItems([...rows, ...rows], attributes);
  expect(items).toHaveLength(8);
  expect(items[1]).toEqual({
    id: 'a fake',
    sha256: describeClip('a fake', []).media.sha256,
    driving: 'same-person',
    attributes: { tone: 'light' },
  });
});
