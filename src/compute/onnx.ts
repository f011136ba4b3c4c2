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

/** Domains whose operators ONNX Runtime brings itself. */
const knownDomains = ['', 'ai.onnx', 'ai.onnx.ml', 'com.microsoft'];

/** `bytes`: what was looked at and nothing else, written anew. Widths: output channels of the convolutions with constant filters. */
export type DecodedModel = { bytes: Uint8Array; convolutionWidths: number[] };

/**
 * Reads a model as far as safety and speed need. Two readers may see different things in one file (where a part stands there twice, one
 * merges and the other replaces), so only what was read here goes on to the next.
 * @throws Error when the bytes are no ONNX model, have a weight outside the file, or an operator that the model's maker would have to bring.
 */
export async function decodeModel(given: Uint8Array): Promise<DecodedModel> {
  const onnx = await loadProto();
  const model = decode(onnx, given);
  if (!model.graph?.node?.length) throw new Error('not an ONNX model (it has no graph)');
  const domains = [...knownDomains, ...(model.functions ?? []).map(({ domain }) => domain ?? '')];
  for (const part of partsOf(model)) {
    const { dataLocation, externalData, opType, domain } = part as Onnx.ITensorProto & Onnx.INodeProto;
    if (dataLocation === 1 || (externalData?.length ?? 0) > 0)
      throw new Error(
        `weight "${(part as Onnx.ITensorProto).name}" lies in another file. Save the model with its weights inside`,
      );
    if (opType !== undefined && !domains.includes(domain ?? ''))
      throw new Error(
        `operator "${opType}" of "${domain}" is none of ONNX's own. Export the model without it`,
      );
  }
  const filters = new Map(model.graph.initializer?.map(({ name, dims }) => [name, Number(dims?.[0])]));
  const convolutionWidths = model.graph.node.flatMap(({ opType, input }) =>
    opType === 'Conv' ? (filters.get(input?.[1]) ?? []) : [],
  );
  return { bytes: onnx.ModelProto.encode(model).finish(), convolutionWidths };
}

function decode(onnx: typeof Onnx, bytes: Uint8Array): Onnx.ModelProto {
  try {
    return onnx.ModelProto.decode(bytes);
  } catch (cause) {
    throw new Error(`not an ONNX model (${(cause as Error).message})`, { cause });
  }
}

/** Every message inside a message, wherever it stands: weights hide in attributes, sparse tensors, functions and inner graphs. */
function* partsOf(part: object): Generator<object> {
  yield part;
  for (const value of Object.values(part)) {
    const inner: unknown[] = Array.isArray(value) ? (typeof value[0] === 'object' ? value : []) : [value];
    for (const one of inner)
      if (typeof one === 'object' && one !== null && !ArrayBuffer.isView(one) && !('unsigned' in one))
        yield* partsOf(one);
  }
}
