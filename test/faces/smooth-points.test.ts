import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { quadraticWeights } from '../../src/dsp/savitzky-golay.ts';
import { eyes } from '../../src/faces/mesh-topology.ts';
import { meshPointCount } from '../../src/faces/mesh-track.ts';
import { bridgeGaps, smoothPoints } from '../../src/faces/smooth-points.ts';
import { createRng } from '../../src/random.ts';

describe('local quadratic fit', () => {
  test('five points: the published weights', () => {
    const expected = [-3, 12, 17, 12, -3].map((weight) => expect.closeTo(weight / 35, 12));
    expect([...quadraticWeights(2, 0)]).toEqual(expected);
  });

  test('parabolas are left as they are, wherever they are read', () => {
    const number = fc.double({ min: -5, max: 5, noNaN: true });
    fc.assert(
      fc.property(
        number,
        number,
        number,
        fc.integer({ min: 1, max: 6 }),
        fc.nat(),
        (a, b, c, half, place) => {
          const at = (place % (2 * half + 1)) - half;
          const value = (u: number): number => a + b * u + c * u * u;
          const fitted = quadraticWeights(half, at).reduce(
            (sum, weight, i) => sum + weight * value(i - half),
            0,
          );
          expect(fitted).toBeCloseTo(value(at), 8);
        },
      ),
    );
  });
});

/** A face 121 px wide: the network is shown a square of 181 px, and jitter is 0.18 px. Every point lies `offset` beside its place. */
const face = (offset: number): Float32Array => {
  const points = new Float32Array(3 * meshPointCount);
  for (let i = 0; i < meshPointCount; i++)
    points.set([100 + (i % 12) * 11 + offset, 80 + (i % 7) * 11, 0], 3 * i);
  points.set([100 + offset, 90, 0], 3 * eyes.left[0]);
  points.set([200 + offset, 90, 0], 3 * eyes.right[8]);
  return points;
};
const firstX = (frames: (Float32Array | null)[]): number[] => frames.map((frame) => frame![0]! - 100);

describe('gaps', () => {
  test('up to the longest are bridged on a straight line and counted, longer ones and ends are not', () => {
    const frames = [null, face(0), null, null, face(3), null, null, null, face(0), null];
    const { frames: filled, bridged } = bridgeGaps(frames, 2);
    expect(bridged).toBe(2);
    expect(filled.map((frame) => (frame ? Math.round(frame[0]! - 100) : null))).toEqual([
      null,
      0,
      1,
      2,
      3,
      null,
      null,
      null,
      0,
      null,
    ]);
    expect(frames[2]).toBeNull();
  });

  test('nothing to bridge', () => {
    expect(bridgeGaps([], 5)).toEqual({ frames: [], bridged: 0 });
    expect(bridgeGaps([null, null], 5)).toEqual({ frames: [null, null], bridged: 0 });
    expect(bridgeGaps([face(0), null, face(1)], 0).bridged).toBe(0);
  });
});

describe('jitter', () => {
  const rms = (values: number[]): number =>
    Math.sqrt(values.reduce((sum, value) => sum + value * value, 0) / values.length);

  test('of a still face loses a third; the fit alone would take 0.42 of it', () => {
    const rng = createRng(1, 'jitter');
    const noise = Array.from({ length: 200 }, () => rng.normal(0, 0.1));
    expect(rms(firstX(smoothPoints(noise.map(face), 25)))).toBeLessThan(0.1 * (2 / 3));
  });

  test('a lip that closes for one frame stays closed, and nothing lags', () => {
    const opening = Array.from({ length: 31 }, (_, t) => (t === 15 ? 0 : 8));
    const smoothed = firstX(smoothPoints(opening.map(face), 25));
    expect(smoothed[15]).toBeLessThan(0.05);
    for (const [t, value] of smoothed.entries()) {
      expect(Math.abs(value - opening[t]!)).toBeLessThan(0.2);
      expect(value).toBeCloseTo(smoothed[30 - t]!, 4);
    }
  });

  test('no value is moved further than jitter reaches, whatever it is', () => {
    const rng = createRng(2, 'walk');
    const walk = Array.from({ length: 60 }, () => rng.uniform(-20, 20));
    // r − r³/(r² + τ²) is largest at r = τ, where it is τ/2.
    for (const [t, value] of firstX(smoothPoints(walk.map(face), 25)).entries())
      expect(Math.abs(value - walk[t]!)).toBeLessThan(0.101);
  });

  test('frames without a face part the clip; too short a stretch is left alone', () => {
    const frames = [face(0), face(1), null, ...Array.from({ length: 9 }, (_, i) => face(0.1 * i * i))];
    const smoothed = smoothPoints(frames, 25);
    expect(smoothed[0]).toEqual(frames[0]);
    expect(smoothed[2]).toBeNull();
    // A parabola is its own fit: it does not feel what lies before the gap.
    smoothed.slice(3).forEach((frame, i) => expect(frame![0]).toBeCloseTo(100 + 0.1 * i * i, 3));
    expect(smoothPoints([], 25)).toEqual([]);
  });
});
