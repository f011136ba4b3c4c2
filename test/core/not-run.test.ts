import { expect, test } from 'vitest';
import { detectors } from '../../detectors/index.ts';
import { notRun } from '../../experiments/not-run.ts';

const missingUnder = (...perturbations: { name: string; options: unknown }[]): string[] => {
  const names = ['random', 'spectrum', 'meso-inception', 'lfcc-gmm', 'command'] as const;
  const trained = names.map((name) => {
    const { judges } = detectors[name];
    return { detector: detectors[name], label: name, judges, trainedOn: [], probe: false };
  });
  const none = { reason: 'none' };
  const result = {
    line: { fakes: [], published: [] },
    trained,
    scored: [],
    sync: none,
    kid: none,
    attributes: new Map(),
  };
  const experiment = { dataset: { name: 'folder' }, generators: [], detectors: [], perturbations, seed: 1 };
  return notRun(experiment as never, result as never)
    .map(({ what }) => what)
    .filter((what) => /perturbed|under/.test(what));
};

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
