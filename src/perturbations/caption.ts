/** A caption over the lower edge of a picture: white letters on a darkened band. */
import { columnsOf, isInk, letterRows } from '../media/dot-letters.ts';
import type { Frame } from '../types.ts';

const text = 'SHARE THIS';
const textColumns = columnsOf(text);

/** Share of the frame's height that the band takes, and what it leaves of the brightness behind it. */
const [bandShare, behind] = [0.12, 0.35];

/** The frame with the caption; its band takes `bandShare` of the height at the lower edge, its dots are whole pixels. */
export function drawCaption(frame: Frame): Frame {
  const { width, height } = frame;
  const data = frame.data.slice();
  const top = height - Math.round(bandShare * height);
  for (let i = 3 * top * width; i < data.length; i++) data[i] = Math.round(data[i]! * behind);
  const dotPx = Math.max(
    1,
    Math.floor(Math.min((height - top) / (letterRows + 2), width / (textColumns + 7))),
  );
  const left = Math.floor((width - dotPx * textColumns) / 2);
  for (let y = top + dotPx; y < Math.min(height, top + (letterRows + 1) * dotPx); y++)
    for (let x = Math.max(0, left); x < width; x++)
      if (isInk(text, Math.floor((x - left) / dotPx), Math.floor((y - top) / dotPx) - 1))
        data.fill(255, 3 * (y * width + x), 3 * (y * width + x) + 3);
  return { ...frame, data };
}
