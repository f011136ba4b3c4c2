/**
 * How close two pictures are. PSNR over all three channels; SSIM after Wang, Bovik, Sheikh & Simoncelli (IEEE TIP 2004):
 * 11×11 Gaussian window of σ 1.5, K1 = 0.01, K2 = 0.03, on BT.601 luma, mean over the windows that lie wholly inside.
 */
import type { Frame, Measured } from '../types.ts';

/** Whole pixels; must lie inside the picture. */
export type Box = { x: number; y: number; width: number; height: number };

const windowSizePx = 11;
const window = gaussianWindow(windowSizePx, 1.5);
const c1 = (0.01 * 255) ** 2;
const c2 = (0.03 * 255) ** 2;

/** Peak signal-to-noise ratio in dB inside the box (default: everywhere). Null with a reason for identical pictures: it is infinite. */
export function psnr(a: Frame, b: Frame, box: Box = wholeOf(a)): Measured {
  checkPair(a, b, box);
  let squares = 0;
  for (let y = box.y; y < box.y + box.height; y++) {
    const end = (y * a.width + box.x + box.width) * 3;
    for (let i = (y * a.width + box.x) * 3; i < end; i++) squares += (a.data[i]! - b.data[i]!) ** 2;
  }
  if (squares === 0) return { value: null, reason: 'the pictures are identical, so their PSNR is infinite' };
  return { value: 10 * Math.log10((255 ** 2 * box.width * box.height * 3) / squares) };
}

/** Mean structural similarity of the luma in [-1, 1] inside the box; null with a reason where the box is smaller than the window. */
export function ssim(a: Frame, b: Frame, box: Box = wholeOf(a)): Measured {
  checkPair(a, b, box);
  if (box.width < windowSizePx || box.height < windowSizePx)
    return {
      value: null,
      reason: `SSIM needs at least ${windowSizePx}×${windowSizePx} pixels, got ${box.width}×${box.height}`,
    };
  const lumaA = lumaOf(a, box);
  const lumaB = lumaOf(b, box);
  const blur = (values: Float64Array): Float64Array => blurValid(values, box.width, box.height);
  const meanA = blur(lumaA);
  const meanB = blur(lumaB);
  const squareA = blur(lumaA.map((value) => value * value));
  const squareB = blur(lumaB.map((value) => value * value));
  const product = blur(lumaA.map((value, i) => value * lumaB[i]!));
  let sum = 0;
  for (let i = 0; i < meanA.length; i++) {
    const covariance = product[i]! - meanA[i]! * meanB[i]!;
    const variances = squareA[i]! - meanA[i]! ** 2 + squareB[i]! - meanB[i]! ** 2;
    sum +=
      ((2 * meanA[i]! * meanB[i]! + c1) * (2 * covariance + c2)) /
      ((meanA[i]! ** 2 + meanB[i]! ** 2 + c1) * (variances + c2));
  }
  return { value: sum / meanA.length };
}

/**
 * Mean size of the second difference over time of three successive pictures inside the box, grey levels: 0 where colours change evenly,
 * large where they flicker.
 */
export function unrest([before, now, after]: readonly Frame[], box: Box): number {
  checkPair(before!, now!, box);
  checkPair(now!, after!, box);
  let sum = 0;
  for (let y = box.y; y < box.y + box.height; y++) {
    const end = (y * now!.width + box.x + box.width) * 3;
    for (let i = (y * now!.width + box.x) * 3; i < end; i++)
      sum += Math.abs(before!.data[i]! - 2 * now!.data[i]! + after!.data[i]!);
  }
  return sum / (box.width * box.height * 3);
}

function wholeOf(frame: Frame): Box {
  return { x: 0, y: 0, width: frame.width, height: frame.height };
}

function checkPair(a: Frame, b: Frame, box: Box): void {
  if (a.width !== b.width || a.height !== b.height)
    throw new Error(`pictures of one size are needed, got ${a.width}×${a.height} and ${b.width}×${b.height}`);
  const whole = [box.x, box.y, box.width, box.height].every(Number.isInteger);
  const inside = box.x >= 0 && box.y >= 0 && box.x + box.width <= a.width && box.y + box.height <= a.height;
  if (!whole || !inside || box.width < 1 || box.height < 1)
    throw new Error(
      `box ${box.width}×${box.height}+${box.x}+${box.y} does not lie in ${a.width}×${a.height} whole pixels`,
    );
}

function lumaOf(frame: Frame, box: Box): Float64Array {
  const luma = new Float64Array(box.width * box.height);
  for (let y = 0; y < box.height; y++) {
    for (let x = 0; x < box.width; x++) {
      const i = ((box.y + y) * frame.width + box.x + x) * 3;
      luma[y * box.width + x] =
        0.299 * frame.data[i]! + 0.587 * frame.data[i + 1]! + 0.114 * frame.data[i + 2]!;
    }
  }
  return luma;
}

/** Weighted mean under the window at every place where it fits; rows first, then columns, which the Gaussian allows. */
function blurValid(values: Float64Array, width: number, height: number): Float64Array {
  const outWidth = width - windowSizePx + 1;
  const outHeight = height - windowSizePx + 1;
  const rows = new Float64Array(outWidth * height);
  for (let y = 0; y < height; y++)
    for (let x = 0; x < outWidth; x++) {
      let sum = 0;
      for (let k = 0; k < windowSizePx; k++) sum += window[k]! * values[y * width + x + k]!;
      rows[y * outWidth + x] = sum;
    }
  const out = new Float64Array(outWidth * outHeight);
  for (let y = 0; y < outHeight; y++)
    for (let x = 0; x < outWidth; x++) {
      let sum = 0;
      for (let k = 0; k < windowSizePx; k++) sum += window[k]! * rows[(y + k) * outWidth + x]!;
      out[y * outWidth + x] = sum;
    }
  return out;
}

function gaussianWindow(size: number, sigma: number): Float64Array {
  const raw = Float64Array.from({ length: size }, (_, i) =>
    Math.exp(-((i - (size - 1) / 2) ** 2) / (2 * sigma ** 2)),
  );
  const total = raw.reduce((sum, value) => sum + value, 0);
  return raw.map((value) => value / total);
}
