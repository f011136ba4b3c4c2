/**
 * The arithmetic of Adam as a WebAssembly function on four numbers at once: four times as fast as a loop in JavaScript, and one pass
 * over parameters, moments and gradients where ONNX nodes would make a dozen.
 */

import { adamModule } from './adam-module.ts';

/** What is used of WebAssembly; the type library of Node lacks it. */
type Wasm = {
  Memory: new (size: { initial: number }) => { buffer: ArrayBuffer };
  Module: new (bytes: Uint8Array) => object;
  Instance: new (module: object, imports: object) => { exports: { adam(...args: number[]): void } };
};

const floatBytes = 4;
const lineFloats = 16;
const pageBytes = 65536;

export type AdamOptions = { beta1: number; beta2: number; epsilon: number };

/** Live arrays of parameters and of what the rule remembers of them, how many steps were made, and one step more. */
export type Update = {
  values: Float32Array[];
  /** To be filled with the gradients before each update. */
  gradients: Float32Array[];
  moments: Float32Array[];
  steps: number;
  update(learningRate: number): void;
};

/** Adam (Kingma & Ba 2015, algorithm 1, epsilon outside the root) on copies of the given parameters, all in one flat vector. */
export function createAdam({ beta1, beta2, epsilon }: AdamOptions, initial: Float32Array[]): Update {
  const starts: number[] = [];
  let count = 0;
  for (const { length } of initial) {
    starts.push(count);
    // Each array begins on a cache line, which the operators that fill and read it like better.
    count += Math.ceil(length / lineFloats) * lineFloats;
  }
  const stride = Math.max(count, lineFloats) * floatBytes;
  const wasm = (globalThis as unknown as { WebAssembly: Wasm }).WebAssembly;
  const memory = new wasm.Memory({ initial: Math.ceil((4 * stride) / pageBytes) });
  const view = (part: number): Float32Array[] =>
    initial.map(
      ({ length }, i) => new Float32Array(memory.buffer, part * stride + starts[i]! * floatBytes, length),
    );
  const values = view(0);
  for (const [i, given] of initial.entries()) values[i]!.set(given);
  const { exports } = new wasm.Instance(new wasm.Module(adamModule()), { _: { _: memory } });
  return {
    values,
    gradients: view(3),
    moments: [...view(1), ...view(2)],
    steps: 0,
    update(learningRate) {
      const step = ++this.steps;
      const rate = learningRate / (1 - beta1 ** step);
      const correction = 1 / Math.sqrt(1 - beta2 ** step);
      exports.adam(
        0,
        stride,
        2 * stride,
        3 * stride,
        stride,
        beta1,
        1 - beta1,
        beta2,
        1 - beta2,
        rate,
        correction,
        epsilon,
      );
    },
  };
}
