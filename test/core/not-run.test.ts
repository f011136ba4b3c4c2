import { expect, test } from 'vitest';
import { detectors } from '../../detectors/index.ts';
import { notRun } from '../../experiments/not-run.ts';

const missing = (
  perturbations: { name: string; options: unknown }[],
  clips: object[] = [],
  { items = [], ...more }: { items?: object[]; [key: string]: unknown } = {},
) => {
  const names = ['random', 'spectrum', 'meso-inception', 'lfcc-gmm', 'command'] as const;
  const trained = names.map((name) => {
    const { judges } = detectors[name];
    return { detector: detectors[name], label: name, judges, trainedOn: [], probe: false };
  });
  const none = { reason: 'none' };
  const result = {
    line: { fakes: [], published: items, clips },
    trained,
    scored: [],
    sync: none,
    kid: none,
    attributes: new Map(),
  };
  const experiment = {
    dataset: { name: 'folder' },
    generators: [],
    detectors: [],
    perturbations,
    seed: 1,
    ...more,
  };
  return notRun(experiment as never, result as never);
};
const missingUnder = (...perturbations: { name: string; options: unknown }[]): string[] =>
  missing(perturbations)
    .map(({ what }) => what)
    .filter((what) => /perturbed|under/.test(what));

test('who cannot notice a perturbation is named', () => {
  expect(missingUnder({ name: 'h264', options: { crf: [40] } })).toEqual([
    'lfcc-gmm on perturbed pictures',
    'command on perturbed pictures',
  ]);
  expect(missingUnder({ name: 'clipping', options: {} })).toEqual([
    'spectrum on perturbed sounds',
    'meso-inception on perturbed sounds',
    'command on perturbed sounds',
  ]);
});

test('who cannot be attacked is named, and of attacks nothing else is said', () => {
  expect(missingUnder({ name: 'pgd', options: { radius: [1], steps: 2 } })).toEqual([
    'random under pgd',
    'spectrum under pgd',
    'lfcc-gmm under pgd',
    'command under pgd',
  ]);
});

test('clips in which a face was looked for in vain are named', () => {
  const media = { video: { frameCount: 10 } };
  const clips = [
    { id: 'wall.mp4', media, seen: { found: 0, bridged: 0, faces: 0 } },
    { id: 'gone.mp4', media, seen: { found: 6, bridged: 1, faces: 1 } },
    { id: 'there.mp4', media, seen: { found: 10, bridged: 0, faces: 1 }, track: {} },
    { id: 'nobody looked.mp4', media },
  ];
  expect(missing([], clips).filter(({ what }) => what.startsWith('the face in'))).toEqual([
    { what: 'the face in wall.mp4', reason: expect.stringContaining('no frame shows one') },
    { what: 'the face in gone.mp4', reason: expect.stringContaining('it is not seen in 3 frames') },
  ]);
});

test('detectors that judge the same have one line for what is no question for them', () => {
  const items = [
    { generator: 'vocoder', item: { labels: { video: 'real', audio: 'fake' } } },
    { generator: 'swap', item: { labels: { video: 'fake', audio: 'real' } } },
  ];
  expect(missing([], [], { items }).filter(({ what }) => what.includes(' on '))).toEqual([
    {
      what: 'spectrum, meso-inception and command on vocoder',
      reason: 'they judge the video, which is genuine there',
    },
    { what: 'lfcc-gmm on swap', reason: 'it judges the audio, which is genuine there' },
  ]);
});

test('a control generator that detectors do not learn from is named as missing there', () => {
  const [generators, detectors] = [[{ name: 'recomposite' }, { name: 'puppetry' }], [{ name: 'random' }]];
  const probes = (more: object) =>
    missing([], [], { generators, detectors, ...more }).find(({ what }) => what === 'probes')?.reason;
  expect(probes({})).toBeUndefined();
  expect(probes({ training: { generators: [{ name: 'puppetry' }] } })).toBe(
    'recomposite is not among training.generators, so that no detector could be trained against it',
  );
  expect(probes({ generators: [{ name: 'puppetry' }] })).toContain('no control generator is named');
});
