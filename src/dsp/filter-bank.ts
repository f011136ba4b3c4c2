/** Overlapping triangular filters over the bins of a power spectrum. */

/** Weights of the bins from `first` on. */
export type Triangle = { first: number; weights: Float64Array };

export const hertzToMel = (hertz: number): number => 2595 * Math.log10(1 + hertz / 700);
export const melToHertz = (mel: number): number => 700 * (10 ** (mel / 2595) - 1);

/**
 * `count` triangles of height 1 whose corners are equally spaced between `lowHz` and `highHz`, in Hz or in mel, at their exact
 * frequencies. A triangle narrower than a bin keeps the bin nearest to its middle.
 */
export function triangles(
  count: number,
  { size, sampleRate }: { size: number; sampleRate: number },
  { lowHz, highHz, mel }: { lowHz: number; highHz: number; mel: boolean },
): Triangle[] {
  const [low, high] = mel ? [hertzToMel(lowHz), hertzToMel(highHz)] : [lowHz, highHz];
  const corner = (i: number): number => {
    const place = low + ((high - low) * i) / (count + 1);
    return ((mel ? melToHertz(place) : place) * size) / sampleRate;
  };
  return Array.from({ length: count }, (_, f) => {
    const [left, middle, right] = [corner(f), corner(f + 1), corner(f + 2)];
    const first = Math.ceil(left);
    const last = Math.min(size / 2, Math.floor(right));
    if (last < first) return { first: Math.round(middle), weights: Float64Array.of(1) };
    const weights = new Float64Array(last - first + 1);
    for (let k = first; k <= last; k++)
      weights[k - first] = k <= middle ? (k - left) / (middle - left) : (right - k) / (right - middle);
    if (weights.every((weight) => weight === 0))
      return { first: Math.round(middle), weights: Float64Array.of(1) };
    return { first, weights };
  });
}

/** What each filter lets through. */
export function filtered(bank: readonly Triangle[], power: ArrayLike<number>): Float64Array {
  const out = new Float64Array(bank.length);
  bank.forEach(({ first, weights }, f) => {
    for (let i = 0; i < weights.length; i++) out[f]! += weights[i]! * power[first + i]!;
  });
  return out;
}
