import { expect, test } from 'vitest';
import { buildReport } from '../../src/reports/report.ts';
import { madeUpRun } from './made-up-run.ts';

test('people stand in a row of their own, which says that nobody was asked until there are answers', () => {
  const { record, outcomes } = madeUpRun();
  const row = '<tr><th scope="row">human</th>';
  expect(buildReport(record, outcomes, { strips: [] })).toContain(
    `${row}<td colspan="4" class="muted">not run: no answers yet</td>`,
  );
  const human = Array.from({ length: 12 }, (_, i) => ({
    truth: i % 2 === 0 ? ('fake' as const) : ('real' as const),
    score: i % 2 === 0 || i === 1 ? 0.6 : -0.2,
    group: `person-${i % 6}`,
  }));
  // Of 36 pairs 30 are in order, and the fakes tie with one real clip.
  const report = buildReport(record, outcomes, { strips: [], human });
  expect(report).toContain(`${row}<td class="number strong">${(33 / 36).toFixed(3)}</td>`);
  expect(report).toContain('<td class="number">6 / 6</td>');
});
