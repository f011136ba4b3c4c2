import { describe, expect, test } from 'vitest';
import { maskIou, segmentAp, spanIou } from '../../src/metrics/partial-fakes.ts';
import { kendallTau, summarizeRobustness } from '../../src/metrics/robustness.ts';

describe('robustness', () => {
  const clean = { value: 0.9, low: 0.8, high: 0.97 };
  const all = [
    { distortion: 'blur', aucs: [0.9, 0.7] },
    { distortion: 'noise', aucs: [0.6, 0.5] },
  ];

  test('mean over levels, then over distortions; what is lost of what there was; the worst level', () => {
    const summary = summarizeRobustness(clean, all);
    expect(summary.means).toEqual({
      blur: { value: expect.closeTo(0.8, 12) },
      noise: { value: expect.closeTo(0.55, 12) },
    });
    expect(summary.mean.value).toBeCloseTo(0.675, 12);
    expect(summary.relativeDrop.value).toBeCloseTo(0.225 / 0.4, 12);
    expect(summary.worst).toEqual({ value: 0.5, distortion: 'noise', level: 2 });
  });

  test('no drop where there was nothing to lose, or where nobody knows', () => {
    expect(summarizeRobustness({ value: 0.6, low: 0.45, high: 0.7 }, all).relativeDrop).toMatchObject({
      value: null,
      reason: expect.stringContaining('holds 0.5'),
    });
    expect(summarizeRobustness({ value: 0.6, low: null, high: null }, all).relativeDrop).toMatchObject({
      value: null,
    });
  });

  test('a missing level makes no mean', () => {
    const summary = summarizeRobustness(clean, [{ distortion: 'blur', aucs: [0.9, null] }]);
    expect(summary.means['blur']).toEqual({ value: null, reason: 'a level has no AUC' });
    expect(summary.mean.value).toBeNull();
    expect(summary.worst).toMatchObject({ value: 0.9, level: 1 });
  });

  test('Kendall: same order, opposite, ties as in τ_b, nothing to order', () => {
    expect(kendallTau([1, 2, 3], [4, 5, 9]).value).toBe(1);
    expect(kendallTau([1, 2, 3], [3, 2, 1]).value).toBe(-1);
    expect(kendallTau([1, 2, 3, 4], [1, 3, 2, 4]).value).toBeCloseTo(2 / 3, 12);
    expect(kendallTau([1, 1, 2], [1, 2, 3]).value).toBeCloseTo(2 / Math.sqrt(6), 12);
    expect(kendallTau([1, 1], [1, 2])).toMatchObject({ value: null });
    expect(kendallTau([1], [1])).toMatchObject({ value: null });
  });
});

describe('where the fake is', () => {
  test('stretches: overlap over union', () => {
    expect(spanIou({ start: 0, end: 2 }, { start: 1, end: 3 })).toBeCloseTo(1 / 3, 12);
    expect(spanIou({ start: 0, end: 1 }, { start: 1, end: 2 })).toBe(0);
  });

  test('segment AP: precision where a true stretch is found, over how many there are', () => {
    const truth = [{ start: 0, end: 1 }];
    const good = { start: 0, end: 1, score: 0.9 };
    const bad = { start: 5, end: 6, score: 0.95 };
    expect(segmentAp([{ truth, found: [good] }], 0.5).value).toBe(1);
    expect(segmentAp([{ truth, found: [good, bad] }], 0.5).value).toBe(0.5);
    expect(
      segmentAp(
        [
          { truth, found: [good] },
          { truth, found: [] },
        ],
        0.5,
      ).value,
    ).toBe(0.5);
    expect(segmentAp([{ truth, found: [{ start: 0.6, end: 1.6, score: 1 }] }], 0.5).value).toBe(0);
  });

  test('a stretch is found once', () => {
    const found = [0.9, 0.8].map((score) => ({ start: 0, end: 1, score }));
    expect(
      segmentAp(
        [
          {
            truth: [
              { start: 0, end: 1 },
              { start: 4, end: 5 },
            ],
            found,
          },
        ],
        0.5,
      ).value,
    ).toBe(0.5);
  });

  test('equal scores are one step, so their order does not matter', () => {
    const truth = [{ start: 0, end: 1 }];
    const found = [
      { start: 0, end: 1, score: 1 },
      { start: 5, end: 6, score: 1 },
    ];
    for (const order of [found, found.toReversed()])
      expect(segmentAp([{ truth, found: order }], 0.5).value).toBe(0.5);
  });

  test('masks: over all frames together; nothing to find has a reason', () => {
    const frame = (...pixels: number[]) => Uint8Array.from(pixels);
    expect(maskIou([frame(1, 1, 0), frame(0, 0, 1)], [frame(1, 0, 0), frame(0, 1, 1)]).value).toBe(0.5);
    expect(maskIou([frame(0)], [frame(0)])).toMatchObject({ value: null });
    expect(() => maskIou([frame(0)], [])).toThrow('1 masks found, but 0 true ones');
    expect(segmentAp([{ truth: [], found: [] }], 0.5)).toMatchObject({ value: null });
  });
});
