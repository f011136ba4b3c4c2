/** ONNX files as somebody who means harm, or a broken disk, would make them. */
import type { onnx as Onnx } from 'onnx-proto';
import { createRng, type Rng } from '../../src/random.ts';

const { onnx } = ((await import('onnx-proto')) as unknown as { default: { onnx: typeof Onnx } }).default;
type Message = Record<string, unknown>;

const port = (name: string, elemType = 1): Message => ({
  name,
  type: { tensorType: { elemType, shape: { dim: [1, 3, 8, 8].map((dimValue) => ({ dimValue })) } } },
});
const scalar = (name: string): Message => ({
  name,
  type: { tensorType: { elemType: 1, shape: { dim: [] } } },
});
const node = (opType: string, input: string[], output: string[], rest: Message = {}): Message => ({
  opType,
  input,
  output,
  ...rest,
});
const tensor = (name: string, dims: number[], rest: Message): Message => ({
  name,
  dims,
  dataType: 1,
  ...rest,
});
const external = (location: string): Message => ({
  dataLocation: 1,
  externalData: [{ key: 'location', value: location }],
});
/** Weight `w` and the rest of a graph that adds it to the mean of the picture. */
const adding = (...initializer: Message[]): Message => ({
  name: 'graph',
  node: [node('ReduceMean', ['x'], ['m'], keepNothing), node('Add', ['m', 'w'], ['y'])],
  initializer,
  input: [port('x')],
  output: [scalar('y')],
});
const keepNothing: Message = { attribute: [{ name: 'keepdims', type: 2, i: 0 }] };
const head: Message = { irVersion: 8, opsetImport: [{ domain: '', version: 18 }] };
const model = (graph: Message, rest: Message = {}): Uint8Array =>
  onnx.ModelProto.encode({ ...head, ...rest, graph } as Onnx.IModelProto).finish();
const number: Message = { floatData: [1] };
const constant = (attribute: Message): Uint8Array =>
  model({
    ...adding(),
    node: [node('Constant', [], ['w'], { attribute: [attribute] }), ...(adding()['node'] as Message[])],
  });

/** A well-made model, from `x` to `y`. */
export const harmless = model(adding(tensor('w', [], number)));

export type Hostile = { what: string; bytes: Uint8Array; cause: RegExp };

/** Models that want a weight from another file, `location`, at every place where one can stand. */
export function wantingFile(location: string): Hostile[] {
  const w = tensor('w', [], external(location));
  const one = tensor('w', [], number);
  const branch = {
    node: [node('Identity', ['v'], ['b'])],
    initializer: [{ ...w, name: 'v' }],
    output: [scalar('b')],
    name: 'inner',
  };
  const sparse = {
    values: tensor('w', [1], external(location)),
    indices: { name: 'i', dims: [1], dataType: 7, int64Data: [0] },
    dims: [1],
  };
  const twice = Buffer.concat([
    onnx.ModelProto.encode(head as Onnx.IModelProto).finish(),
    field(7, onnx.GraphProto.encode({ initializer: [w] } as Onnx.IGraphProto).finish()),
    field(7, onnx.GraphProto.encode(adding() as Onnx.IGraphProto).finish()),
  ]);
  const cases: [string, Uint8Array, RegExp?][] = [
    ['as a weight', model(adding(w))],
    ['as a weight said to be inside', model(adding({ ...w, dataLocation: 0, ...number }))],
    ['in a constant', constant({ name: 'value', type: 4, t: w })],
    ['in a list of constants', constant({ name: 'value', type: 9, tensors: [one, w] })],
    ['in a sparse constant', constant({ name: 'value', type: 11, sparseTensor: sparse })],
    ['as a sparse weight', model({ ...adding(one), sparseInitializer: [sparse] })],
    [
      'in an inner graph',
      model({
        ...adding(one),
        node: [
          ...(adding()['node'] as Message[]),
          node('If', ['c'], ['z'], {
            attribute: ['then_branch', 'else_branch'].map((name) => ({ name, type: 5, g: branch })),
          }),
        ],
      }),
    ],
    [
      'in a function',
      model(adding(one), {
        functions: [
          {
            name: 'F',
            domain: 'own',
            output: ['o'],
            node: [node('Constant', [], ['o'], { attribute: [{ name: 'value', type: 4, t: w }] })],
          },
        ],
      }),
    ],
    [
      'in what trains it',
      model(adding(one), { trainingInfo: [{ initialization: { name: 'i', initializer: [w] } }] }),
    ],
    // Who merges the two graphs sees the weight, who keeps the last does not: nobody may see another model than was looked at.
    ['in the first of two graphs', twice, /Node input 'w' is not/],
  ];
  return cases.map(([what, bytes, cause = /weight "[wv]" lies in another file/]) => ({ what, bytes, cause }));
}

/** A length-delimited field of a protobuf message. */
function field(number: number, content: Uint8Array): Buffer {
  const length: number[] = [];
  for (let rest = content.length; ; rest >>>= 7) {
    length.push((rest & 127) | (rest > 127 ? 128 : 0));
    if (rest <= 127) break;
  }
  return Buffer.concat([Buffer.from([number * 8 + 2, ...length]), content]);
}

/** Files that are no models, or none that may or can be opened. Refused before anything of them runs. */
export function broken(): Hostile[] {
  const rng = createRng(1, 'hostile', 'garbage');
  let nested: Uint8Array = Buffer.from([]);
  for (let depth = 0; depth < 4000; depth++) nested = field(1, field(5, field(6, nested))); // node, attribute, graph
  const notAModel = /not an ONNX model/;
  const cases: [string, Uint8Array, RegExp][] = [
    ['garbage', Uint8Array.from({ length: 4096 }, () => rng.int(256)), notAModel],
    ['nothing', new Uint8Array(0), notAModel],
    ['a cut model', harmless.subarray(0, harmless.length - 9), notAModel],
    ['a picture', Buffer.from('89504e470d0a1a0a0000000d49484452', 'hex'), notAModel],
    [
      'a pickle',
      Buffer.from('80049520000000000000008c05706f736978948c0673797374656d9493942e', 'hex'),
      notAModel,
    ],
    ['a model in the format of ONNX Runtime', Buffer.from('280000004f52544d00000000', 'hex'), notAModel],
    ['graphs in graphs in graphs', field(7, nested), notAModel],
    ['a model without a graph', onnx.ModelProto.encode(head as Onnx.IModelProto).finish(), notAModel],
    [
      'an operator of its own',
      model({ ...adding(), node: [node('Steal', ['x'], ['y'], { domain: 'evil' })] }),
      /operator "Steal" of "evil"/,
    ],
  ];
  return cases.map(([what, bytes, cause]) => ({ what, bytes, cause }));
}

/** Models that only opening or running them tells apart from good ones. */
export function deceiving(): Hostile[] {
  const shape = { name: 's', dims: [2], dataType: 7, int64Data: [6, 2 ** 30] };
  const filling = [node('ConstantOfShape', ['s'], ['big']), node('ReduceSum', ['big'], ['w'], keepNothing)];
  const cannotOpen = /ONNX Runtime cannot open it/;
  const cases: [string, Uint8Array, RegExp][] = [
    [
      'a weight of 2^40 numbers that are not there',
      model(adding(tensor('w', [2 ** 20, 2 ** 20], number))),
      cannotOpen,
    ],
    [
      '24 GB of zeros',
      model({ ...adding(shape), node: [...filling, ...(adding()['node'] as Message[])] }),
      /cannot open it|does not run/,
    ],
    [
      'an operator that there is not',
      model({ ...adding(), node: [node('Steal', ['x'], ['y'])] }),
      cannotOpen,
    ],
    [
      'nodes in a circle',
      model({ ...adding(), node: [node('Add', ['x', 'b'], ['a']), node('Add', ['x', 'a'], ['b'])] }),
      cannotOpen,
    ],
    [
      'another input',
      model({ ...adding(tensor('w', [], number)), input: [port('x'), port('more')] }),
      /the input "x" alone, but "x", "more"/,
    ],
    [
      'another output',
      model({ ...adding(tensor('w', [], number)), output: [scalar('m')] }),
      /an output "y", but "m"/,
    ],
    [
      'another type of input',
      model({
        ...adding(tensor('w', [], number)),
        node: [node('Not', ['x'], ['y'])],
        input: [port('x', 9)],
        output: [port('y', 9)],
      }),
      /does not run/,
    ],
    [
      'a whole picture as score',
      model({ ...adding(), node: [node('Abs', ['x'], ['y'])], output: [port('y')] }),
      /has 192 values; a logit has 1 or 2/,
    ],
  ];
  return cases.map(([what, bytes, cause]) => ({ what, bytes, cause }));
}

/** `count` damaged copies of a model: bytes changed, a piece cut out, doubled or lost at the end. All differ from it. */
export function mutations(bytes: Uint8Array, count: number): Uint8Array[] {
  return Array.from({ length: count }, (_, i) => {
    const rng = createRng(1, 'hostile', 'mutation', i);
    const mutated = mutate(bytes, i % 4, rng);
    return Buffer.compare(mutated, bytes) === 0 ? mutated.subarray(1) : mutated;
  });
}

function mutate(bytes: Uint8Array, how: number, rng: Rng): Uint8Array {
  const [a, b] = [rng.int(bytes.length), rng.int(bytes.length)].toSorted((x, y) => x - y) as [number, number];
  if (how === 0) {
    const copy = bytes.slice();
    for (let n = 1 + rng.int(8); n > 0; n--) copy[rng.int(copy.length)] = rng.int(256);
    return copy;
  }
  if (how === 1) return Buffer.concat([bytes.subarray(0, a), bytes.subarray(b)]);
  if (how === 2) return Buffer.concat([bytes.subarray(0, b), bytes.subarray(a)]);
  return bytes.slice(0, a);
}
