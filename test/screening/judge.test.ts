/** What is concluded from scores: nothing outside the tested domain, nothing where a detector failed, and thresholds that are exceeded. */
import { describe, expect, test } from 'vitest';
import { exitCodeOf } from '../../experiments/screen.ts';
import type { BundleContent, KindRule } from '../../src/screening/bundle.ts';
import { fitDomain } from '../../src/screening/domain.ts';
import type { Examined, Said } from '../../src/screening/examine.job.ts';
import { combined, judge } from '../../src/screening/judge.ts';
import { verdicts } from '../../src/screening/types.ts';

const rate = { stated: 0.01, upper: 0.03, identities: 100, above: 1 };
const rule: KindRule = {
  members: [
    { label: 'a', mean: 1, deviation: 2 },
    { label: 'b', mean: 0, deviation: 1 },
  ],
  manipulated: { value: 3, rate },
  suspicious: { value: 2, rate: { ...rate, stated: 0.05 } },
  genuine: [-1, 0, 1, 2.5],
  real: {
    tested: 4,
    manipulated: 0,
    suspicious: 1,
    notJudged: 0,
    people: { tested: 4, manipulated: 0, suspicious: 1, notJudged: 0 },
  },
  fakes: [{ maker: 'm', seen: true, tested: 10, manipulated: 7, suspicious: 1, notJudged: 0 }],
};
const rows = Array.from({ length: 20 }, (_, i) => [Math.sin(i), Math.cos(2 * i)]);
const domain = fitDomain(rows, new Map([['p', rows]]));
const content = {
  kinds: { clip: rule, photo: rule },
  domain: { clip: { picture: domain, sound: domain }, photo: { picture: domain } },
} as unknown as BundleContent;
const bundle = { id: '0123456789abcdef', content };
const within = [0.1, 0.1];
const beyond = [50, 50];

const examined = (said: Said[], changes: Partial<Examined> = {}): Examined => ({
  kind: 'clip',
  said,
  features: { picture: within, sound: within },
  fingerprints: [],
  provenance: { credentials: 'absent', claims: [] },
  hasUnshown: false,
  hasMoreTracks: false,
  ...changes,
});
const scores = (a: number, b: number): Said[] => [
  { label: 'a', score: a },
  { label: 'b', score: b },
];
const statusOf = (...of: Parameters<typeof examined>): string => judge(bundle, examined(...of)).status;

describe('thresholds', () => {
  test('the loudest counts, in deviations of genuine files', () => {
    expect(combined(rule, scores(9, 1))).toBe(4);
    expect(combined(rule, scores(1, 2.5))).toBe(2.5);
    expect(combined(rule, [])).toBeUndefined();
  });
  test('a score must be above, not at the threshold', () => {
    expect(statusOf(scores(1, 2))).toBe('NO_SIGNS_FOUND');
    expect(statusOf(scores(1, 2.1))).toBe('SUSPICIOUS');
    expect(statusOf(scores(1, 3))).toBe('SUSPICIOUS');
    expect(statusOf(scores(7.1, 0))).toBe('MANIPULATED');
  });
  test('what is shown: ½ at MANIPULATED, and how many genuine files are as high', () => {
    const { score, calibration, models } = judge(bundle, examined(scores(1, 2.5)));
    expect(score).toBeCloseTo(1 / (1 + Math.exp(0.5)), 12);
    expect(calibration).toMatchObject({
      bundle: bundle.id,
      threshold: 0.5,
      genuine: { asHigh: 1, tested: 4 },
      fpr: { stated: 0.01, upper: 0.03, identities: 100 },
      detection: [{ maker: 'm', seen: true, found: 7, tested: 10 }],
    });
    expect(models.map(({ name }) => name)).toEqual(['a', 'b']);
  });
});

describe('where nothing is said', () => {
  test.each([
    [{ picture: beyond, sound: within }, 'OUTSIDE_TESTED_PICTURE'],
    [{ picture: within, sound: beyond }, 'OUTSIDE_TESTED_SOUND'],
  ])('outside the tested domain, whatever the scores: %s', (features, code) => {
    const judged = judge(bundle, examined(scores(1000, 1000), { features }));
    expect(judged).toMatchObject({ status: 'NOT_APPLICABLE', score: null, calibration: null });
    expect(judged.reasons.map((one) => one.code)).toContain(code);
    expect(judged.models.every(({ score }) => score === null)).toBe(true);
  });
  test('a kind that was not tested, and a photo without a picture', () => {
    expect(statusOf(scores(0, 0), { kind: 'sound' })).toBe('NOT_APPLICABLE');
    expect(statusOf(scores(0, 0), { kind: 'photo', features: {} })).toBe('NOT_APPLICABLE');
  });
  test('a bundle without a domain for it says nothing of anything, whatever it has for another kind', () => {
    for (const domain of [{}, { photo: content.domain.photo }]) {
      const blind = { ...bundle, content: { ...content, domain } };
      expect(judge(blind, examined(scores(9, 9))).status).toBe('NOT_APPLICABLE');
    }
  });
  test('a detector that failed: only a finding stands without it', () => {
    const failed: Said = { label: 'a', code: 'E_WORKER_CRASH', cause: '' };
    expect(statusOf([failed, { label: 'b', score: 0 }])).toBe('UNABLE_TO_EVALUATE');
    expect(statusOf([failed, { label: 'b', score: 2.5 }])).toBe('UNABLE_TO_EVALUATE');
    expect(statusOf([failed, { label: 'b', score: 9 }])).toBe('MANIPULATED');
  });
  test('a clip without sound is judged by its picture, and that is said', () => {
    const silent: Said = { label: 'b', code: 'E_NOT_APPLICABLE', cause: '' };
    const judged = judge(
      bundle,
      examined([{ label: 'a', score: 1 }, silent], { features: { picture: within } }),
    );
    expect(judged.status).toBe('NO_SIGNS_FOUND');
    expect(judged.reasons.map(({ code }) => code)).toEqual(['SOUND_NOT_EXAMINED']);
  });
  test('that it holds pictures which nobody examined is said', () => {
    const judged = judge(bundle, examined(scores(1, 1), { hasUnshown: true }));
    expect(judged.status).toBe('NO_SIGNS_FOUND');
    expect(judged.reasons.map(({ code }) => code)).toEqual(['FRAMES_NOT_SHOWN']);
  });
  test('of a file with more tracks only a finding stands', () => {
    const more = { hasMoreTracks: true };
    const held = { status: 'UNABLE_TO_EVALUATE', score: null, reasons: [{ code: 'E_MORE_TRACKS' }] };
    for (const said of [scores(1, 0), scores(1, 2.5), []])
      expect(judge(bundle, examined(said, more))).toMatchObject(held);
    const features = { picture: beyond, sound: within };
    expect(judge(bundle, examined(scores(9, 9), { ...more, features }))).toMatchObject(held);
    const found = judge(bundle, examined(scores(9, 0), more));
    expect(found.status).toBe('MANIPULATED');
    expect(found.reasons.map(({ code }) => code)).toContain('TRACKS_NOT_EXAMINED');
  });
});

test('exit codes of screen: found, undecided, nothing found, in that order', () => {
  const code = (...statuses: (typeof verdicts)[number][]): number =>
    exitCodeOf(statuses.map((status) => ({ status })));
  expect(code('NO_SIGNS_FOUND', 'NO_SIGNS_FOUND')).toBe(0);
  expect(code('NO_SIGNS_FOUND', 'UNABLE_TO_EVALUATE')).toBe(2);
  expect(code('NOT_APPLICABLE')).toBe(2);
  expect(code('NOT_APPLICABLE', 'SUSPICIOUS')).toBe(1);
  expect(code('MANIPULATED')).toBe(1);
  expect(verdicts.join(' ')).not.toMatch(/AUTHENTIC/);
});
