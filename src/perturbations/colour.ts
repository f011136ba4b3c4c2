/** Colours as DeeperForensics takes them apart: Y, Cb and Cr of pictures in [0, 1] (BT.601 as OpenCV has it), pressed into the range of video, Y 16/255 to 235/255 and C 16/255 to 240/255. */

export type Ycbcr = [luma: number, blue: number, red: number];

/** Of RGB in 0 to 255, written into `out`. Grey has Cb = Cr = 128/255. */
export function toYcbcr(r: number, g: number, b: number, out: Ycbcr = [0, 0, 0]): Ycbcr {
  const y = (0.299 * r + 0.587 * g + 0.114 * b) / 255;
  out[0] = (y * 219 + 16) / 255;
  out[1] = (((b / 255 - y) * 0.564 + 0.5) * 224 + 16) / 255;
  out[2] = (((r / 255 - y) * 0.713 + 0.5) * 224 + 16) / 255;
  return out;
}

/** RGB in 0 to 255, neither clipped nor rounded, in place of the Y, Cb and Cr given. */
export function fromYcbcr(pixel: [number, number, number]): [r: number, g: number, b: number] {
  const y = (pixel[0] * 255 - 16) / 219;
  const cb = (pixel[1] * 255 - 16) / 224 - 0.5;
  const cr = (pixel[2] * 255 - 16) / 224 - 0.5;
  pixel[0] = 255 * (y + 1.403 * cr);
  pixel[1] = 255 * (y - 0.714 * cr - 0.344 * cb);
  pixel[2] = 255 * (y + 1.773 * cb);
  return pixel;
}

/** The nearest whole number of 0 to 255. */
export const clipped = (value: number): number => Math.max(0, Math.min(255, Math.round(value)));
