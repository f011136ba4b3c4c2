import { expect, test } from 'vitest';
import { buildReport } from '../../src/reports/report.ts';
import { madeUpRun } from './made-up-run.ts';

const { record, outcomes } = madeUpRun();

test('whoever has not met a generator is said to have not', () => {
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
