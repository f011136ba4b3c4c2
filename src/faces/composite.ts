/** Cutting a window out of a frame and laying a repainted one back in. No resampling: windows are whole pixels. */
import type { Box } from '../head/track.ts';
import type { Frame } from '../types.ts';

/** The pixels of a window that lies inside the frame. */
export function cropFrame(frame: Frame, window: Box): Frame {
  const { x, y, width, height } = window;
  const data = new Uint8Array(width * height * 3);
  for (let row = 0; row < height; row++) {
    const start = ((y + row) * frame.width + x) * 3;
    data.set(frame.data.subarray(start, start + width * 3), row * width * 3);
  }
  return { width, height, data };
}

/**
 * A copy of the frame in which `patch` (of the window's size) shows through `mask` (0 to 1 per pixel of the window).
 * Where the mask is 0 the frame keeps its bytes.
 */
export function compositeFrame(frame: Frame, patch: Frame, window: Box, mask: Float32Array): Frame {
  const data = frame.data.slice();
  for (let y = 0; y < window.height; y++) {
    for (let x = 0; x < window.width; x++) {
      const alpha = mask[y * window.width + x]!;
      if (alpha === 0) continue;
      const to = ((window.y + y) * frame.width + window.x + x) * 3;
      const from = (y * window.width + x) * 3;
      for (let c = 0; c < 3; c++) {
        data[to + c] = Math.round(alpha * patch.data[from + c]! + (1 - alpha) * data[to + c]!);
      }
    }
  }
  return { width: frame.width, height: frame.height, data };
}
