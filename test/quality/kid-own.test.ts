import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { encodeClip } from '../../src/media/encode.ts';
import type { RunContext } from '../../src/pipeline/context.ts';
import type { LineItem } from '../../src/pipeline/items.ts';
import type { MadeFakes } from '../../src/pipeline/make-fakes.ts';
import { measureKid } from '../../src/pipeline/measure-kid.ts';
import type { Clip, Measured } from '../../src/types.ts';
import { paint } from '../support/clips.ts';
import { directContext } from '../support/context.ts';
import { talker } from '../support/talkers.ts';

let context: RunContext;
let clips: Clip[];
let blank: Clip;

beforeAll(async () => {
  const folder = await mkdtemp(join(tmpdir(), 'masque-kid-own-'));
  const plain = directContext(folder);
  context = {
    ...plain,
    runTimed: async (job: Parameters<typeof plain.run>[0], input: unknown) => ({
      output: await plain.run(job, input),
      seconds: 2,
    }),
  } as RunContext;
  clips = [];
  for (const [person, split] of [
    ['ann', 'train'],
    ['bob', 'train'],
    ['cat', 'test'],
    ['dan', 'test'],
    ['eve', 'test'],
  ] as const)
    for (const [take, use] of [
      [0, 'fit'],
      [1, 'score'],
      [2, 'score'],
    ] as const)
      clips.push({ ...(await talker(folder, `${person}-${take}`, 24, split)), use });
  const media = await encodeClip(join(folder, 'blank.mp4'), {
    frames: Array.from({ length: 24 }, () => paint(64, 48, () => [20, 200, 20])),
    fps: 25,
    width: 64,
    height: 48,
  });
  const { track: _, ...untracked } = clips.at(-1)!;
  blank = { ...untracked, id: 'blank', media };
});

const published = (): Promise<LineItem[]> =>
  Promise.resolve(clips.filter(({ use }) => use === 'score').map((clip) => ({ item: clip, clip })));
const fakes = (label: string, made: Clip[]): Promise<MadeFakes> =>
  Promise.resolve({
    label,
    nobody: label === 'blanks',
    plans: made.map((target) => ({ target })),
    items: made.map((clip) => {
      const fake: Clip = { ...clip, labels: { video: 'fake' } };
      return { item: fake, clip: fake, generator: label };
    }),
  } as unknown as MadeFakes);
const value = (measured: Measured | undefined): number => {
  if (!measured || measured.value === null) throw new Error(`no number: ${JSON.stringify(measured)}`);
  return measured.value;
};

test('copies lie nowhere, a blank frame without a track lies farther than any spoiled portrait', async () => {
  const reals = clips.filter(({ use, split }) => use === 'score' && split === 'test');
  const made = [fakes('copies', reals), fakes('blanks', [blank]), fakes('nothing', [])];
  const measured = await measureKid({ clips, published: published(), fakes: made }, context);
  if ('reason' in measured) throw new Error(measured.reason);
  const { figures, ofGenerator, info, trainSeconds } = measured;
  expect(Object.keys(figures)).toEqual([
    'kidOwn/same people',
    'kidOwn/other people',
    'kidOwn/blurred',
    'kidOwn/noisy',
    'kidOwn/mean portrait',
    'identity/same person',
    'identity/other people',
  ]);
  // Of the two clips of 24 frames that teach, each fifth frame; and 15 steps a clip.
  expect([info['people'], info['portraits'], info['steps'], trainSeconds]).toEqual([2, 10, 30, 2]);
  expect(value(ofGenerator['copies']!['kidOwn/fake'])).toBeLessThan(1e-6);
  for (const spoiled of ['blurred', 'noisy', 'mean portrait'])
    expect(value(ofGenerator['blanks']!['kidOwn/fake']), spoiled).toBeGreaterThan(
      value(figures[`kidOwn/${spoiled}`]),
    );
  // A copy is as much like the person's other clips as the clip itself.
  expect(ofGenerator['copies']!['identity/fake']).toEqual(figures['identity/same person']);
  expect(ofGenerator['blanks']!['identity/fake']).toEqual({
    value: null,
    reason: 'its portraits are meant to be of nobody',
  });
  expect(ofGenerator['nothing']!['kidOwn/fake']).toEqual({
    value: null,
    reason: 'a kernel distance needs two pictures on each side, got 0',
  });
});

test('it needs two people to learn from', async () => {
  const alone = clips.filter(({ sources, split }) => split === 'test' || sources[0] === 'ann');
  expect(await measureKid({ clips: alone, published: published(), fakes: [] }, context)).toEqual({
    reason: 'kid-own learns from two people at least of split train, use fit, with a face track',
  });
});
