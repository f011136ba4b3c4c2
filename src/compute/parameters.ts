/** The weights of a network by name, made when a layer first asks for them. */
import type * as Tf from '@tensorflow/tfjs';
import type { Rng } from '../random.ts';
import type { NamedTensors } from '../tensors.ts';
import { same, shapeText } from './graph.ts';
import { assign, type TfNamespace } from './record.ts';

/** `glorot` (uniform) and `he` (normal) as in Glorot & Bengio 2010 and He et al. 2015, fan-in and fan-out counted for HWIO filters. */
export type Init = 'zeros' | 'ones' | 'glorot' | 'he' | { normal: number };

export type Parameters = {
  tf: TfNamespace;
  /** A trainable variable. The same name gives the same variable; another shape under that name is an error. */
  get(name: string, shape: number[], init: Init): Tf.Variable;
  /** A variable that no gradient reaches (moving averages); see `assign`. */
  buffer(name: string, shape: number[], init: Init): Tf.Variable;
  /** Gives a buffer its new value. While a step is recorded the buffer keeps the old one until the step has run. */
  assign(buffer: Tf.Variable, value: Tf.Tensor): void;
  trainable(): Map<string, Tf.Variable>;
  buffers(): Map<string, Tf.Variable>;
  toTensors(): NamedTensors;
  /** Sets variables by name, and makes those not asked for yet. Throws when a shape differs. */
  load(tensors: NamedTensors): void;
};

/** An empty set of parameters. Each initial value depends on `rng` and the name alone, not on the order of asking. */
export function createParameters(tf: TfNamespace, rng: Rng): Parameters {
  const trainable = new Map<string, Tf.Variable>();
  const buffers = new Map<string, Tf.Variable>();
  const loaded = new Map<string, NamedTensors[string]>();
  const ask = (table: Map<string, Tf.Variable>, name: string, shape: number[], init: Init): Tf.Variable => {
    const known = table.get(name);
    if (known) {
      assertShape(name, known.shape, shape);
      return known;
    }
    const given = loaded.get(name);
    if (given) assertShape(name, given.shape, shape);
    const values = given ? Float32Array.from(given.data) : initialValues(rng.fork(name), shape, init);
    const variable = tf.tidy(() => tf.variable(tf.tensor(values, shape), table === trainable));
    table.set(name, variable);
    return variable;
  };
  const all = (): [string, Tf.Variable][] => [...trainable, ...buffers];
  return {
    tf,
    get: (name, shape, init) => ask(trainable, name, shape, init),
    buffer: (name, shape, init) => ask(buffers, name, shape, init),
    assign,
    trainable: () => new Map(trainable),
    buffers: () => new Map(buffers),
    toTensors: () =>
      Object.fromEntries(
        all().map(([name, v]) => [name, { shape: [...v.shape], data: Float32Array.from(v.dataSync()) }]),
      ),
    load(tensors) {
      for (const [name, tensor] of Object.entries(tensors)) {
        const variable = trainable.get(name) ?? buffers.get(name);
        if (!variable) {
          loaded.set(name, tensor);
          continue;
        }
        assertShape(name, tensor.shape, variable.shape);
        tf.tidy(() => variable.assign(tf.tensor(Float32Array.from(tensor.data), tensor.shape)));
      }
    },
  };
}

function assertShape(name: string, shape: readonly number[], wanted: readonly number[]): void {
  if (!same(shape, wanted))
    throw new Error(`parameter "${name}" has shape ${shapeText(shape)}, not ${shapeText(wanted)}`);
}

function initialValues(rng: Rng, shape: number[], init: Init): Float32Array {
  const values = new Float32Array(shape.reduce((product, n) => product * n, 1));
  if (init === 'zeros') return values;
  if (init === 'ones') return values.fill(1);
  const taps = shape.slice(0, -2).reduce((product, n) => product * n, 1);
  const fanIn = taps * (shape.at(-2) ?? 1);
  const fanOut = taps * (shape.at(-1) ?? 1);
  if (init === 'glorot') {
    const limit = Math.sqrt(6 / (fanIn + fanOut));
    return values.map(() => rng.uniform(-limit, limit));
  }
  const deviation = init === 'he' ? Math.sqrt(2 / fanIn) : init.normal;
  return values.map(() => rng.normal(0, deviation));
}
