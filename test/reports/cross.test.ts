import { expect, test } from 'vitest';
import { buildReport } from '../../src/reports/report.ts';
import type { RunRecord } from '../../src/records/record.ts';
import { madeUpRun } from './made-up-run.ts';

const { record, outcomes } = madeUpRun();
const [example] = record.results.filter(({ detector }) => detector === 'spectrum');
const row = (
  detector: string,
  trainedOn: string,
  generator: string,
  value: number,
): RunRecord['results'][number] => ({
  ...example!,
  detector,
  trainedOn,
  generator,
  metrics: { ...example!.metrics, auc: { value, low: value - 0.05, high: value + 0.05 } },
});
const results = [
  row('spectrum∖gan', 'swap', 'gan', 0.6),
  row('spectrum∖gan', 'swap', 'swap', 0.99),
  row('spectrum←gan', 'gan', 'gan', 0.97),
  row('spectrum←gan', 'gan', 'swap', 0.7),
  row('spectrum', 'gan+swap', 'gan', 0.95),
  row('spectrum', 'gan+swap', 'swap', 0.96),
  row('spectrum', 'gan+swap', 'recomposite', 0.55),
  row('metadata', 'gan+swap', 'gan', 0.5),
];

const known = record.detectors.find(({ label }) => label === 'spectrum')!;
const detectors = [
  ...record.detectors,
  ...['spectrum∖gan', 'spectrum←gan'].map((label) => ({ ...known, label, variantOf: 'spectrum' })),
];

test('a table for each detector that was trained in several ways: all, one alone, one left out', () => {
  const report = buildReport({ ...record, detectors, results }, outcomes, { strips: [] });
  const section = report.slice(
    report.indexOf('<section id="across"'),
    report.indexOf('</section>', report.indexOf('<section id="across"')),
  );
  expect([...section.matchAll(/<h3>([^<]*)/g)].map(([, name]) => name)).toEqual(['spectrum']);
  const lines = [...section.matchAll(/<tr><th scope="row">(.*?)<\/th>(.*?)<\/tr>/gs)].map(
    ([, name, cells]) => [
      name!.replaceAll(/<[^>]*>/g, ''),
      ...[...cells!.matchAll(/<td([^>]*)>(.*?)<\/td>/g)]
        .map(([, how, text]) => [how, text!.replaceAll(/<[^>]*>/g, '')])
        .map(([how, value]) => `${value}${how!.includes('met"') ? ' met' : ''}`),
    ],
  );
  expect(
    [...section.matchAll(/<th scope="col" class="number wrap">([a-z]+)/g)].map(([, name]) => name),
  ).toEqual(['gan', 'swap', 'recomposite']);
  expect(lines).toEqual([
    ['all', '0.950 met', '0.960 met', '0.550', '–'],
    ['gan alone', '0.970 met', '0.700', '', '0.700 (1)'],
    ['gan left out', '0.600', '0.990 met', '', '0.600 (1)'],
  ]);
});

test('what was trained on less stands in no other table, and where nothing was there is no map', () => {
  const all = buildReport(
    { ...record, detectors, results: [...record.results, ...results.slice(0, 4)] },
    outcomes,
    {
      strips: [],
    },
  );
  const plain = buildReport(record, outcomes, { strips: [] });
  expect(plain).not.toContain('id="across"');
  const naming = [...all.matchAll(/<section id="([a-z-]+)".*?<\/section>\n/gs)].flatMap(([section, id]) =>
    /[←∖]/.test(section) ? [id] : [],
  );
  // How long the training of each took is told of all.
  expect(all).toContain('id="across"');
  expect(naming).toEqual(['making']);
});
