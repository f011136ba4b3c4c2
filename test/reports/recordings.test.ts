/** What a report says of recordings: parts of films, who is left out, whose face is shown, what was heard. */
import { expect, test } from 'vitest';
import { buildReport } from '../../src/reports/report.ts';
import { madeUpRecordings, madeUpRun } from './made-up-run.ts';

const count = (text: string, pattern: RegExp): number => [...text.matchAll(pattern)].length;

test('without both classes: scores clip by clip, no AUC, the reason said', () => {
  const { record, outcomes } = madeUpRecordings();
  const report = buildReport(record, outcomes, { strips: [] });
  expect(report).toContain('No AUC: AUC needs both classes, got 8 real and 0 fake');
  expect(count(report, /<th role="rowheader" scope="row">person-0\d\/real-\d<\/th>/g)).toBe(8);
  expect(count(report, /<abbr title="not applicable[^"]*">n\/a<\/abbr>/g)).toBe(8);
  expect(report).not.toContain('E_NOT_APPLICABLE');
  expect(report).not.toContain('id="curves"');
  expect(report).not.toContain('id="results"');
  expect(report).toContain('8 of 8 clips have no recorded consent');
});

test('who scored all clips alike is named below the table that leaves it out', () => {
  const { record, outcomes } = madeUpRecordings();
  const named = 'metadata scored all clips alike and is left out.';
  expect(buildReport(record, outcomes, { strips: [] })).not.toContain(named);
  const alike = outcomes.map((row) => (row.detector === 'metadata' ? { ...row, score: 0.5 } : row));
  const report = buildReport(record, alike, { strips: [] });
  expect(report).toContain(named);
  expect(report).not.toContain('data-label="metadata"');
});

const strip = {
  generator: 'face-swap@cpu-64',
  id: 'person-00/face-swap@cpu-64-0',
  target: 'person-00/real-0',
  face: 'person-02',
  of: 32,
  video: 'data:video/mp4;base64,AAAA',
  poster: 'data:image/jpeg;base64,AAAA',
};

test('films in parts are counted as films, and what hears otherwise than configured is said', () => {
  const { record, outcomes } = madeUpRun();
  record.counts.clips = 17;
  record.counts.cut = { films: 8, parts: 16 };
  record.generators[0]!.info['hears'] = 'mel bands';
  record.generators[0]!.quality = { 'openingSpread/puppet': { value: 0.02 } };
  const report = buildReport(record, outcomes, { strips: [strip] });
  expect(report).toContain('8 films (16 parts: to fit on, to score) and 1 clip of 16');
  expect(report).toContain('<dt>What puppetry@cpu-96 hears</dt><dd>mel bands</dd>');
  expect(report).toMatch(/<dt>openingSpread<\/dt><dd>[^<]*share of the distance/);
  expect(report).toContain('<b>person-00/real-0</b>, with the face of <b>person-02</b>');
});
