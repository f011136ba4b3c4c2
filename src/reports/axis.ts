/** What all charts share: their width, their places and how a number becomes one. */

export const width = 320;
export const left = 62;
export const right = width - 8;

/** Maps [from, to] to pixels; a range of no width goes to the middle. Halved first, because the widest range of doubles overflows. */
export function scale(from: number, to: number, start: number, end: number): (value: number) => number {
  const range = to / 2 - from / 2;
  return (value) =>
    range > 0 ? start + ((value / 2 - from / 2) / range) * (end - start) : (start + end) / 2;
}

export const px = (value: number): string => value.toFixed(1);

/** Lowest and highest of the values. */
export function extent(values: readonly number[]): [number, number] {
  return values.reduce<[number, number]>(
    ([low, high], value) => [Math.min(low, value), Math.max(high, value)],
    [Infinity, -Infinity],
  );
}
