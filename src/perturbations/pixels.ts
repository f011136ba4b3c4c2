/**
 * The distortions of DeeperForensics-1.0 that change pixels (Jiang et al., CVPR 2020; severities and order of operations of its published code). Each is a function of one frame, a new one is returned. `fixed` stands where
 * that code does something else than its name says; what it does is kept in the same place for those who compare with its numbers.
 */
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

const mapped = (frame: Frame, change: (ycbcr: Ycbcr) => Ycbcr, toByte: (value: number) => number): Frame => {
  const data = new Uint8Array(frame.data.length);
  for (let i = 0; i < data.length; i += 3) {
    const rgb = fromYcbcr(change(toYcbcr(frame.data[i]!, frame.data[i + 1]!, frame.data[i + 2]!)));
    for (let c = 0; c < 3; c++) data[i + c] = toByte(rgb[c]!);
  }
  return { ...frame, data };
};

/** Colours brought nearer to grey. Published: towards 0.5 instead of 128/255, and cut to bytes without clipping, so that colours beyond wrap round. */
export function saturate(frame: Frame, left: number, fixed: boolean): Frame {
  const grey = fixed ? 128 / 255 : 0.5;
  const change = ([y, cb, cr]: Ycbcr): Ycbcr => [y, grey + (cb - grey) * left, grey + (cr - grey) * left];
  return mapped(frame, change, fixed ? clipped : (value) => Math.trunc(value) & 255);
}

/** Contrast about the frame's mean. Published: all values times `left`, cut to bytes, which darkens. */
export function contrast({ data, ...size }: Frame, left: number, fixed: boolean): Frame {
  if (!fixed) return { ...size, data: data.map((value) => Math.trunc(value * left)) };
  const mean = data.reduce((sum, value) => sum + value, 0) / data.length;
  return { ...size, data: data.map((value) => clipped(mean + (value - mean) * left)) };
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
  return mapped(
    frame,
    ([y, cb, cr]) => [
      y + rng.normal(0, deviation),
      cb + rng.normal(0, deviation),
      cr + rng.normal(0, deviation),
    ],
    clipped,
  );
}

/** A Gaussian of so many taps (odd) and σ of a sixth of them, the frame's edges mirrored without being repeated, as OpenCV's `GaussianBlur` does. */
export function blur(frame: Frame, taps: number): Frame {
  const reach = (taps - 1) / 2;
  const weights = Float64Array.from({ length: taps }, (_, i) =>
    Math.exp(-((i - reach) ** 2) / (2 * (taps / 6) ** 2)),
  );
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const { width, height } = frame;
  const across = along(Float64Array.from(frame.data), height, width, 3 * width, 3);
  const both = along(across, width, height, 3, 3 * width);
  return { ...frame, data: Uint8Array.from(both, clipped) };

  /** Lines of `length` pixels, `step` values apart, beginning every `start` values. */
  function along(
    values: Float64Array,
    lines: number,
    length: number,
    start: number,
    step: number,
  ): Float64Array {
    const out = new Float64Array(values.length);
    for (let line = 0; line < lines; line++)
      for (let at = 0; at < length; at++)
        for (let c = 0; c < 3; c++) {
          let sum = 0;
          for (let k = 0; k < taps; k++)
            sum += weights[k]! * values[line * start + mirrored(at + k - reach, length) * step + c]!;
          out[line * start + at * step + c] = sum / total;
        }
    return out;
  }
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
  const place = (at: number, to: number, from: number): [number, number, number] => {
    const x = Math.max(0, Math.min(from - 1, ((at + 0.5) * from) / to - 0.5));
    const low = Math.floor(x);
    return [low, Math.min(from - 1, low + 1), x - low];
  };
  for (let y = 0; y < height; y++) {
    const [top, below, down] = place(y, height, frame.height);
    for (let x = 0; x < width; x++) {
      const [left, right, over] = place(x, width, frame.width);
      for (let c = 0; c < 3; c++) {
        const value = (row: number, column: number): number =>
          frame.data[3 * (row * frame.width + column) + c]!;
        const upper = value(top, left) * (1 - over) + value(top, right) * over;
        const lower = value(below, left) * (1 - over) + value(below, right) * over;
        data[3 * (y * width + x) + c] = clipped(upper * (1 - down) + lower * down);
      }
    }
  }
  return { width, height, data };
}
