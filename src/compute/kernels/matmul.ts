/** Matrix products; transposed operands are read in place. */
import { broadcastShape, dense, type Graph, range, same, stored, type Value } from '../graph.ts';
import { arithmetic, elementwise, map } from './elementwise.ts';
import { type Attributes, kernel, type Kernels, need } from './kernel.ts';

/** A rank-2 value as it lies, and whether that is transposed. */
function matrix(graph: Graph, value: Value, transposed: boolean): { name: string; flipped: boolean } {
  const lies = !value.undecided && same(value.order, [1, 0]) && value.uniform === undefined;
  return { name: dense(graph, value, lies ? [1, 0] : [0, 1]), flipped: lies !== transposed };
}

/** `a b` of rank 2, either operand read transposed. */
export function gemm(graph: Graph, a: Value, b: Value, transposeA: boolean, transposeB: boolean): Value {
  const left = matrix(graph, a, transposeA);
  const right = matrix(graph, b, transposeB);
  const shape = [a.shape[transposeA ? 1 : 0]!, b.shape[transposeB ? 0 : 1]!];
  const plain = !left.flipped && !right.flipped;
  const name = plain
    ? graph.node('MatMul', [left.name, right.name])
    : graph.node('Gemm', [left.name, right.name], {
        transA: left.flipped ? 1 : 0,
        transB: right.flipped ? 1 : 0,
      });
  return stored(name, { shape, dtype: 'float32' });
}

function batchMatMul(
  graph: Graph,
  a: Value,
  b: Value,
  transposeA: boolean,
  transposeB: boolean,
  shape: number[],
): Value {
  if (a.shape.length === 2 && b.shape.length === 2) return gemm(graph, a, b, transposeA, transposeB);
  const operand = (value: Value, transposed: boolean): string => {
    const rank = value.shape.length;
    return dense(graph, value, transposed ? [...range(rank - 2), rank - 1, rank - 2] : range(rank));
  };
  return stored(graph.node('MatMul', [operand(a, transposeA), operand(b, transposeB)]), {
    shape,
    dtype: 'float32',
  });
}

function outputShape(a: number[], b: number[], transposeA: boolean, transposeB: boolean): number[] {
  const batch = broadcastShape(a.slice(0, -2), b.slice(0, -2));
  return [...batch, a.at(transposeA ? -1 : -2)!, b.at(transposeB ? -2 : -1)!];
}

/** Bias and activation of the fused kernels. */
export function finish(graph: Graph, x: Value, inputs: Record<string, Value>, attributes: Attributes): Value {
  const biased = inputs.bias ? arithmetic(graph, 'Add', x, inputs.bias) : x;
  const { activation, leakyreluAlpha } = attributes as { activation?: string; leakyreluAlpha?: number };
  if (!activation || activation === 'linear') return biased;
  if (activation === 'prelu') return map(graph, 'PRelu', [biased, need(inputs, 'preluActivationWeights')]);
  const names: Record<string, string> = {
    relu: 'Relu',
    relu6: 'Relu6',
    elu: 'Elu',
    sigmoid: 'Sigmoid',
    leakyrelu: 'LeakyRelu',
  };
  const name = names[activation];
  if (!name) throw new Error(`fused activation "${activation}" cannot be compiled`);
  return elementwise[name]!.lower(graph, { x: biased }, { alpha: leakyreluAlpha ?? 0.2 }, [])[0] as Value;
}

const product = kernel(
  (inputs, attributes) => {
    const { transposeA, transposeB } = attributes as { transposeA: boolean; transposeB: boolean };
    return {
      shape: outputShape(need(inputs, 'a').shape, need(inputs, 'b').shape, transposeA, transposeB),
      dtype: 'float32',
    };
  },
  (graph, inputs, attributes, { shape }) => {
    const { transposeA, transposeB } = attributes as { transposeA: boolean; transposeB: boolean };
    const y = batchMatMul(graph, need(inputs, 'a'), need(inputs, 'b'), transposeA, transposeB, shape);
    return finish(graph, y, inputs, attributes);
  },
);

export const products: Kernels = { BatchMatMul: product, _FusedMatMul: product };
