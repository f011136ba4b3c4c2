import { expect, test } from 'vitest';
import { planFakes } from '../../generators/puppetry/plan.ts';
import { recomposite } from '../../generators/recomposite.ts';
import { createRng } from '../../src/random.ts';
import type { Clip } from '../../src/types.ts';

const context = { rng: (...scope: (string | number)[]) => createRng(1, ...scope) };
const media = {
  path: 'clip.mp4',
  sha256: '',
  video: { fps: 25, width: 256, height: 256, frameCount: 60 },
  audio: { sampleRate: 16000, sampleCount: 38400 },
};
const clip = (person: string, number: number, more: Partial<Clip> = {}): Clip => ({
  id: `${person}/${number}`,
  sources: [person],
  labels: { video: 'real', audio: 'real', pairing: 'real' },
  origin: 'test',
  split: 'test',
  licence: 'synthetic',
  media,
  use: 'score',
  phones: [{ phone: number % 2 === 0 ? 'aa1' : 'iy1', start: 0, end: number + 1 }],
  ...more,
});
const people = (names: string[]) =>
  names.flatMap((name, n) =>
    Array.from({ length: 4 }, (_, i) =>
      clip(name, i, { phones: [{ phone: `${'aeiou'[i]}${n}`, start: 0, end: 1 }] }),
    ),
  );

test('every scored clip gets one fake that says something else, half by the same person, half by another', () => {
  const clips = people(['ann', 'ben', 'cat']);
  const plans = planFakes(clips, 'all', context);
  expect(plans.map(({ target }) => target.id)).toEqual(clips.map(({ id }) => id));
  expect(new Set(plans.map(({ id }) => id)).size).toBe(plans.length);
  for (const { target, driver, driving, labels } of plans) {
    expect(driver!.id).not.toBe(target.id);
    expect(driver!.sources[0] === target.sources[0]).toBe(driving === 'same-person');
    expect(labels).toEqual({ video: 'fake', audio: 'real', pairing: 'fake' });
  }
  expect(plans.filter(({ driving }) => driving === 'same-person')).toHaveLength(plans.length / 2);
});

test('the same clips give the same plan', () => {
  const clips = people(['ann', 'ben']);
  expect(planFakes(clips, 'all', context)).toEqual(planFakes(clips, 'all', context));
});

test('with one person all are driven by the person, with one clip each all by others', () => {
  expect(planFakes(people(['ann']), 'all', context).every(({ driving }) => driving === 'same-person')).toBe(
    true,
  );
  const single = [clip('ann', 0), clip('ben', 1)];
  expect(planFakes(single, 'all', context).map(({ driving }) => driving)).toEqual([
    'other-person',
    'other-person',
  ]);
  expect(planFakes([clip('ann', 0)], 'all', context)).toEqual([]);
});

test('footage for fitting, recordings without picture and equal sentences are left out', () => {
  const { video: _, ...soundOnly } = media;
  const { audio: __, ...silent } = media;
  const clips = [
    clip('ann', 0),
    clip('ann', 0, { id: 'again' }),
    clip('ann', 1, { use: 'fit' }),
    clip('ben', 1, { media: soundOnly }),
    clip('cat', 3, { media: silent }),
  ];
  const plans = planFakes(clips, 'all', context);
  expect(plans.map(({ target, driver }) => `${target.id} by ${driver!.id}`)).toEqual([
    'ann/0 by ben/1',
    'again by ben/1',
    'cat/3 by ann/0',
  ]);
});

test('recomposite takes every scored picture, and says what it needs', async () => {
  const options = recomposite.options.parse({});
  const clips = [clip('ann', 0), clip('ann', 1, { use: 'fit' })];
  expect(recomposite.plan(clips, options, context as never).map(({ target }) => target.id)).toEqual([
    'ann/0',
  ]);
  const plan = recomposite.plan(clips, options, context as never)[0]!;
  await expect(recomposite.make(plan, undefined, options, context as never)).rejects.toThrow(/no face track/);
});

test('half a puppet: the target says their own words, and another’s in the half that is forged', () => {
  const clips = people(['ann', 'ben']).map((one) => ({
    ...one,
    phones: [0, 1.2].map((start, i) => ({ phone: `${one.phones![0]!.phone}-${i}`, start, end: start + 1.2 })),
  }));
  const plans = planFakes(clips, 'half', context);
  const halves = plans.map(({ labels }) => labels.spans);
  expect(new Set(halves.map((spans) => JSON.stringify(spans)))).toEqual(
    new Set(['[{"start":0,"end":1.2}]', '[{"start":1.2,"end":2.4}]']),
  );
  for (const { target, driver, labels, phones } of plans) {
    const first = labels.spans![0]!.start === 0;
    expect(phones).toEqual([
      { phone: (first ? driver! : target).phones![0]!.phone, start: 0, end: 1.2 },
      { phone: (first ? target : driver!).phones![1]!.phone, start: 1.2, end: 2.4 },
    ]);
  }
});
