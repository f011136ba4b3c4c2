/** Operations written from their definitions, slowly, in double precision: the oracle of the kernel tests. */
import { range, size } from '../../src/compute/graph.ts';

export type Nd = { shape: number[]; data: Float64Array };

export function nd(shape: number[], value: (index: number[]) => number): Nd {
  const data = new Float64Array(size(shape));
  const index = shape.map(() => 0);
  for (let i = 0; i < data.length; i++) {
    data[i] = value(index);
    for (let axis = shape.length - 1; axis >= 0 && ++index[axis]! === shape[axis]; axis--) index[axis] = 0;
  }
  return { shape, data };
}

/** The element at `index`; 0 outside. Gradients by differences ask for hundreds of millions. */
export function at({ shape, data }: Nd, ...index: number[]): number {
  let offset = 0;
  for (let axis = 0; axis < shape.length; axis++) {
    const [i, n] = [index[axis]!, shape[axis]!];
    if (i < 0 || i >= n) return 0;
    offset = offset * n + i;
  }
  return data[offset]!;
}

/** Broadcasting element by element. */
export function zip(f: (...values: number[]) => number, ...inputs: Nd[]): Nd {
  const rank = Math.max(...inputs.map(({ shape }) => shape.length));
  const shape = range(rank).map((axis) =>
    Math.max(...inputs.map((x) => x.shape[axis - rank + x.shape.length] ?? 1)),
  );
  return nd(shape, (index) =>
    f(
      ...inputs.map((x) =>
        at(x, ...x.shape.map((n, axis) => (n === 1 ? 0 : index[rank - x.shape.length + axis]!))),
      ),
    ),
  );
}

/** Folds the elements along `axes`, which disappear. */
export function fold(x: Nd, axes: number[], f: (values: number[]) => number): Nd {
  const kept = range(x.shape.length).filter((axis) => !axes.includes(axis));
  const groups = nd(
    axes.map((axis) => x.shape[axis]!),
    () => 0,
  );
  return nd(
    kept.map((axis) => x.shape[axis]!),
    (index) => {
      const values: number[] = [];
      nd(groups.shape, (inner) => {
        const full = x.shape.map(() => 0);
        for (const [i, axis] of kept.entries()) full[axis] = index[i]!;
        for (const [i, axis] of axes.entries()) full[axis] = inner[i]!;
        return values.push(at(x, ...full));
      });
      return f(values);
    },
  );
}

export const sum = (values: number[]): number => values.reduce((total, value) => total + value, 0);
export const mean = (values: number[]): number => sum(values) / values.length;

type Window = { stride?: number; padding: 'same' | 'valid' | number; dilation?: number };

/** First row or column a window of `reach` covers, and how many windows there are (TensorFlow's `same`: odd padding at the end). */
export function placement(
  input: number,
  reach: number,
  { stride = 1, padding }: Window,
): { start: number; count: number } {
  if (padding === 'same') {
    const count = Math.ceil(input / stride);
    return { start: -Math.floor(Math.max((count - 1) * stride + reach - input, 0) / 2), count };
  }
  const around = padding === 'valid' ? 0 : padding;
  return { start: -around, count: Math.floor((input + 2 * around - reach) / stride) + 1 };
}

/** y[n,i,j,o] = Σ x[n, i·s + a·d + start, …, c] · w[a,b,c,o]. */
export function conv2d(x: Nd, w: Nd, window: Window): Nd {
  const { stride = 1, dilation = 1 } = window;
  const [height, width, channels, outputs] = w.shape as [number, number, number, number];
  const rows = placement(x.shape[1]!, (height - 1) * dilation + 1, window);
  const columns = placement(x.shape[2]!, (width - 1) * dilation + 1, window);
  return nd([x.shape[0]!, rows.count, columns.count, outputs], ([n, i, j, o]) => {
    let total = 0;
    for (let a = 0; a < height; a++) {
      const r = i! * stride + a * dilation + rows.start;
      if (r < 0 || r >= x.shape[1]!) continue;
      for (let b = 0; b < width; b++) {
        const c = j! * stride + b * dilation + columns.start;
        if (c < 0 || c >= x.shape[2]!) continue;
        // The places of x[n, r, c, 0] and w[a, b, 0, o], which `at` would find too slowly in this innermost of all loops.
        const pixel = ((n! * x.shape[1]! + r) * x.shape[2]! + c) * channels;
        const weight = (a * width + b) * channels * outputs + o!;
        for (let k = 0; k < channels; k++) total += x.data[pixel + k]! * w.data[weight + k * outputs]!;
      }
    }
    return total;
  });
}

/** The adjoint: every x[n,i,j,c] · w[a,b,o,c] is added at (i·s + a + start, …); start and size belong to the forward convolution of the output. */
export function convTranspose2d(x: Nd, w: Nd, output: [number, number], window: Window): Nd {
  const { stride = 1 } = window;
  const [height, width, outputs, channels] = w.shape as [number, number, number, number];
  const [rows, columns] = [placement(output[0], height, window), placement(output[1], width, window)];
  return nd([x.shape[0]!, ...output, outputs], ([n, r, s, o]) => {
    let total = 0;
    for (let a = 0; a < height; a++) {
      for (let b = 0; b < width; b++) {
        const [i, j] = [(r! - a - rows.start) / stride, (s! - b - columns.start) / stride];
        if (!Number.isInteger(i) || !Number.isInteger(j)) continue;
        for (let c = 0; c < channels; c++) total += at(x, n!, i, j, c) * at(w, a, b, o!, c);
      }
    }
    return total;
  });
}

/** Each channel c and multiplier m has its own filter; output channel c · multipliers + m. */
export function depthwise(x: Nd, w: Nd, window: Window): Nd {
  const [height, width, , multiplier] = w.shape as [number, number, number, number];
  const channels = x.shape[3]!;
  const parts = range(channels * multiplier).map((o) => {
    const c = Math.floor(o / multiplier);
    const one = nd([...x.shape.slice(0, 3), 1], ([n, i, j]) => at(x, n!, i!, j!, c));
    const filter = nd([height, width, 1, 1], ([a, b]) => at(w, a!, b!, c, o % multiplier));
    return conv2d(one, filter, window);
  });
  return nd([...parts[0]!.shape.slice(0, 3), parts.length], ([n, i, j, o]) => at(parts[o!]!, n!, i!, j!, 0));
}

/** Windows see real pixels only. */
export function pool(x: Nd, size_: number, window: Window, f: (values: number[]) => number): Nd {
  const { stride = 1 } = window;
  const [rows, columns] = [placement(x.shape[1]!, size_, window), placement(x.shape[2]!, size_, window)];
  return nd([x.shape[0]!, rows.count, columns.count, x.shape[3]!], ([n, i, j, c]) => {
    const values: number[] = [];
    for (let a = 0; a < size_; a++) {
      for (let b = 0; b < size_; b++) {
        const [r, s] = [i! * stride + a + rows.start, j! * stride + b + columns.start];
        if (r >= 0 && s >= 0 && r < x.shape[1]! && s < x.shape[2]!) values.push(at(x, n!, r, s, c!));
      }
    }
    return f(values);
  });
}

/** The position in the input that output pixel `o` looks at, by TensorFlow's three conventions. */
function sourcePosition(
  o: number,
  input: number,
  output: number,
  mode: 'plain' | 'aligned' | 'centred',
): number {
  if (mode === 'aligned') return output > 1 ? (o * (input - 1)) / (output - 1) : 0;
  return mode === 'centred' ? ((o + 0.5) * input) / output - 0.5 : (o * input) / output;
}

export function resizeBilinear(
  x: Nd,
  [height, width]: [number, number],
  mode: 'plain' | 'aligned' | 'centred',
): Nd {
  const clamp = (i: number, n: number): number => Math.min(Math.max(i, 0), n - 1);
  return nd([x.shape[0]!, height, width, x.shape[3]!], ([n, i, j, c]) => {
    const r = sourcePosition(i!, x.shape[1]!, height, mode);
    const s = sourcePosition(j!, x.shape[2]!, width, mode);
    let total = 0;
    for (const a of [0, 1]) {
      for (const b of [0, 1]) {
        const [p, q] = [Math.floor(r) + a, Math.floor(s) + b];
        total +=
          (1 - Math.abs(r - p)) *
          (1 - Math.abs(s - q)) *
          at(x, n!, clamp(p, x.shape[1]!), clamp(q, x.shape[2]!), c!);
      }
    }
    return total;
  });
}

export function resizeNearest(
  x: Nd,
  [height, width]: [number, number],
  mode: 'plain' | 'aligned' | 'centred',
): Nd {
  const pick = (o: number, input: number, output: number): number => {
    if (mode === 'aligned') return Math.floor(sourcePosition(o, input, output, mode) + 0.5);
    return Math.min(
      Math.floor(mode === 'centred' ? ((o + 0.5) * input) / output : (o * input) / output),
      input - 1,
    );
  };
  return nd([x.shape[0]!, height, width, x.shape[3]!], ([n, i, j, c]) =>
    at(x, n!, pick(i!, x.shape[1]!, height), pick(j!, x.shape[2]!, width), c!),
  );
}

/** Softmax along the last axis. */
export function softmax(x: Nd): Nd {
  const last = x.shape.length - 1;
  const total = fold(x, [last], (values) => sum(values.map(Math.exp)));
  return nd(x.shape, (index) => Math.exp(at(x, ...index)) / at(total, ...index.slice(0, -1)));
}

export function matMul(a: Nd, b: Nd): Nd {
  const inner = a.shape.at(-1)!;
  return nd([...a.shape.slice(0, -1), b.shape.at(-1)!], (index) => {
    const [batch, row, column] = [index.slice(0, -2), index.at(-2)!, index.at(-1)!];
    return sum(range(inner).map((k) => at(a, ...batch, row, k) * at(b, ...batch, k, column)));
  });
}

export const transpose = (x: Nd, perm: number[]): Nd =>
  nd(
    perm.map((axis) => x.shape[axis]!),
    (index) => at(x, ...perm.map((_, axis) => index[perm.indexOf(axis)]!)),
  );

export const reshape = (x: Nd, shape: number[]): Nd => ({ shape, data: x.data });

/** (x − mean) / √(variance + ε) along `axes`. */
export function normalize(x: Nd, axes: number[], epsilon: number): Nd {
  const kept = (index: number[]): number[] => index.filter((_, axis) => !axes.includes(axis));
  const centre = fold(x, axes, mean);
  const spread = fold(x, axes, (values) => mean(values.map((v) => (v - mean(values)) ** 2)));
  return nd(
    x.shape,
    (index) =>
      (at(x, ...index) - at(centre, ...kept(index))) / Math.sqrt(at(spread, ...kept(index)) + epsilon),
  );
}
