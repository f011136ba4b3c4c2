import { describe, expect, test, vi } from 'vitest';
import { conclude } from '../../experiments/conclude.ts';
import { countFailures, failuresCsv } from '../../experiments/failures.ts';
import { exitCodes } from '../../src/errors.ts';
import type { LineItem } from '../../src/pipeline/items.ts';
import { describeClip } from '../support/clips.ts';
import { madeUpRun } from '../reports/made-up-run.ts';

type Result = Parameters<typeof countFailures>[0];

const made = (id: string): LineItem => ({ item: describeClip(id, []), clip: describeClip(id, []) });
const failed = (id: string, code: string): LineItem => ({
  item: describeClip(id, []),
  failure: { code, cause: `/srv/media/my data/${id}.mp4: frame 3, missing` },
});
const line = {
  clips: [],
  published: [made('real-a'), failed('real-b', 'E_DECODE')],
  fakes: [{ items: [made('fake-a'), failed('fake-b', 'E_DECODE'), failed('fake-c', 'E_NOT_APPLICABLE')] }],
} as unknown as Result['line'];

test('where nobody scores, fakes and published clips that failed are counted once each and listed without folders', () => {
  const result = { line, scored: [], validated: [], distorted: [], probed: [] } as unknown as Result;
  expect(countFailures(result)).toEqual({ failed: 2, notApplicable: 1 });
  expect(failuresCsv(result).split('\n').slice(1)).toEqual([
    ',none,0,real-b,E_DECODE,"real-b.mp4: frame 3, missing"',
    ',none,0,fake-b,E_DECODE,"fake-b.mp4: frame 3, missing"',
    ',none,0,fake-c,E_NOT_APPLICABLE,"fake-c.mp4: frame 3, missing"',
    '',
  ]);
});

test('where detectors score, a failed item counts as often as a score of it is missing', () => {
  const row = {
    trained: { label: 'random' },
    perturbation: 'none',
    level: 0,
    entry: line.published[1],
    failure: failureOf(line.published[1]!),
  };
  const scored = [row, { trained: { label: 'other' }, entry: line.published[0], score: 1 }];
  const result = { line, scored, validated: [], distorted: [], probed: [row] } as unknown as Result;
  expect(countFailures(result)).toEqual({ failed: 2, notApplicable: 0 });
  expect(failuresCsv(result)).toContain('random,none,0,real-b,E_DECODE,"real-b.mp4: frame 3, missing"\n');
});

test('what failed of the clips and fakes that detectors learn from is counted beside the scores', () => {
  const learned = (entry: LineItem): LineItem => ({ ...entry, item: { ...entry.item, split: 'train' } });
  const lessons = { ...line, published: [learned(failed('lesson', 'E_DECODE')), learned(made('good'))] };
  const scored = [{ trained: { label: 'random' }, entry: line.fakes[0]!.items[0], score: 1 }];
  const result = { line: lessons, scored, validated: [], distorted: [], probed: [] } as unknown as Result;
  expect(countFailures(result)).toEqual({ failed: 1, notApplicable: 0 });
  expect(failuresCsv(result)).toContain('\n,none,0,lesson,E_DECODE,"lesson.mp4: frame 3, missing"\n');
});

describe('the exit code of a run without detectors', () => {
  const ending = (fakes: number, failures: number, allowedFailures: number | boolean = 0.1): number => {
    const said = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
    const { record } = madeUpRun();
    const counts = { ...record.counts, fakes, scores: 0, failed: failures };
    const alone = { ...record, detectors: [], results: [], probes: [], counts };
    const frame = {
      folder: 'run',
      counts: { cached: 0, computed: 0 } as never,
      fromCache: false,
      json: false,
    };
    const code = conclude({ record: alone, ...frame, allowedFailures });
    said.mockRestore();
    return code;
  };

  test.each([
    [0, 3, exitCodes.tooManyFailures],
    [9, 1, exitCodes.done],
    [8, 2, exitCodes.tooManyFailures],
    [8, 0, exitCodes.done],
  ])('of %i fakes made and %i failed, a tenth may: %i', (fakes, failures, expected) =>
    expect(ending(fakes, failures)).toBe(expected),
  );

  test.each([
    [true, 9, exitCodes.done],
    [false, 1, exitCodes.tooManyFailures],
    [3, 3, exitCodes.done],
    [3, 4, exitCodes.tooManyFailures],
    [1, 9, exitCodes.done],
  ])('allowed %s, failed %i beside 1: %i', (allowed, failures, expected) =>
    expect(ending(1, failures, allowed)).toBe(expected),
  );
});

function failureOf(entry: LineItem): { code: string; cause: string } {
  if ('failure' in entry) return entry.failure;
  throw new Error(`${entry.item.id} did not fail`);
}
