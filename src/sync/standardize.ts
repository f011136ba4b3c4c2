/** Columns of a row-major table with mean 0 and variance 1 (a constant column becomes 0). */
export function standardizeColumns(rows: Float32Array, width: number): Float32Array {
  const count = rows.length / width;
  const out = new Float32Array(rows.length);
  for (let c = 0; c < width; c++) {
    let [sum, squares] = [0, 0];
    for (let at = c; at < rows.length; at += width) {
      sum += rows[at]!;
      squares += rows[at]! ** 2;
    }
    const mean = sum / count;
    const deviation = Math.sqrt(Math.max(0, squares / count - mean * mean)) + smallest;
    for (let at = c; at < rows.length; at += width) out[at] = (rows[at]! - mean) / deviation;
  }
  return out;
}

/** Keeps a column that does not vary from being divided by nothing. */
const smallest = 1e-3;
