import { solvePositiveDefinite } from '../learn/cholesky.ts';

/**
 * Ridge regression, Y ≈ X·W, in closed form: W = (XᵀX + λI)⁻¹ XᵀY (Hoerl & Kennard 1970), by Cholesky decomposition in
 * double precision. `x` is row-major n×`inputs`, `y` row-major n×`outputs`; the result is row-major `inputs`×`outputs`.
 * λ = `strength` × the mean of XᵀX's diagonal, so that it does not depend on the number or scale of the samples.
 */
export function ridge(
  x: ArrayLike<number>,
  y: ArrayLike<number>,
  { inputs, outputs, strength }: { inputs: number; outputs: number; strength: number },
): Float64Array {
  const count = x.length / inputs;
  if (!Number.isInteger(count) || count === 0 || y.length !== count * outputs) {
    throw new RangeError(
      `ridge: ${x.length} and ${y.length} values are no samples of ${inputs} and ${outputs}`,
    );
  }
  const gram = new Float64Array(inputs * inputs);
  const right = new Float64Array(inputs * outputs);
  for (let n = 0; n < count; n++) {
    for (let i = 0; i < inputs; i++) {
      const value = x[n * inputs + i]!;
      if (value === 0) continue;
      for (let j = 0; j <= i; j++) gram[i * inputs + j]! += value * x[n * inputs + j]!;
      for (let j = 0; j < outputs; j++) right[i * outputs + j]! += value * y[n * outputs + j]!;
    }
  }
  let trace = 0;
  for (let i = 0; i < inputs; i++) trace += gram[i * inputs + i]!;
  for (let i = 0; i < inputs; i++) gram[i * inputs + i]! += (strength * trace) / inputs;
  return solvePositiveDefinite(gram, right, outputs);
}
