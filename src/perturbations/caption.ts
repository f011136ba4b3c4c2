/** A caption over the lower edge of a picture: white letters on a dark band, from a table, so that no font of the machine matters. */
import type { Frame } from '../types.ts';

/** Five by seven dots a letter; each row is five bits, the left dot the highest. */
const dots: Record<string, readonly number[]> = {
  A: [14, 17, 17, 31, 17, 17, 17],
  E: [31, 16, 16, 30, 16, 16, 31],
  H: [17, 17, 17, 31, 17, 17, 17],
  I: [14, 4, 4, 4, 4, 4, 14],
  R: [30, 17, 17, 30, 20, 18, 17],
  S: [15, 16, 16, 14, 1, 1, 30],
  T: [31, 4, 4, 4, 4, 4, 4],
  ' ': [0, 0, 0, 0, 0, 0, 0],
};
const text = 'SHARE THIS';
const [cellWidth, cellHeight] = [6, 9];

/** Share of the frame's height that the band takes, and what it leaves of the brightness behind it. */
const [bandShare, behind] = [0.12, 0.35];

/** The frame with the caption; its band begins `bandShare` of the height above the lower edge. */
export function drawCaption(frame: Frame): Frame {
  const { width, height } = frame;
  const data = frame.data.slice();
  const top = height - Math.round(bandShare * height);
  for (let i = 3 * top * width; i < data.length; i++) data[i] = Math.round(data[i]! * behind);
  const dotPx = Math.max(
    1,
    Math.floor(Math.min((height - top) / cellHeight, width / (cellWidth * (text.length + 1)))),
  );
  const left = Math.floor((width - dotPx * cellWidth * text.length) / 2);
  for (let y = top + dotPx; y < Math.min(height, top + 8 * dotPx); y++)
    for (let x = Math.max(0, left); x < width; x++)
      if (isDot(Math.floor((x - left) / dotPx), Math.floor((y - top) / dotPx) - 1))
        data.fill(255, 3 * (y * width + x), 3 * (y * width + x) + 3);
  return { ...frame, data };
}

/** Whether the text has a dot in this column and row of dots. */
function isDot(column: number, row: number): boolean {
  const letter = text[Math.floor(column / cellWidth)];
  const bits = letter === undefined ? 0 : dots[letter]![row]!;
  return ((bits >> (4 - (column % cellWidth))) & 1) === 1;
}
