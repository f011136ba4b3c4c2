/** Squares of RGB bytes as a brought model takes and gives them. */
import type { PictureInput, PictureOutput } from './manifest.ts';

/** The index of a value in the model's order; `channel` as the model counts. */
function place({ layout, sizePx }: PictureInput, pixel: number, channel: number): number {
  return layout === 'NCHW' ? channel * sizePx * sizePx + pixel : pixel * 3 + channel;
}

const colourOf = ({ colours }: PictureInput, channel: number): number =>
  colours === 'RGB' ? channel : 2 - channel;

/** Shape of the input with one square. */
export function inputShape({ layout, sizePx }: PictureInput): number[] {
  return layout === 'NCHW' ? [1, 3, sizePx, sizePx] : [1, sizePx, sizePx, 3];
}

/** Bytes of a square of `sizePx` → (byte / divideBy − mean) / std. */
export function squareToInput(rgb: Uint8Array, input: PictureInput): Float32Array {
  const values = new Float32Array(rgb.length);
  for (let channel = 0; channel < 3; channel++) {
    const [mean, std] = [input.mean[channel]!, input.std[channel]!];
    const colour = colourOf(input, channel);
    for (let pixel = 0; pixel < input.sizePx ** 2; pixel++)
      values[place(input, pixel, channel)] = (rgb[pixel * 3 + colour]! / input.divideBy - mean) / std;
  }
  return values;
}

/** Values of the model → bytes, (value · std + mean) · divideBy, rounded and cut to 0 … 255. */
export function outputToSquare(
  values: ArrayLike<number>,
  input: PictureInput,
  output: PictureOutput,
): Uint8Array {
  const rgb = new Uint8Array(3 * input.sizePx ** 2);
  for (let channel = 0; channel < 3; channel++) {
    const [mean, std] = [output.mean[channel]!, output.std[channel]!];
    const colour = colourOf(input, channel);
    for (let pixel = 0; pixel < input.sizePx ** 2; pixel++) {
      const level = (values[place(input, pixel, channel)]! * std + mean) * output.divideBy;
      rgb[pixel * 3 + colour] = Math.max(0, Math.min(255, Math.round(level)));
    }
  }
  return rgb;
}
