import { expect, test } from 'vitest';
import { toText } from '../../src/reports/html.ts';
import { buildReport } from '../../src/reports/report.ts';
import { matrixTable } from '../../src/reports/matrix-section.ts';
import type { TableRow } from '../../src/reports/results-table.ts';
import { madeUpRun } from './made-up-run.ts';

const [example] = madeUpRun().record.results;
const row = (detector: string, generator: string, auc: TableRow['metrics']['auc'], more = {}): TableRow => ({
  ...example!,
  detector,
  generator,
  metrics: { ...example!.metrics, auc },
  control: false,
  controlGenerator: false,
  constructed: false,
  variantOf: null,
  ...more,
});
const sure = { value: 0.9, low: 0.8, high: 0.95 };
const unsure = { value: 0.4, low: 0.3, high: 0.6 };
const none = { value: null, reason: 'AUC needs both classes, got 0 real and 4 fake' };
const rows = [
  row('random', 'puppetry@cpu-96', unsure, { control: true }),
  row('random', 'puppetry@cpu-96', sure, { control: true, driving: 'same-person' }),
  row('random', 'gan', sure, { control: true }),
  row('random', 'vocoder', unsure, { control: true }),
  row('spectrum', 'puppetry@cpu-96', sure),
  row('spectrum', 'gan', none),
  row('lfcc', 'vocoder', sure),
  row('blink', 'gan', unsure, { constructed: true }),
];

test('every detector has a row and every generator a column; what was not asked is empty, what has no value says why', () => {
  const text = toText(matrixTable(rows));
  const cells = [...text.matchAll(/<tr[^>]*><th scope="row">(.*?)<\/th>(.*?)<\/tr>/gs)].map(
    ([, name, rest]) => [
      name!.replaceAll('<wbr>', ''),
      ...[...rest!.matchAll(/<td[^>]*>([^<]*)<\/td>/g)].map(([, value]) => value),
    ],
  );
  expect(cells).toEqual([
    ['random', '0.400', '0.900', '0.400'],
    ['spectrum', '0.900', '–', ''],
    ['lfcc', '', '', '0.900'],
    ['blink', '', '0.400', ''],
  ]);
  expect(text).toContain(`title="${none.reason}"`);
  expect(text.match(/class="number strong over4" title="0.800–0.950"/g)).toHaveLength(3);
  expect(text.match(/class="number under1" title="0.300–0.600"/g)).toHaveLength(3);
  expect(text.split('Constructed cues, never ranked')[1]).toContain('blink');
});

test('two generators need no matrix, nor do two detectors', () => {
  expect(matrixTable(rows.filter(({ generator }) => generator !== 'vocoder'))).toBeUndefined();
  expect(matrixTable(rows.filter(({ detector }) => ['random', 'lfcc'].includes(detector)))).toBeUndefined();
});

test('a detector for which no fake is a question needs no table of scores', () => {
  const { record, outcomes } = madeUpRun();
  const result = record.results.find(({ detector }) => detector === 'spectrum')!;
  result.counts = { real: 32, fake: 0, failed: 0, notApplicable: 32 };
  const none = { value: null, reason: 'AUC needs both classes, got 32 real and 0 fake' };
  result.metrics = { ...result.metrics, auc: none };
  expect(buildReport(record, outcomes, { strips: [] })).not.toContain('id="clips"');
  result.counts = { real: 32, fake: 0, failed: 32, notApplicable: 0 };
  expect(buildReport(record, outcomes, { strips: [] })).toContain('id="clips"');
});
