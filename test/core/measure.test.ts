import { describe, expect, it } from 'vitest';
import { detectors } from '../../detectors/index.ts';
import { isGenuine, type LineItem, makersFor, truthOf } from '../../src/pipeline/items.ts';
import { measure } from '../../src/pipeline/measure.ts';
import type { Scored } from '../../src/pipeline/score.ts';
import type { Trained } from '../../src/pipeline/train-detectors.ts';
import type { RunContext } from '../../src/pipeline/context.ts';
import type { Driving, Labels } from '../../src/types.ts';
import { describeClip } from '../support/clips.ts';
import { directContext } from '../support/context.ts';

const puppet: Labels = { video: 'fake', audio: 'real', pairing: 'fake' };
const dubbed: Labels = { video: 'real', audio: 'real', pairing: 'fake' };
const real: Labels = { video: 'real', audio: 'real', pairing: 'real' };

const entry = (id: string, labels: Labels, sources: string[], generator?: string): LineItem => {
  const driving: Driving = sources.length > 1 ? 'other-person' : 'same-person';
  const clip = { ...describeClip(id, []), labels, sources, ...(generator ? { driving } : {}) };
  return { item: clip, clip, ...(generator ? { generator } : {}) };
};

describe('truth', () => {
  it('is that of the label asked about; for any, fake as soon as one label is', () => {
    expect(truthOf({ labels: dubbed }, 'video')).toBe('real');
    expect(truthOf({ labels: dubbed }, 'pairing')).toBe('fake');
    expect(truthOf({ labels: dubbed }, 'any')).toBe('fake');
    expect(truthOf({ labels: real }, 'any')).toBe('real');
    expect(truthOf({ labels: { audio: 'real' } }, 'video')).toBeUndefined();
    expect(truthOf({ labels: {} }, 'any')).toBeUndefined();
  });

  it('a clip of unknown truth counts as genuine material', () => {
    expect([real, dubbed, puppet, {}].map((labels) => isGenuine({ labels }))).toEqual([
      true,
      false,
      false,
      true,
    ]);
  });

  it('nobody is asked about what is genuine in what they judge', () => {
    const items = [
      entry('p', puppet, ['a'], 'puppetry'),
      entry('d', dubbed, ['a'], 'dubbed'),
      entry('r', real, ['a']),
    ];
    expect([...makersFor('video', items)]).toEqual(['puppetry']);
    expect([...makersFor('audio', items)]).toEqual([]);
    expect([...makersFor('pairing', items)]).toEqual(['puppetry', 'dubbed']);
    expect([...makersFor('any', items)]).toEqual(['puppetry', 'dubbed']);
  });
});

describe('measure', () => {
  const trained = {
    detector: detectors.random,
    label: 'random',
    trainedOn: [],
    probe: false,
  } as unknown as Trained;
  const scored = (item: LineItem, truth: 'real' | 'fake', score: number): Scored => ({
    trained,
    entry: item,
    perturbation: 'none',
    level: 0,
    truth,
    score,
  });
  const context = directContext('.') as RunContext;
  const reals = ['a', 'b', 'c'].map((who) => scored(entry(who, real, [who]), 'real', 0.5));

  it('splits a generator’s fakes by who drives them, against the same real clips', async () => {
    const rows = [
      ...reals,
      scored(entry('a1', puppet, ['a'], 'puppetry'), 'fake', 0.9),
      scored(entry('b1', puppet, ['b', 'c'], 'puppetry'), 'fake', 0.1),
    ];
    const results = await measure(
      rows,
      ['puppetry', 'recomposite'],
      { replicates: 100, thresholds: new Map() },
      context,
    );
    expect(
      results.map(({ generator, driving, counts, metrics }) => [
        generator,
        driving,
        counts.real,
        counts.fake,
        metrics.auc.value,
      ]),
    ).toEqual([
      ['puppetry', null, 3, 2, 0.5],
      ['puppetry', 'same-person', 3, 1, 1],
      ['puppetry', 'other-person', 3, 1, 0],
    ]);
  });

  it('says what a detector learned from: nothing, genuine clips alone, or whose fakes', async () => {
    const lessons = async (name: keyof typeof detectors, trainedOn: string[]): Promise<string | null> => {
      const own = { ...trained, detector: detectors[name] as Trained['detector'], trainedOn };
      const rows = reals.map((row) => ({ ...row, trained: own }));
      return (await measure(rows, [], { replicates: 100, thresholds: new Map() }, context))[0]!.trainedOn;
    };
    expect(await lessons('random', [])).toBeNull();
    expect(await lessons('av-sync', [])).toBe('genuine clips');
    expect(await lessons('spectrum', ['puppetry', 'dubbed'])).toBe('puppetry+dubbed');
  });

  it('does not split where all fakes are driven alike, and shows real clips alone where there are no fakes', async () => {
    const alike = [...reals, scored(entry('a1', puppet, ['a'], 'puppetry'), 'fake', 0.9)];
    expect(
      (await measure(alike, ['puppetry'], { replicates: 100, thresholds: new Map() }, context)).map(
        ({ driving }) => driving,
      ),
    ).toEqual([null]);
    const [only] = await measure(reals, ['puppetry'], { replicates: 100, thresholds: new Map() }, context);
    expect(only).toMatchObject({
      generator: 'none',
      counts: { real: 3, fake: 0 },
      metrics: { auc: { value: null } },
    });
  });
});
