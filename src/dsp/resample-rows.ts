/**
 * A sequence of feature rows at another rate by linear interpolation, ends held: source row i lies at i / `fromRate`
 * seconds, row j of the result at j / `toRate` (VOCA's way with DeepSpeech logits, `fps` in place of its fixed 60).
 * `rows` holds rows of `width` values; the result has `count` rows.
 */
export function resampleRows(
  rows: Float32Array,
  options: { width: number; fromRate: number; toRate: number; count: number },
): Float32Array {
  const { width, fromRate, toRate, count } = options;
  const last = rows.length / width - 1;
  if (last < 0 || !Number.isInteger(last))
    throw new RangeError(`resampleRows: no rows of ${width} in ${rows.length}`);
  const result = new Float32Array(count * width);
  for (let j = 0; j < count; j++) {
    const position = Math.min(last, (j * fromRate) / toRate);
    const low = Math.floor(position);
    const high = Math.min(last, low + 1);
    const fraction = position - low;
    for (let c = 0; c < width; c++) {
      result[j * width + c] = rows[low * width + c]! * (1 - fraction) + rows[high * width + c]! * fraction;
    }
  }
  return result;
}
