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
    `ensemble stands at 0.912 on ${single.generator} (spectrum ${alone}), beside its best member on validation`,
  );
  expect(report.match(/ensemble stands at/g)?.length).toBe(1);
  expect(report).not.toMatch(/scaled to this machine \([^)]*onnx@mine/);
});

test('what stands at 1.000 is said once for each generator, with the controls that show its trace', () => {
  const { record, outcomes } = madeUpRun();
  const sure = { value: 1, low: 1, high: 1 };
  for (const result of record.results)
    if (result.detector === 'meso-inception@cpu-128' || result.detector === 'spectrum')
      result.metrics = { ...result.metrics, auc: sure };
  for (const result of record.results)
    if (result.detector === 'random')
      result.metrics = { ...result.metrics, auc: { value: 0.7, low: 0.6, high: 0.8 } };
  const report = buildReport(record, outcomes, { strips: [] });
  expect(report).toContain(
    'spectrum and meso-inception@cpu-128 separate puppetry@cpu-96 without a mistake. spectrum and meso-inception@cpu-128 tell recomposite as well',
  );
  expect(report.match(/without a mistake/g)).toHaveLength(1);
  expect(report).toContain(
    'The control random misses 0.5 with its interval against recomposite and puppetry@cpu-96',
  );
});

test('whoever has not met a generator is said to have not', () => {
  const { record, outcomes } = madeUpRun();
  expect(buildReport(record, outcomes, { strips: [] })).toContain(
    'a generator they have not met was not measured',
  );
  const met = structuredClone(record);
  const trained = met.results.find(({ trainedOn }) => trainedOn)!;
  met.results.push({ ...trained, generator: 'gan@cpu-64' });
  const told = buildReport(met, outcomes, { strips: [] });
  expect(told).toContain('Some or all of them have not met gan@cpu-64.');
  expect(told).not.toContain('a generator they have not met was not measured');
});

test('short targets are told, and how often faces were seen', () => {
  const { record, outcomes } = madeUpRun();
  const told = structuredClone(record);
  told.generators[0]!.info = { shortTarget: { ada: 3, ben: 24.04 } };
  told.faces = [
    { clip: 'a.mp4', frames: 75, found: 74, bridged: 1, faces: 1, tracked: true },
    { clip: 'b.mp4', frames: 75, found: 40, bridged: 0, faces: 2, tracked: false },
  ];
  const report = buildReport(told, outcomes, { strips: [] });
  expect(report).toContain('had short targets: of 2 people 3.0 to 24.0 s are filmed in all');
  expect(report).toContain(
    'tracked in 1 of 2 clips, seen in 114 of 150 frames, 1 bridged; several at once in b.mp4, of which the largest was taken',
  );
  expect(buildReport(record, outcomes, { strips: [] })).not.toMatch(/short targets|tracked in/);
});
