/** What stands behind the person, out of focus: a wall with light falling off, or a room of soft shapes. Constant for one identity. */
import { createRng } from '../random.ts';
import type { Rng } from '../random.ts';
import { createNoise, fractal } from './noise.ts';
import { mix } from './part.ts';
import type { Rgb } from './part.ts';

export type Background = {
  kind: 'wall' | 'room' | 'shelves' | 'window';
  colour: Rgb;
  second: Rgb;
  blurPx: number;
  seed: string;
};

/** Linear RGB, row-major, three values per pixel. */
export function drawBackground(background: Background, width: number, height: number): Float32Array {
  const rng = createRng(background.seed, 'background');
  const picture = wall(background, rng, width, height);
  const rectangle = (x: number, y: number, w: number, h: number, colour: Rgb, share = 1) => {
    for (let row = Math.max(0, Math.floor(y)); row < Math.min(height, y + h); row++) {
      for (let column = Math.max(0, Math.floor(x)); column < Math.min(width, x + w); column++) {
        for (let c = 0; c < 3; c++) {
          const i = (row * width + column) * 3 + c;
          picture[i] = mix(picture[i]!, colour[c]!, share);
        }
      }
    }
  };
  const shade = (colour: Rgb, factor: number): Rgb => [
    colour[0] * factor,
    colour[1] * factor,
    colour[2] * factor,
  ];
  const any = (): Rgb => {
    const [a, b] = [background.colour, background.second];
    const t = rng.uniform();
    const level = rng.uniform(0.35, 1.3);
    return [mix(a[0], b[0], t) * level, mix(a[1], b[1], t) * level, mix(a[2], b[2], t) * level];
  };
  if (background.kind === 'room') {
    rectangle(0, height * rng.uniform(0.62, 0.75), width, height, shade(background.second, 0.6));
    for (let i = 0; i < 7; i++) {
      rectangle(
        rng.uniform(-40, width),
        rng.uniform(0, height * 0.8),
        rng.uniform(20, 90),
        rng.uniform(20, 110),
        any(),
        rng.uniform(0.5, 1),
      );
    }
  }
  if (background.kind === 'shelves') {
    const gap = rng.uniform(40, 62);
    for (let y = rng.uniform(-20, 10); y < height; y += gap) {
      for (let x = 0; x < width; x += rng.uniform(5, 14)) {
        const tall = gap * rng.uniform(0.5, 0.88);
        if (rng.uniform() < 0.85) rectangle(x, y + gap - tall - 4, rng.uniform(4, 11), tall, any());
      }
      rectangle(0, y + gap - 4, width, 5, shade(background.second, 0.5));
    }
  }
  if (background.kind === 'window') {
    const x = rng.uniform() < 0.5 ? rng.uniform(-30, 20) : rng.uniform(width * 0.65, width * 0.9);
    const [w, h] = [rng.uniform(60, 110), rng.uniform(130, 190)];
    rectangle(x - 6, 4, w + 12, h + 12, shade(background.second, 0.8));
    rectangle(x, 10, w, h, [0.95, 1, 1.08]);
    rectangle(x + w / 2 - 2, 10, 4, h, shade(background.second, 0.7));
    rectangle(x, 10 + h / 2, w, 4, shade(background.second, 0.7));
  }
  for (let pass = 0; pass < 3; pass++)
    boxBlur(picture, width, height, Math.max(1, Math.round(background.blurPx)));
  return picture;
}

function wall(background: Background, rng: Rng, width: number, height: number): Float32Array {
  const noise = createNoise(rng);
  const [lx, ly, spread] = [
    rng.uniform(0, width),
    rng.uniform(-0.2, 0.5) * height,
    rng.uniform(0.7, 1.3) * width,
  ];
  const picture = new Float32Array(width * height * 3);
  for (let y = 0, i = 0; y < height; y++) {
    for (let x = 0; x < width; x++, i += 3) {
      const light = 0.62 + 0.55 * Math.exp(-((x - lx) ** 2 + (y - ly) ** 2) / spread ** 2);
      const plaster = 1 + 0.05 * fractal(noise, x / 90, y / 90, 4);
      for (let c = 0; c < 3; c++) picture[i + c] = background.colour[c]! * light * plaster;
    }
  }
  return picture;
}

/** One pass of a box filter of 2·radius + 1 pixels along both axes, edges held. */
function boxBlur(picture: Float32Array, width: number, height: number, radius: number): void {
  const line = new Float32Array(Math.max(width, height));
  const run = (start: number, step: number, count: number) => {
    let sum = 0;
    const at = (k: number) => picture[start + Math.max(0, Math.min(count - 1, k)) * step]!;
    for (let k = -radius; k <= radius; k++) sum += at(k);
    for (let k = 0; k < count; k++) {
      line[k] = sum / (2 * radius + 1);
      sum += at(k + radius + 1) - at(k - radius);
    }
    for (let k = 0; k < count; k++) picture[start + k * step] = line[k]!;
  };
  for (let c = 0; c < 3; c++) {
    for (let y = 0; y < height; y++) run(y * width * 3 + c, 3, width);
    for (let x = 0; x < width; x++) run(x * 3 + c, width * 3, height);
  }
}
