/** The ONNX file format: a graph as plain data, and its bytes through onnx-proto. */
import type { onnx as Onnx } from 'onnx-proto';
import type { Dtype } from './graph.ts';

/** An integer, integers, a string, or explicitly a float. */
export type OnnxAttributes = Record<string, number | number[] | string | { float: number }>;
export type OnnxNode = {
  op: string;
  domain?: string;
  inputs: string[];
  outputs: string[];
  attributes: OnnxAttributes;
};
export type OnnxConstant = {
  name: string;
  shape: number[];
  data: Float32Array | Int32Array | BigInt64Array | Uint8Array;
};
export type OnnxPort = { name: string; shape: number[]; dtype: Dtype };
export type OnnxGraph = {
  inputs: OnnxPort[];
  outputs: OnnxPort[];
  constants: OnnxConstant[];
  nodes: OnnxNode[];
};

export const emptyGraph = (): OnnxGraph => ({ inputs: [], outputs: [], constants: [], nodes: [] });

/** Operator set 18, which ONNX Runtime, its web build and the common converters read. */
const opset = 18;
const dtypeCodes = { float32: 1, bool: 9, int32: 6 } as const;

const loadProto = async (): Promise<typeof Onnx> =>
  ((await import('onnx-proto')) as unknown as { default: { onnx: typeof Onnx } }).default.onnx;

/** Bytes of a `.onnx` file with every weight inside. */
export async function encodeModel(graph: OnnxGraph): Promise<Uint8Array> {
  const onnx = await loadProto();
  return onnx.ModelProto.encode({
    irVersion: 8,
    producerName: 'masque',
    opsetImport: [{ domain: '', version: opset }],
    graph: {
      name: 'graph',
      node: graph.nodes.map((node) => ({
        opType: node.op,
        input: node.inputs,
        output: node.outputs,
        attribute: Object.entries(node.attributes).map(([name, value]) => attribute(name, value)),
      })),
      initializer: graph.constants.map(tensor),
      input: graph.inputs.map(port),
      output: graph.outputs.map(port),
    },
  }).finish();
}

function attribute(name: string, value: OnnxAttributes[string]): Onnx.IAttributeProto {
  if (typeof value === 'number') return { name, type: 2, i: value };
  if (typeof value === 'string') return { name, type: 3, s: Buffer.from(value) };
  if (Array.isArray(value)) return { name, type: 7, ints: value };
  return { name, type: 1, f: value.float };
}

function tensor({ name, shape, data }: OnnxConstant): Onnx.ITensorProto {
  const dataType =
    data instanceof Float32Array
      ? 1
      : data instanceof Int32Array
        ? 6
        : data instanceof BigInt64Array
          ? 7
          : dtypeCodes.bool;
  return {
    name,
    dims: shape,
    dataType,
    rawData: new Uint8Array(data.buffer, data.byteOffset, data.byteLength),
  };
}

function port({ name, shape, dtype }: OnnxPort): Onnx.IValueInfoProto {
  return {
    name,
    type: {
      tensorType: { elemType: dtypeCodes[dtype], shape: { dim: shape.map((dimValue) => ({ dimValue })) } },
    },
  };
}

/**
 * Reads a model as far as safety and speed need: the name of a weight kept outside the file, in any graph inside it, and the
 * numbers of output channels of its convolutions with constant filters. Throws when the bytes are no ONNX model.
 */
export async function decodeModel(
  bytes: Uint8Array,
): Promise<{ externalData?: string; convolutionWidths: number[] }> {
  const onnx = await loadProto();
  const model = onnx.ModelProto.decode(bytes);
  if (!model.graph?.node?.length) throw new Error('it has no graph');
  const tensors = [
    ...graphTensors(model.graph),
    ...(model.functions ?? []).flatMap((f) => nodeTensors(f.node ?? [])),
  ];
  const outside = tensors.find(
    ({ dataLocation, externalData }) => dataLocation === 1 || (externalData?.length ?? 0) > 0,
  );
  const filters = new Map(model.graph.initializer?.map(({ name, dims }) => [name, Number(dims?.[0])]));
  const convolutionWidths = model.graph.node.flatMap(({ opType, input }) =>
    opType === 'Conv' ? (filters.get(input?.[1]) ?? []) : [],
  );
  return { ...(outside ? { externalData: outside.name ?? '' } : {}), convolutionWidths };
}

function graphTensors(graph: Onnx.IGraphProto): Onnx.ITensorProto[] {
  const sparse = (graph.sparseInitializer ?? []).flatMap(({ values, indices }) =>
    [values, indices].filter((t) => t !== null && t !== undefined),
  );
  return [...(graph.initializer ?? []), ...sparse, ...nodeTensors(graph.node ?? [])];
}

function nodeTensors(nodes: Onnx.INodeProto[]): Onnx.ITensorProto[] {
  const attributes = nodes.flatMap((node) => node.attribute ?? []);
  return attributes.flatMap(({ t, tensors, g, graphs }) => [
    ...(t ? [t] : []),
    ...(tensors ?? []),
    ...[...(g ? [g] : []), ...(graphs ?? [])].flatMap(graphTensors),
  ]);
}
