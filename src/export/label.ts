/**
 * The visible label of exported fakes: a band at the lower edge that says what they are.
 */
import { columnsOf, isInk, letterRows } from '../media/dot-letters.ts';
import type { Frame } from '../types.ts';

const text = 'SYNTHETIC MEDIA';

const textColumns = columnsOf(text);

/**
 * Where the band lies in a picture of this size: over its whole width at the lower edge. The text takes up to nine tenths of the width,
 * but no more than a fifth of the height; a dot may be smaller than a pixel in tiny pictures, where the band still shows.
 */
export function labelBand(width: number, height: number): { top: number; dotPx: number; left: number } {
  const dotPx = Math.min((0.9 * width) / textColumns, (0.2 * height) / (letterRows + 2));
  const bandPx = Math.max(1, Math.round(dotPx * (letterRows + 2)));
  return { top: height - bandPx, dotPx, left: (width - dotPx * textColumns) / 2 };
}

/** For pictures of one size: gives a copy of a frame with the label, white letters on a black band. */
export function labeller(width: number, height: number): (frame: Frame) => Frame {
  const { top } = labelBand(width, height);
  const band = drawBand(width, height);
  return (frame) => {
    const data = frame.data.slice();
    data.set(band, 3 * width * top);
    return { width, height, data };
  };
}

function drawBand(width: number, height: number): Uint8Array {
  const { top, dotPx, left } = labelBand(width, height);
  const band = new Uint8Array(3 * width * (height - top));
  for (let y = 0; y < height - top; y++) {
    const row = Math.floor((y + 0.5) / dotPx) - 1;
    for (let x = 0; x < width; x++) {
      const column = Math.floor((x + 0.5 - left) / dotPx);
      const inText = column >= 0 && column < textColumns && row >= 0 && row < letterRows;
      if (inText && isInk(text, column, row)) band.fill(255, 3 * (y * width + x), 3 * (y * width + x + 1));
    }
  }
  return band;
}
