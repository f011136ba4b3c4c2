/**
 * The expression coefficients of the head, in the order of the basis. Each runs from 0 (neutral) to 1 (the strongest that
 * speech or mime asks for) and moves vertices linearly, so shapes add up.
 */
export const expressionNames = [
  'jawOpen',
  'jawForward',
  /** Closes the lips over an open jaw: with `lipsClosed` equal to `jawOpen` (and no other opening shape) they touch. */
  'lipsClosed',
  'pucker',
  'funnel',
  'stretch',
  'smileLeft',
  'smileRight',
  'frownLeft',
  'frownRight',
  'upperLipUp',
  'lowerLipDown',
  /** Rolls the lips in and presses them; keeps contact. */
  'lipsPressed',
  /** The lower lip against the upper teeth, as for f and v. */
  'lowerLipTuck',
  'cheeksPuffed',
  'browsUp',
  'browsDown',
  'blinkLeft',
  'blinkRight',
  'squint',
] as const;

/** One of the shapes; left and right are the viewer's. */
export type ExpressionName = (typeof expressionNames)[number];

/** Number of shapes, K. */
export const expressionCount = expressionNames.length;

/** Where a shape stands in an expression vector. */
export const expressionIndex = Object.fromEntries(
  expressionNames.map((name, index) => [name, index]),
) as Record<ExpressionName, number>;

/** An expression vector (K values) from the named coefficients, the others 0. */
export function expressionOf(coefficients: Partial<Record<ExpressionName, number>>): Float32Array {
  const expression = new Float32Array(expressionCount);
  for (const [name, value] of Object.entries(coefficients)) {
    expression[expressionIndex[name as ExpressionName]] = value;
  }
  return expression;
}
