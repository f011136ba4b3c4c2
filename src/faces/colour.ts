/** Colours of one face given to another (Reinhard, Ashikhmin, Gooch & Shirley: Color Transfer between Images, 2001), in CIELAB. */
import type { Frame } from '../types.ts';

/** sRGB to linear light, per byte value. */
const linear = Float64Array.from({ length: 256 }, (_, i) => {
  const value = i / 255;
  return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
});
/** White of D65 as X, Y, Z: the sums of the matrix's rows. */
const white = [0.95047, 1, 1.08883] as const;
const bend = (t: number): number => (t > 216 / 24389 ? Math.cbrt(t) : (24389 / 27 / 116) * t + 16 / 116);
const unbend = (t: number): number => (t > 6 / 29 ? t ** 3 : (t - 16 / 116) / (24389 / 27 / 116));

/** CIELAB (D65) of sRGB bytes: L 0 to 100, a and b around 0. */
export function labOf(red: number, green: number, blue: number): [number, number, number] {
  const [r, g, b] = [linear[red]!, linear[green]!, linear[blue]!];
  const x = bend((0.4124564 * r + 0.3575761 * g + 0.1804375 * b) / white[0]);
  const y = bend((0.2126729 * r + 0.7151522 * g + 0.072175 * b) / white[1]);
  const z = bend((0.0193339 * r + 0.119192 * g + 0.9503041 * b) / white[2]);
  return [116 * y - 16, 500 * (x - y), 200 * (y - z)];
}

/** sRGB of CIELAB, 0 to 255 and not rounded; colours that sRGB lacks are cut to it. */
export function rgbOf(l: number, a: number, b: number): [number, number, number] {
  const fy = (l + 16) / 116;
  const [x, y, z] = [white[0] * unbend(fy + a / 500), white[1] * unbend(fy), white[2] * unbend(fy - b / 200)];
  const byte = (light: number): number => {
    const value = light <= 0.0031308 ? 12.92 * light : 1.055 * light ** (1 / 2.4) - 0.055;
    return 255 * Math.max(0, Math.min(1, value));
  };
  return [
    byte(3.2404542 * x - 1.5371385 * y - 0.4985314 * z),
    byte(-0.969266 * x + 1.8760108 * y + 0.041556 * z),
    byte(0.0556434 * x - 0.2040259 * y + 1.0572252 * z),
  ];
}

type Statistics = { mean: [number, number, number]; deviation: [number, number, number] };

/** Mean and standard deviation of L, a and b, each pixel counting as much as the mask (one value per pixel, 0 to 1) says. */
export function labStatistics({ data }: Frame, mask: ArrayLike<number>): Statistics {
  const [sum, squares] = [
    [0, 0, 0],
    [0, 0, 0],
  ];
  let total = 0;
  for (let i = 0; i < mask.length; i++) {
    const weight = mask[i]!;
    if (weight === 0) continue;
    total += weight;
    const lab = labOf(data[i * 3]!, data[i * 3 + 1]!, data[i * 3 + 2]!);
    for (let c = 0; c < 3; c++) {
      sum[c]! += weight * lab[c]!;
      squares[c]! += weight * lab[c]! ** 2;
    }
  }
  if (total === 0) throw new RangeError('a mask that is empty shows no colours');
  const mean = sum.map((value) => value / total) as Statistics['mean'];
  const deviation = squares.map((value, c) => Math.sqrt(Math.max(0, value / total - mean[c]! ** 2)));
  return { mean, deviation: deviation as Statistics['deviation'] };
}

/** Least standard deviation to divide by: an even area has no contrast to enlarge. */
const leastDeviation = 0.5;

/**
 * `face` with the mean and the spread that `like` has in L, a and b inside the mask: x′ = (x − μ) · σₗ/σ + μₗ, at every pixel. Both of one
 * size, the mask 0 to 1 per pixel and not empty.
 */
export function matchColours(face: Frame, like: Frame, mask: ArrayLike<number>): Frame {
  const [own, wanted] = [labStatistics(face, mask), labStatistics(like, mask)];
  const gain = own.deviation.map((value, c) => wanted.deviation[c]! / Math.max(leastDeviation, value));
  const data = new Uint8Array(face.data.length);
  for (let i = 0; i < data.length; i += 3) {
    const lab = labOf(face.data[i]!, face.data[i + 1]!, face.data[i + 2]!);
    const [l, a, b] = lab.map((value, c) => (value - own.mean[c]!) * gain[c]! + wanted.mean[c]!);
    data.set(rgbOf(l!, a!, b!).map(Math.round), i);
  }
  return { ...face, data };
}
