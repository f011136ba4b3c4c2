/** Kernels that work element by element; they run in whatever order their largest operand lies in. */
import { arrange, broadcastShape, commonOrder, raise, settle, stored, typed, uniform } from '../graph.ts';
import type { Dtype, Graph, Spec, Value } from '../graph.ts';
import type { OnnxAttributes } from '../onnx.ts';
import { type Attributes, kernel, type Kernel, type Kernels, need } from './kernel.ts';

/** Applies an ONNX operator to values that broadcast against each other. */
export function map(
  graph: Graph,
  op: string,
  values: Value[],
  dtype: Dtype = values[0]!.dtype,
  attributes: OnnxAttributes = {},
): Value {
  const shape = broadcastShape(...values.map((value) => value.shape));
  const order = commonOrder(values, shape.length);
  const operands = values.map((value) => raise(graph, value, shape.length));
  const names = operands.map((value) =>
    value.uniform === undefined ? arrange(graph, value, order) : graph.scalar(value.uniform, value.dtype),
  );
  if (operands.every((value) => value.uniform !== undefined)) {
    names[0] = arrange(graph, operands[0] as Value, order);
  }
  const extent = broadcastShape(...operands.map((value) => value.extent));
  return { name: graph.node(op, names, attributes), shape, dtype, order, extent };
}

export const constant = (number: number, dtype: Dtype = 'float32'): Value =>
  uniform(number, { shape: [], dtype });

/** The same elements under a larger shape, repeated only in thought. */
export function repeatTo(graph: Graph, value: Value, shape: number[]): Value {
  return { ...settle(graph, raise(graph, value, shape.length)), shape };
}

export function cast(graph: Graph, x: Value, dtype: Dtype): Value {
  if (x.dtype === dtype) return x;
  if (x.uniform !== undefined)
    return uniform(dtype === 'float32' ? x.uniform : Math.trunc(x.uniform), { shape: x.shape, dtype });
  return map(graph, 'Cast', [x], dtype, { to: { float32: 1, int32: 6, bool: 9 }[dtype] });
}

type Unary = (graph: Graph, x: Value, attributes: Attributes) => Value;
const op =
  (name: string): Unary =>
  (graph, x) =>
    map(graph, name, [x]);

const unary: Record<string, Unary> = {
  Abs: op('Abs'),
  Acos: op('Acos'),
  Acosh: op('Acosh'),
  Asin: op('Asin'),
  Asinh: op('Asinh'),
  Atan: op('Atan'),
  Atanh: op('Atanh'),
  Ceil: op('Ceil'),
  Cos: op('Cos'),
  Cosh: op('Cosh'),
  Elu: op('Elu'),
  Erf: op('Erf'),
  Exp: op('Exp'),
  Expm1: (graph, x) => map(graph, 'Sub', [map(graph, 'Exp', [x]), constant(1)]),
  Floor: op('Floor'),
  Identity: (_graph, x) => x,
  Log: op('Log'),
  Log1p: (graph, x) => map(graph, 'Log', [map(graph, 'Add', [x, constant(1)])]),
  LogicalNot: op('Not'),
  Neg: op('Neg'),
  Reciprocal: op('Reciprocal'),
  Relu: op('Relu'),
  Relu6: (graph, x) => map(graph, 'Clip', [x, constant(0), constant(6)]),
  Round: op('Round'),
  Rsqrt: (graph, x) => map(graph, 'Reciprocal', [map(graph, 'Sqrt', [x])]),
  Selu: op('Selu'),
  Sigmoid: op('Sigmoid'),
  Sign: op('Sign'),
  Sin: op('Sin'),
  Sinh: op('Sinh'),
  Softplus: op('Softplus'),
  Sqrt: op('Sqrt'),
  Square: (graph, x) => map(graph, 'Mul', [x, x]),
  Tan: op('Tan'),
  Tanh: op('Tanh'),
  ClipByValue: (graph, x, attributes) => {
    const { clipValueMin, clipValueMax } = attributes as { clipValueMin: number; clipValueMax: number };
    return map(graph, 'Clip', [x, constant(clipValueMin), constant(clipValueMax)]);
  },
  LeakyRelu: (graph, x, attributes) =>
    map(graph, 'LeakyRelu', [x], x.dtype, { alpha: { float: attributes.alpha as number } }),
  Step: (graph, x, attributes) => {
    const positive = map(graph, 'Greater', [x, constant(0)], 'bool');
    const alpha = (attributes.alpha as number | undefined) ?? 0;
    if (alpha === 0) return cast(graph, positive, 'float32');
    return map(graph, 'Where', [positive, constant(1), constant(alpha)], 'float32');
  },
};

/** `neutral`: the right-hand number that changes nothing; the left-hand one too where the operator commutes. */
type Binary = {
  op: string;
  result?: 'bool';
  fold?: (a: number, b: number) => number;
  neutral?: number;
  commutes?: boolean;
};
const binary: Record<string, Binary> = {
  Add: { op: 'Add', fold: (a, b) => a + b, neutral: 0, commutes: true },
  Sub: { op: 'Sub', fold: (a, b) => a - b, neutral: 0 },
  Multiply: { op: 'Mul', fold: (a, b) => a * b, neutral: 1, commutes: true },
  RealDiv: { op: 'Div', fold: (a, b) => a / b, neutral: 1 },
  Maximum: { op: 'Max' },
  Minimum: { op: 'Min' },
  Pow: { op: 'Pow' },
  Prelu: { op: 'PRelu' },
  Equal: { op: 'Equal', result: 'bool' },
  Greater: { op: 'Greater', result: 'bool' },
  GreaterEqual: { op: 'GreaterOrEqual', result: 'bool' },
  Less: { op: 'Less', result: 'bool' },
  LessEqual: { op: 'LessOrEqual', result: 'bool' },
  LogicalAnd: { op: 'And', result: 'bool' },
  LogicalOr: { op: 'Or', result: 'bool' },
};

/** One of the arithmetic operators, with numbers folded and neutral operands dropped. */
export function arithmetic(graph: Graph, name: keyof typeof binary, a: Value, b: Value): Value {
  const { op: operator, result, fold, neutral, commutes } = binary[name] as Binary;
  const shape = broadcastShape(a.shape, b.shape);
  if (fold && a.dtype === 'float32' && a.uniform !== undefined && b.uniform !== undefined) {
    return uniform(Math.fround(fold(a.uniform, b.uniform)), { shape, dtype: a.dtype });
  }
  if (neutral !== undefined && b.uniform === neutral) return repeatTo(graph, a, shape);
  if (neutral !== undefined && commutes && a.uniform === neutral) return repeatTo(graph, b, shape);
  if (name === 'Pow' && b.uniform === 2) return repeatTo(graph, map(graph, 'Mul', [a, a]), shape);
  return map(graph, operator, [a, b], result ?? a.dtype);
}

const binaryKernel = (name: string, { result }: Binary, [left, right]: [string, string]): Kernel =>
  kernel(
    (inputs) => {
      const [a, b] = [need(inputs, left), need(inputs, right)];
      return { shape: broadcastShape(a.shape, b.shape), dtype: result ?? a.dtype };
    },
    (graph, inputs) => arithmetic(graph, name, need(inputs, left), need(inputs, right)),
  );

const first = (inputs: Record<string, Spec>): Spec => Object.values(inputs)[0] as Spec;

type RangeAttributes = { start: number; stop: number; step: number; dtype: Dtype };

export const elementwise: Kernels = {
  ...Object.fromEntries(
    Object.entries(unary).map(([name, lower]) => [
      name,
      kernel(first, (graph, inputs, attributes) => lower(graph, need(inputs, 'x'), attributes)),
    ]),
  ),
  ...Object.fromEntries(
    Object.entries(binary).map(([name, kind]) => [
      name,
      binaryKernel(name, kind, name === 'Prelu' ? ['x', 'alpha'] : ['a', 'b']),
    ]),
  ),
  NotEqual: kernel(
    (inputs) => ({ shape: broadcastShape(need(inputs, 'a').shape, need(inputs, 'b').shape), dtype: 'bool' }),
    (graph, inputs) =>
      map(graph, 'Not', [map(graph, 'Equal', [need(inputs, 'a'), need(inputs, 'b')], 'bool')]),
  ),
  SquaredDifference: kernel(
    (inputs) => ({
      shape: broadcastShape(need(inputs, 'a').shape, need(inputs, 'b').shape),
      dtype: need(inputs, 'a').dtype,
    }),
    (graph, inputs) => {
      const difference = map(graph, 'Sub', [need(inputs, 'a'), need(inputs, 'b')]);
      return map(graph, 'Mul', [difference, difference]);
    },
  ),
  AddN: kernel(first, (graph, inputs) =>
    Object.values(inputs).reduce((sum, x) => arithmetic(graph, 'Add', sum, x)),
  ),
  Cast: kernel(
    (inputs, attributes) => ({ shape: need(inputs, 'x').shape, dtype: attributes.dtype as Dtype }),
    (graph, inputs, _attributes, output) => cast(graph, need(inputs, 'x'), output.dtype),
  ),
  Select: kernel(
    (inputs) => ({
      shape: broadcastShape(...Object.values(inputs).map((x) => x.shape)),
      dtype: need(inputs, 't').dtype,
    }),
    (graph, inputs) => {
      const [condition, t, e] = [need(inputs, 'condition'), need(inputs, 't'), need(inputs, 'e')];
      return map(graph, 'Where', [condition, t, e], t.dtype);
    },
  ),
  EluGrad: kernel(
    (inputs) => need(inputs, 'dy'),
    (graph, inputs) => {
      const [dy, y] = [need(inputs, 'dy'), need(inputs, 'y')];
      const slope = map(graph, 'Min', [map(graph, 'Add', [y, constant(1)]), constant(1)]);
      return map(graph, 'Mul', [dy, slope]);
    },
  ),
  ZerosLike: kernel(first, (_graph, _inputs, _attributes, output) => uniform(0, output)),
  OnesLike: kernel(first, (_graph, _inputs, _attributes, output) => uniform(1, output)),
  Range: kernel(
    (_inputs, attributes) => {
      const { start, stop, step, dtype } = attributes as RangeAttributes;
      return { shape: [Math.max(0, Math.ceil((stop - start) / step))], dtype };
    },
    (graph, _inputs, attributes, output) => {
      const { start, step } = attributes as RangeAttributes;
      const values = Array.from({ length: output.shape[0] as number }, (_, i) => start + i * step);
      return stored(graph.constant(typed(values, output.dtype), output.shape), output);
    },
  ),
  Fill: kernel(
    (_inputs, attributes) => ({
      shape: attributes.shape as number[],
      dtype: (attributes.dtype as Dtype | undefined) ?? 'float32',
    }),
    (_graph, _inputs, attributes, output) => uniform(attributes.value as number, output),
  ),
};
