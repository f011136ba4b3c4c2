import { expect, test } from 'vitest';
import { createRng } from '../../src/random.ts';

test('the same seed and scope give the same stream, another scope another', () => {
  const draw = (...scope: string[]): number[] => {
    const rng = createRng(7, ...scope);
    return Array.from({ length: 5 }, () => rng.uniform());
  };
  expect(draw('a', 'b')).toEqual(draw('a', 'b'));
  expect(draw('a', 'b')).not.toEqual(draw('ab'));
  expect(draw('a')).not.toEqual(draw('b'));
});

test('forking does not move the stream on', () => {
  const [plain, forked] = [createRng(1, 'x'), createRng(1, 'x')];
  forked.fork('child').uniform();
  expect(forked.uniform()).toBe(plain.uniform());
});

test('uniform and normal have the moments of their distributions', () => {
  const rng = createRng(3, 'moments');
  const n = 200_000;
  const uniform = Array.from({ length: n }, () => rng.uniform(-1, 3));
  const normal = Array.from({ length: n }, () => rng.normal(2, 0.5));
  const mean = (xs: number[]): number => xs.reduce((a, b) => a + b, 0) / n;
  expect(mean(uniform)).toBeCloseTo(1, 1);
  expect(Math.abs(mean(normal) - 2)).toBeLessThan(0.01);
  const deviation = Math.sqrt(mean(normal.map((x) => (x - 2) ** 2)));
  expect(Math.abs(deviation - 0.5)).toBeLessThan(0.01);
  expect(Math.abs(Math.sqrt(mean(uniform.map((x) => (x - 1) ** 2))) - 4 / Math.sqrt(12))).toBeLessThan(0.01);
  expect(Math.min(...uniform.slice(0, 1000))).toBeGreaterThanOrEqual(-1);
  expect(Math.max(...uniform.slice(0, 1000))).toBeLessThan(3);
});

test('shuffle keeps every value and reaches every order', () => {
  const orders = new Set(
    Array.from({ length: 200 }, (_, i) => createRng(i, 'shuffle').shuffle([1, 2, 3]).join('')),
  );
  expect(orders.size).toBe(6);
});

test('int stays below its bound and pick refuses an empty list', () => {
  const rng = createRng(1, 'int');
  expect(new Set(Array.from({ length: 100 }, () => rng.int(3)))).toEqual(new Set([0, 1, 2]));
  expect(() => rng.pick([])).toThrow('nothing to pick');
});

test('a saved stream goes on where it stood, through JSON, in the middle of a pair of normal numbers too', () => {
  const rng = createRng(5, 'saved');
  rng.normal();
  const state = JSON.parse(JSON.stringify(rng.save())) as ReturnType<typeof rng.save>;
  const follow = (from: typeof rng): number[] => [
    from.normal(),
    from.uniform(),
    from.normal(),
    from.int(1e6),
  ];
  const expected = follow(rng);
  const other = createRng(6, 'else');
  other.restore(state);
  expect(follow(other)).toEqual(expected);
});
