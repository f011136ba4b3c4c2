import { expect, test } from 'vitest';
import { detectors } from '../../detectors/index.ts';
import { ItemError } from '../../src/errors.ts';
import type { LineItem } from '../../src/pipeline/items.ts';
import type { RunContext } from '../../src/pipeline/context.ts';
import { isShown, notices, scoreDistorted } from '../../src/pipeline/score-distorted.ts';
import type { DistortedInput } from '../../src/pipeline/score-distorted.job.ts';
import type { Trained } from '../../src/pipeline/train-detectors.ts';
import type { Labels } from '../../src/types.ts';
import { describeClip } from '../support/clips.ts';

const item = (id: string, person: string, labels: Labels, generator?: string): LineItem => {
  const clip = { ...describeClip(id, []), sources: [person], labels };
  return { item: clip, clip, ...(generator ? { generator } : {}) };
};
const real: Labels = { video: 'real', audio: 'real', pairing: 'real' };
const puppet: Labels = { video: 'fake', audio: 'real', pairing: 'fake' };
const spoken: Labels = { video: 'real', audio: 'fake' };
const items = [
  item('ann', 'ann', real),
  item('puppet of ann', 'ann', puppet, 'puppetry'),
  item('voice of bob', 'bob', spoken, 'vocoder'),
];
const trained = (name: keyof typeof detectors, more: Partial<Trained> = {}): Trained =>
  ({
    detector: detectors[name],
    label: name,
    judges: detectors[name].judges,
    options: {},
    ...more,
  }) as unknown as Trained;
const spectrum = trained('spectrum');
const meso = trained('meso-inception');
const all = [
  trained('random'),
  spectrum,
  trained('lfcc-gmm'),
  meso,
  trained('command'),
  trained('ensemble', { members: [spectrum, meso] }),
];

/** What the control said of the clips as they were. */
const clean = items.map((entry, i) => ({
  trained: all[0]!,
  entry,
  perturbation: 'none',
  level: 0,
  score: 100 + i,
}));

function recording(answer?: (input: DistortedInput) => unknown) {
  const inputs: DistortedInput[] = [];
  const run = async (_: unknown, input: DistortedInput): Promise<unknown> => {
    inputs.push(input);
    return answer?.(input) ?? { said: input.detectors.map((_one, i) => ({ score: i })) };
  };
  return { inputs, context: { seed: 7, run } as unknown as RunContext };
}
const rows = (scored: Awaited<ReturnType<typeof scoreDistorted>>): string[] =>
  scored.map(
    ({ entry, perturbation, level, trained: by }) => `${entry.item.id} ${perturbation} ${level} ${by.label}`,
  );

test('a level is asked about once per clip, of those that can notice it and of controls, each about its own makers', async () => {
  const { inputs, context } = recording();
  const choices = [
    { name: 'h264', options: { crf: [23, 40] } },
    { name: 'clipping', options: {} },
  ];
  const scored = await scoreDistorted(items, all, choices, 3, clean, context);
  const of = (id: string, series: string, level: number): string[] =>
    inputs
      .filter(
        ({ clip, perturbation }) =>
          clip.id === id && perturbation.series === series && perturbation.level === level,
      )
      .map(({ detectors: asked }) => asked.map(({ label }) => label).join(' '));
  expect(of('ann', 'h264', 2)).toEqual(['spectrum meso-inception ensemble']);
  expect(of('puppet of ann', 'h264', 1)).toEqual(['spectrum meso-inception ensemble']);
  expect(of('voice of bob', 'h264', 1)).toEqual([]);
  expect(of('ann', 'clipping', 1)).toEqual(['lfcc-gmm']);
  expect(of('voice of bob', 'clipping', 3)).toEqual(['lfcc-gmm']);
  expect(inputs[0]!.detectors.find(({ label }) => label === 'ensemble')!.others).toEqual([0, 1]);
  expect(inputs[0]!.detectors.every(({ seed }) => seed === 3)).toBe(true);
  // What they read was not changed: what they said then stands.
  const random = scored.filter(({ trained: by }) => by.label === 'random');
  expect(random.map((row) => 'score' in row && row.score)).toEqual(
    items.flatMap((_, i) => Array.from({ length: random.length / items.length }, () => 100 + i)),
  );
  expect(rows(scored).slice(0, 5)).toEqual([
    'ann h264 1 random',
    'ann h264 1 spectrum',
    'ann h264 1 meso-inception',
    'ann h264 1 ensemble',
    'ann h264 2 random',
  ]);
});

test('what is drawn follows from the person, so that it is the same for real clips and for fakes of them', async () => {
  const { inputs, context } = recording();
  await scoreDistorted(items, all, [{ name: 'h264', options: { crf: [40] } }], 7, clean, context);
  expect(inputs.map(({ clip, person, seed }) => [clip.id, person, seed])).toEqual([
    ['ann', 'ann', 7],
    ['puppet of ann', 'ann', 7],
  ]);
});

test('members are asked for whoever joins them, and reported only where they are asked themselves', async () => {
  const { inputs, context } = recording();
  const only = [trained('ensemble', { members: [spectrum, meso] })];
  const scored = await scoreDistorted(
    items,
    only,
    [{ name: 'h264', options: { crf: [40] } }],
    7,
    clean,
    context,
  );
  expect(inputs[0]!.detectors.map(({ label }) => label)).toEqual(['spectrum', 'meso-inception', 'ensemble']);
  expect(rows(scored)[0]).toBe('ann h264 1 ensemble');
  expect(scored[0]).toMatchObject({ score: 2 });
});

test('an attack is for those whose gradient is known, and makes a clip look like what it is not', async () => {
  const { inputs, context } = recording();
  const unknown = item('whose', 'eve', {});
  await scoreDistorted(
    [...items, unknown],
    all,
    [{ name: 'pgd', options: { radius: [2], steps: 5 } }],
    7,
    clean,
    context,
  );
  expect(
    inputs.map(({ clip, towards, detectors: asked }) => [
      clip.id,
      towards,
      asked.map(({ label }) => label).join(' '),
    ]),
  ).toEqual([
    ['ann', 'fake', 'meso-inception'],
    ['puppet of ann', 'real', 'meso-inception'],
  ]);
});

test('what fails, fails for everybody who was asked; what fails for one is theirs', async () => {
  const damaged = recording(() => {
    throw new ItemError('E_MEDIA_TRUNCATED', 'ann: half of it is missing');
  });
  const choices = [{ name: 'h264', options: { crf: [40] } }];
  const scored = await scoreDistorted(items.slice(0, 1), all, choices, 7, clean, damaged.context);
  expect(scored.map((row) => 'failure' in row && row.failure.code)).toEqual([
    false,
    ...Array<string>(3).fill('E_MEDIA_TRUNCATED'),
  ]);
  const broken: LineItem = {
    item: items[1]!.item,
    generator: 'puppetry',
    failure: { code: 'E_X', cause: 'never made' },
  };
  const { failure } = broken;
  const before = [{ trained: all[0]!, entry: broken, perturbation: 'none', level: 0, failure }];
  const unmade = await scoreDistorted([broken], all, choices, 7, before, recording().context);
  expect(unmade).toHaveLength(4);
  expect(unmade.every((row) => 'failure' in row && row.failure.cause === 'never made')).toBe(true);
});

test('who notices what', () => {
  const noticed = (name: keyof typeof detectors): string =>
    (['picture', 'sound', 'both'] as const).filter((changes) => notices(trained(name), changes)).join(' ');
  expect(noticed('meso-inception')).toBe('picture both');
  expect(noticed('lip-motion')).toBe('picture both');
  expect(noticed('lfcc-gmm')).toBe('sound both');
  expect(noticed('av-sync')).toBe('picture sound both');
  expect(noticed('provenance')).toBe('');
  expect(noticed('metadata')).toBe('');
  expect(isShown(trained('metadata'), 'sound')).toBe(true);
  expect(isShown(trained('meso-inception'), 'sound')).toBe(false);
});
