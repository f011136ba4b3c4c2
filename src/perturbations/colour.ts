/** Colours as DeeperForensics takes them apart: Y, Cb and Cr of pictures in [0, 1] (BT.601 as OpenCV has it), pressed into the range of video, Y 16/255 to 235/255 and C 16/255 to 240/255. */

export type Ycbcr = [luma: number, blue: number, red: number];

/** Of RGB in 0 to 255. Grey has Cb = Cr = 128/255. */
export function toYcbcr(r: number, g: number, b: number): Ycbcr {
  const y = (0.299 * r + 0.587 * g + 0.114 * b) / 255;
  const pressed = (value: number, range: number): number => (value * range + 16) / 255;
  return [
    pressed(y, 219),
    pressed((b / 255 - y) * 0.564 + 0.5, 224),
    pressed((r / 255 - y) * 0.713 + 0.5, 224),
  ];
}

/** RGB in 0 to 255, neither clipped nor rounded. */
export function fromYcbcr([luma, blue, red]: Ycbcr): [r: number, g: number, b: number] {
  const y = (luma * 255 - 16) / 219;
  const cb = (blue * 255 - 16) / 224 - 0.5;
  const cr = (red * 255 - 16) / 224 - 0.5;
  return [255 * (y + 1.403 * cr), 255 * (y - 0.714 * cr - 0.344 * cb), 255 * (y + 1.773 * cb)];
}

/** The nearest whole number of 0 to 255. */
export const clipped = (value: number): number => Math.max(0, Math.min(255, Math.round(value)));
