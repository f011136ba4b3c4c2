import { expect, test } from 'vitest';
import { compositeFrame, cropFrame } from '../../src/faces/composite.ts';
import { createRng } from '../../src/random.ts';

const rng = createRng(3, 'composite');
const noise = (width: number, height: number) => ({
  width,
  height,
  data: Uint8Array.from({ length: width * height * 3 }, () => rng.int(256)),
});
const frame = noise(20, 16);
const window = { x: 5, y: 4, width: 8, height: 6 };

test('what is cut out and laid back changes nothing, whatever the mask', () => {
  const mask = Float32Array.from({ length: 48 }, () => rng.uniform());
  expect(compositeFrame(frame, cropFrame(frame, window), window, mask).data).toEqual(frame.data);
});

test('the patch shows by its mask, and only inside the window', () => {
  const patch = noise(8, 6);
  const mask = Float32Array.from({ length: 48 }, (_, i) => [0, 0.5, 1][i % 3]!);
  const result = compositeFrame(frame, patch, window, mask);
  for (let y = 0; y < frame.height; y++) {
    for (let x = 0; x < frame.width; x++) {
      const [column, row] = [x - window.x, y - window.y];
      const inside = column >= 0 && column < 8 && row >= 0 && row < 6;
      const alpha = inside ? mask[row * 8 + column]! : 0;
      for (let c = 0; c < 3; c++) {
        const old = frame.data[(y * frame.width + x) * 3 + c]!;
        const fresh = inside ? patch.data[(row * 8 + column) * 3 + c]! : 0;
        expect(result.data[(y * frame.width + x) * 3 + c]).toBe(
          Math.round(alpha * fresh + (1 - alpha) * old),
        );
      }
    }
  }
});
