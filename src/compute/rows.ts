/** Networks from rows to rows: exported for a fixed number of rows at once, run over any number. */
import type * as Tf from '@tensorflow/tfjs';
import type { Engine } from './engine.ts';
import { type Network, openModel } from './model.ts';
import type { Parameters } from './parameters.ts';

/** A network from one input `x` to one output `y`, both with the batch first. */
export type RowModel = { network: Network; shape: readonly [batch: number, ...row: number[]] };

/** Opens what `exportRowModel` wrote, from a file or from bytes. */
export async function openRowModel(source: string | Uint8Array, shape: RowModel['shape']): Promise<RowModel> {
  return { network: await openModel(source, { threads: 1 }), shape };
}

/** An ONNX file of the network `build` for rows of `shape`, the batch first. */
export function exportRowModel<Input extends Tf.Tensor>(
  { export: exportModel }: Engine,
  parameters: Parameters,
  shape: RowModel['shape'],
  build: (parameters: Parameters, x: Input) => Tf.Tensor,
): Promise<Uint8Array> {
  return exportModel({
    inputs: { x: { shape } },
    outputs: ({ x }) => ({ y: build(parameters, x as unknown as Input) }),
    parameters,
  });
}

/** The outputs of all rows, in order; the last batch is filled with zeros. */
export async function runRows({ network, shape }: RowModel, rows: Float32Array): Promise<Float32Array> {
  const [batch, ...row] = shape;
  const width = row.reduce((product, size) => product * size, 1);
  const count = rows.length / width;
  if (!Number.isInteger(count)) throw new RangeError(`${rows.length} values are no rows of ${row.join('×')}`);
  const parts: Float32Array[] = [];
  for (let start = 0; start < count; start += batch) {
    const data = new Float32Array(batch * width);
    const end = Math.min(count, start + batch);
    data.set(rows.subarray(start * width, end * width));
    const { y } = await network.run({ x: { shape: [batch, ...row], data } });
    const values = y!.data as Float32Array;
    parts.push(values.slice(0, ((end - start) * values.length) / batch));
  }
  return concat(parts);
}

/** Rows after rows. */
export function concat(parts: Float32Array[]): Float32Array {
  const all = new Float32Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}
