import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Clip, Model } from '../../src/types.ts';
import { measureSyncOwn } from '../../src/sync/measure-own.job.ts';
import { measureFakes } from '../../src/pipeline/measure-sync.ts';
import { type MeasuredFake, summarizeFakes } from '../../src/sync/summary.job.ts';
import { trainSyncOwn } from '../../src/sync/train-own.job.ts';
import { describeClip } from '../support/clips.ts';
import { directContext } from '../support/context.ts';
import { talker } from '../support/talkers.ts';

let folder: string;
let lessons: Clip[];
let unseen: Clip[];
let model: Model;
const frameCount = 50;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'masque-sync-own-'));
  lessons = [];
  for (const id of ['a-0', 'a-1', 'b-0', 'b-1', 'e-0', 'f-0'])
    lessons.push(await talker(folder, id, frameCount));
  unseen = [await talker(folder, 'c-0', frameCount), await talker(folder, 'd-0', frameCount)];
  model = await directContext(folder).run(trainSyncOwn, { clips: lessons, steps: 150, seed: 1 });
});
afterAll(() => rm(folder, { recursive: true, force: true }));

it('notices in people it has not met when sound is moved or foreign', async () => {
  const { run } = directContext(folder);
  const { files } = model;
  for (const [i, clip] of unseen.entries()) {
    const { own, foreign, errors } = await run(measureSyncOwn, {
      clip,
      foreign: unseen[1 - i]!,
      files,
      shifts: [-4, 4],
    });
    expect(Math.abs(own.offset)).toBeLessThanOrEqual(1);
    for (const error of errors) expect(Math.abs(error)).toBeLessThanOrEqual(1);
    expect(own.confidence).toBeGreaterThan(foreign!.confidence);
  }
});

it('learns: its loss falls', () => {
  const { losses } = model.info as { losses: [number, number][] };
  expect(losses.at(-1)![1]).toBeLessThan(losses[0]![1] / 2);
});

it('refuses a clip without a track, and lessons of which none can be used', async () => {
  const { track: _, ...untracked } = unseen[0]!;
  const { run } = directContext(folder);
  await expect(
    run(measureSyncOwn, { clip: untracked, files: model.files, shifts: [] }),
  ).rejects.toMatchObject({ code: 'E_NOT_APPLICABLE' });
  await expect(run(trainSyncOwn, { clips: [untracked], steps: 5, seed: 1 })).rejects.toMatchObject({
    code: 'E_NOT_APPLICABLE',
  });
});

it('puts a fake under a sound that neither drives it nor was its target’s own', async () => {
  const clip = (id: string): Clip => ({ ...describeClip(id, []), split: 'test' });
  const [a, b, c] = [clip('a'), clip('b'), clip('c')];
  // b drives a, a drives b, c drives itself.
  const plans = [
    { id: 'ab', target: a, driver: b, labels: {} },
    { id: 'ba', target: b, driver: a, labels: {} },
    { id: 'cc', target: c, driver: c, labels: {} },
  ];
  const items = plans.map(({ id }) => ({ item: clip(id), clip: clip(id), generator: 'g' }));
  const asked: string[] = [];
  const measured = await measureFakes({ items, plans }, [a, b, c], new Map(), async (fake, more) => {
    asked.push(`${fake.id} under ${more?.foreign?.id}`);
    return { reason: 'not asked for' };
  });
  expect(asked).toEqual(['ab under c', 'ba under c', 'cc under a']);
  expect(measured.map(({ real }) => real)).toEqual(
    plans.map(({ target }) => ({ reason: `${target.id} was not published` })),
  );
});

it('the share of real is a ratio of means, by who drives where there are both', async () => {
  const sync = (confidence: number) => ({ offset: 0, confidence, distance: 1 });
  const entry = (person: string, driving: MeasuredFake['driving'], fake: number): MeasuredFake => ({
    person,
    driving,
    fake: { own: sync(fake), foreign: sync(0.2), errors: [] },
    real: { own: sync(1), errors: [] },
  });
  const fakes = [
    entry('a', 'same-person', 0.6),
    entry('b', 'same-person', 0.8),
    entry('c', 'other-person', 0.4),
    { ...entry('c', 'other-person', 9), real: { reason: 'too short' } },
  ];
  const figures = await directContext(folder).run(summarizeFakes, { label: 'puppetry', fakes, seed: 1 });
  const mean = (0.6 + 0.8 + 0.4) / 3;
  expect(figures['syncOwnShare/all']).toMatchObject({ value: expect.closeTo((mean - 0.2) / 0.8, 12) });
  expect(figures['syncOwnShare/same-person']).toMatchObject({
    value: expect.closeTo((0.7 - 0.2) / 0.8, 12),
    low: null,
  });
  expect(figures['syncOwnShare/other-person']).toMatchObject({
    value: expect.closeTo((0.4 - 0.2) / 0.8, 12),
  });
  expect(figures['syncOwnCoverage']).toEqual({ value: 0.75 });
  expect(figures['syncOwnConfidence/fake']).toMatchObject({ value: expect.closeTo(mean, 12) });
  const none = await directContext(folder).run(summarizeFakes, {
    label: 'x',
    fakes: [{ ...fakes[0]!, fake: { reason: 'no sound' } }],
    seed: 1,
  });
  expect(none['syncOwnShare/all']).toEqual({ value: null, reason: 'no sound' });
});
