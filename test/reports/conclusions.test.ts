import { expect, test } from 'vitest';
import { buildReport } from '../../src/reports/report.ts';
import { madeUpRun } from './made-up-run.ts';

test('an ensemble stands beside the member that was the best on validation, and models that were brought are no presets', () => {
  const { record, outcomes } = madeUpRun();
  const single = record.results.find(({ detector }) => detector === 'spectrum')!;
  record.detectors.push({
    ...record.detectors[4]!,
    name: 'ensemble',
    label: 'ensemble',
    info: { bestSingle: 'spectrum' },
  });
  record.detectors.push({ ...record.detectors[4]!, name: 'onnx', label: 'onnx@mine' });
  const auc = { value: 0.912, low: 0.8, high: 0.95 };
  record.results.push({ ...single, detector: 'ensemble', metrics: { ...single.metrics, auc } });
  const report = buildReport(record, outcomes, { strips: [] });
  const alone = single.metrics.auc.value!.toFixed(3);
  expect(report).toContain(
    `ensemble stands at 0.912 on ${single.generator}, beside ${alone} of spectrum, its best member on validation`,
  );
  expect(report.match(/ensemble stands at/g)?.length).toBe(1);
  expect(report).not.toMatch(/scaled to this machine \([^)]*onnx@mine/);
});
