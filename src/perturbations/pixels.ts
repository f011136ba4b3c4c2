/**
 * The distortions of DeeperForensics-1.0 that change pixels (Jiang et al., CVPR 2020; severities and order of operations of its published code). Each is a function of one frame, a new one is returned. `fixed` stands where
 * that code does something else than its name says; what it does is kept in the same place for those who compare with its numbers.
 */
import { probit } from '../metrics/distributions.ts';
import type { Rng } from '../random.ts';
import type { Frame } from '../types.ts';
import { clipped, fromYcbcr, toYcbcr, type Ycbcr } from './colour.ts';

/** Severities of levels 1 to 5. */
export const severities = {
  /** What is left of the colours. */
  CS: [0.4, 0.3, 0.2, 0.1, 0],
  /** What is left of the contrast. */
  CC: [0.85, 0.725, 0.6, 0.475, 0.35],
  /** Grey blocks of 8 px, for a frame of 256 px. */
  BW: [16, 32, 48, 64, 80],
  /** Variance of the noise, of Y, Cb and Cr in [0, 1]. */
  GNC: [0.001, 0.002, 0.005, 0.01, 0.05],
  /** Taps of the blur; σ is a sixth. */
  GB: [7, 9, 13, 17, 21],
  /** By how much the frame is made smaller. */
  JPEG: [2, 3, 4, 5, 6],
  /** CRF of H.264. */
  VC: [30, 32, 35, 38, 40],
} as const;

/** Three values in, three out, in place: no array is made per pixel, of which a clip has millions. */
function mapped(frame: Frame, change: (ycbcr: Ycbcr) => void, toByte: (value: number) => number): Frame {
  const { data } = frame;
  const out = new Uint8Array(data.length);
  const pixel: Ycbcr = [0, 0, 0];
  for (let i = 0; i < out.length; i += 3) {
    toYcbcr(data[i]!, data[i + 1]!, data[i + 2]!, pixel);
    change(pixel);
    fromYcbcr(pixel);
    out[i] = toByte(pixel[0]);
    out[i + 1] = toByte(pixel[1]);
    out[i + 2] = toByte(pixel[2]);
  }
  return { ...frame, data: out };
}

/** Colours brought nearer to grey. Published: towards 0.5 instead of 128/255, and cut to bytes without clipping, so that colours beyond wrap round. */
export function saturate(frame: Frame, left: number, fixed: boolean): Frame {
  const grey = fixed ? 128 / 255 : 0.5;
  const change = (pixel: Ycbcr): void => {
    pixel[1] = grey + (pixel[1] - grey) * left;
    pixel[2] = grey + (pixel[2] - grey) * left;
  };
  return mapped(frame, change, fixed ? clipped : (value) => Math.trunc(value) & 255);
}

/** Contrast about the frame's mean. Published: all values times `left`, cut to bytes, which darkens. */
export function contrast({ data, ...size }: Frame, left: number, fixed: boolean): Frame {
  let sum = 0;
  for (const value of data) sum += value;
  const mean = sum / data.length;
  const table = Uint8Array.from({ length: 256 }, (_, value) =>
    fixed ? clipped(mean + (value - mean) * left) : Math.trunc(value * left),
  );
  const out = new Uint8Array(data.length);
  for (let i = 0; i < out.length; i++) out[i] = table[data[i]!]!;
  return { ...size, data: out };
}

/** Grey squares anywhere, at other places in every frame. Published: of 8 px, and as many as whole times 256 px fit into the shorter side, so none in a smaller frame; `fixed`: size and number grow with the frame. */
export function blocks(frame: Frame, count256: number, fixed: boolean, rng: Rng): Frame {
  const { width, height } = frame;
  const scale = Math.min(width, height) / 256;
  const side = fixed ? Math.max(1, Math.round(8 * scale)) : 8;
  const count = fixed ? count256 : Math.floor(scale) * count256;
  const data = frame.data.slice();
  for (let i = 0; i < count; i++) {
    const [left, top] = [rng.int(Math.max(1, width - side)), rng.int(Math.max(1, height - side))];
    for (let y = top; y < top + side; y++)
      data.fill(128, 3 * (y * width + left), 3 * (y * width + left + side));
  }
  return { ...frame, data };
}

/** Normal noise of this variance on Y, Cb and Cr, of each pixel and frame anew, clipped. */
export function noise(frame: Frame, variance: number, rng: Rng): Frame {
  const deviation = Math.sqrt(variance);
  const values = (normals ??= normalValues());
  const change = (pixel: Ycbcr): void => {
    for (let c = 0; c < 3; c++) pixel[c]! += deviation * values[rng.int(values.length)]!;
  };
  return mapped(frame, change, clipped);
}

/** 2¹⁶ equally likely values of a standard normal, of variance 1: a clip takes millions, drawing one of these is quicker than a logarithm and a sine, and bytes are coarser than that. */
let normals: Float64Array | undefined;

function normalValues(): Float64Array {
  const count = 2 ** 16;
  const middles = Float64Array.from({ length: count }, (_, i) => probit((i + 0.5) / count));
  const variance = middles.reduce((sum, value) => sum + value ** 2 / count, 0);
  return middles.map((value) => value / Math.sqrt(variance));
}

/** A Gaussian of so many taps (odd) and σ of a sixth of them, the frame's edges mirrored without being repeated, as OpenCV's `GaussianBlur` does. */
export function blur({ data, width, height }: Frame, taps: number): Frame {
  const weights = halfGaussian(taps);
  const reach = weights.length - 1;
  const row = 3 * width;
  const across = Array.from({ length: height }, () => new Float64Array(row));
  // A line is mirrored at both ends; each tap sees it from its own place on.
  const wide = new Float64Array(row + 6 * reach);
  const seenBy = Array.from({ length: taps }, (_, k) => wide.subarray(3 * k, 3 * k + row));
  for (const [y, line] of across.entries()) {
    for (let x = -reach; x < width + reach; x++)
      for (let c = 0; c < 3; c++) wide[3 * (x + reach) + c] = data[row * y + 3 * mirrored(x, width) + c]!;
    weigh(line, weights, (k) => seenBy[reach + k]!);
  }
  const out = new Uint8Array(data.length);
  const line = new Float64Array(row);
  for (let y = 0; y < height; y++) {
    weigh(line, weights, (k) => across[mirrored(y + k, height)]!);
    for (let i = 0; i < row; i++) out[row * y + i] = clipped(line[i]!);
  }
  return { width, height, data: out };
}

/** Weights of the middle tap and of those on one side of it, outwards; with both sides they sum to 1. */
function halfGaussian(taps: number): Float64Array {
  const bell = Float64Array.from({ length: (taps + 1) / 2 }, (_, i) =>
    Math.exp(-(i ** 2) / (2 * (taps / 6) ** 2)),
  );
  const total = 2 * bell.reduce((sum, weight) => sum + weight, 0) - bell[0]!;
  return bell.map((weight) => weight / total);
}

/** `to`: the sum of the lines at −reach … reach, by the weights of their distances. Two by two over whole lines, so that the innermost loop is a sum of neighbours. */
function weigh(to: Float64Array, weights: Float64Array, at: (distance: number) => Float64Array): void {
  const middle = at(0);
  for (let i = 0; i < to.length; i++) to[i] = weights[0]! * middle[i]!;
  for (let k = 1; k < weights.length; k++) addWeighted(to, at(-k), at(k), weights[k]!);
}

function addWeighted(to: Float64Array, a: Float64Array, b: Float64Array, weight: number): void {
  for (let i = 0; i < to.length; i++) to[i] = to[i]! + weight * (a[i]! + b[i]!);
}

/** −1 → 1, length → length − 2, and so on; a line of one pixel has but that. */
function mirrored(at: number, length: number): number {
  if (length === 1) return 0;
  const period = 2 * (length - 1);
  const wrapped = ((at % period) + period) % period;
  return wrapped < length ? wrapped : period - wrapped;
}

/** Made `factor` times smaller and as large as before again, by straight lines between pixels both times and without any smoothing: what DeeperForensics calls JPEG, LipForensics pixelation. */
export function pixelate(frame: Frame, factor: number): Frame {
  const small = scaled(
    frame,
    Math.max(1, Math.floor(frame.width / factor)),
    Math.max(1, Math.floor(frame.height / factor)),
  );
  return scaled(small, frame.width, frame.height);
}

/** OpenCV's `resize` with INTER_LINEAR: pixel centres at halves, edges held. */
function scaled(frame: Frame, width: number, height: number): Frame {
  const data = new Uint8Array(3 * width * height);
  const [columns, rows] = [places(width, frame.width), places(height, frame.height)];
  for (let y = 0, out = 0; y < height; y++) {
    const down = rows.share[y]!;
    const [top, below] = [3 * frame.width * rows.low[y]!, 3 * frame.width * rows.high[y]!];
    for (let x = 0; x < width; x++) {
      const over = columns.share[x]!;
      const [left, right] = [3 * columns.low[x]!, 3 * columns.high[x]!];
      for (let c = 0; c < 3; c++, out++) {
        const upper = frame.data[top + left + c]! * (1 - over) + frame.data[top + right + c]! * over;
        const lower = frame.data[below + left + c]! * (1 - over) + frame.data[below + right + c]! * over;
        data[out] = clipped(upper * (1 - down) + lower * down);
      }
    }
  }
  return { width, height, data };
}

/** Between which two of `from` pixels each of `to` pixels lies, and how far from the lower one. */
function places(to: number, from: number): { low: Uint32Array; high: Uint32Array; share: Float64Array } {
  const at = Float64Array.from({ length: to }, (_, i) =>
    Math.max(0, Math.min(from - 1, ((i + 0.5) * from) / to - 0.5)),
  );
  const low = Uint32Array.from(at, Math.floor);
  return {
    low,
    high: low.map((place) => Math.min(from - 1, place + 1)),
    share: at.map((place, i) => place - low[i]!),
  };
}
