import { expect, test } from 'vitest';
import { calibrated, fitCalibration } from '../../src/learn/calibrate.ts';
import { createRng } from '../../src/random.ts';
import type { OutcomeRow } from '../../src/records/outcomes.ts';
import { buildReport } from '../../src/reports/report.ts';
import { madeUpRun } from './made-up-run.ts';

const { record, outcomes } = madeUpRun();
/** Other people, drawn as the test people are; the control's fakes score so that a curve fitted on them too would be another. */
const validation = outcomes.map((row): OutcomeRow => {
  const moved = { ...row, split: 'validation' as const, id: `other-${row.id}` };
  if (!('score' in moved)) return moved;
  return {
    ...moved,
    score: row.generator === 'recomposite' ? -40 : moved.score + createRng(5, row.id).normal(0, 0.3),
  };
});
const sectionOf = (report: string): string =>
  report.slice(report.indexOf('<section id="reliability"'), report.indexOf('<section id="scores"'));

test('each ranked detector has a diagram of the test clips, calibrated on validation clips without the controls’ fakes', () => {
  const section = sectionOf(buildReport(record, [...outcomes, ...validation], { strips: [] }));
  expect([...section.matchAll(/<h3>([^<]*)</g)].map(([, name]) => name)).toEqual([
    'spectrum',
    'meso-inception@cpu-128',
  ]);
  const scores = (rows: OutcomeRow[]) =>
    rows.flatMap((row) =>
      row.detector === 'spectrum' && row.generator !== 'recomposite' && 'score' in row
        ? [{ score: row.score, fake: row.label === 'fake' }]
        : [],
    );
  const [learned, asked] = [scores(validation), scores(outcomes)];
  const platt = fitCalibration(
    'platt',
    learned.map(({ score }) => score),
    learned.map(({ fake }) => fake),
  );
  const off = asked.map(({ score, fake }) => (calibrated(platt, score) - Number(fake)) ** 2);
  const brier = off.reduce((sum, square) => sum + square / off.length, 0);
  // Half of the clips are fakes in both, but for one that failed in each class.
  expect(section).toMatch(new RegExp(`Brier ${brier.toFixed(3)} \\(0\\.250\\)`));
  const counts = [
    ...section
      .slice(section.indexOf('Reliability of spectrum'))
      .split('</svg>')[0]!
      .matchAll(/(\d+) clips</g),
  ];
  expect(counts.reduce((sum, [, count]) => sum + Number(count), 0)).toBe(asked.length);
});

test('without validation clips there is no diagram, and the reason stands among what was not run', () => {
  const report = buildReport(record, outcomes, { strips: [] });
  expect(report).not.toContain('id="reliability"');
  expect(report).toContain('<b>reliability</b>: there are no scores of validation clips to calibrate on');
});

test('a detector that gives all clips one score has no diagram, and says why', () => {
  const flat = [...outcomes, ...validation].map((row) =>
    row.detector === 'spectrum' && 'score' in row ? { ...row, score: 1 } : row,
  );
  expect(sectionOf(buildReport(record, flat, { strips: [] }))).toContain(
    '<li>spectrum: it cannot be calibrated on the validation clips: all scores are equal',
  );
});
