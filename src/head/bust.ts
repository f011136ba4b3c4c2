/** Shoulders in clothes: a surface from the collar over the shoulders down beyond the picture, with a painted fabric. */
import { createRng } from '../random.ts';
import { createNoise, fractal } from './noise.ts';
import { join, mix, mixRgb, paint, sheet, smoothstep } from './part.ts';
import type { Part, Rgb, Surface } from './part.ts';
import type { Shape } from './shape.ts';

export type Clothes = {
  kind: 'tee' | 'vneck' | 'shirt' | 'jacket' | 'turtleneck' | 'hoodie';
  colour: Rgb;
  /** Of the shirt below a jacket, the stripes, the band of a collar. */
  second: Rgb;
  stripes: number;
  seed: string;
};

/** Height of the collar's edge at an angle round the neck (0 front, ±π back), authoring mm. */
function collarHeight(kind: Clothes['kind'], cosine: number, sine: number): number {
  const front = Math.max(0, cosine);
  switch (kind) {
    case 'turtleneck':
      return 132 + 8 * front;
    case 'vneck':
      return 146 + 20 * front + 60 * Math.max(0, 1 - Math.abs(sine) / 0.62) * (cosine > 0 ? 1 : 0);
    case 'jacket':
      return 146 + 16 * front + 95 * Math.max(0, 1 - Math.abs(sine) / 0.6) * (cosine > 0 ? 1 : 0);
    case 'shirt':
      return 144 + 22 * front;
    case 'hoodie':
      return 140 + 32 * front;
    case 'tee':
      return 147 + 30 * front * front;
  }
}

/** How far the collar stands off the neck, mm. */
const stand: Record<Clothes['kind'], number> = {
  tee: 6,
  vneck: 7,
  shirt: 9,
  jacket: 13,
  turtleneck: 4,
  hoodie: 17,
};

export function bust(shape: Shape, clothes: Clothes): Part {
  const noise = createNoise(createRng(clothes.seed, 'clothes'));
  const shoulder = 186 + 26 * (shape.masculinity - 0.5) + shape.neckWidth;
  const neck = 50 + shape.neckWidth / 2 + stand[clothes.kind];
  const body = sheet(73, 26, (u, v) => {
    const angle = (u * 2 - 1) * Math.PI;
    const [sine, cosine] = [Math.sin(angle), Math.cos(angle)];
    const edge = collarHeight(clothes.kind, cosine, sine);
    // A bend from the collar over the shoulder to the side, and down.
    const t = Math.min(1, v / 0.6);
    const down = Math.max(0, v - 0.6) / 0.4;
    const spread = Math.abs(sine) ** 0.72 * Math.sign(sine);
    const folds = 3.2 * fractal(noise, angle * 3 + 4, v * 6, 2) * smoothstep(0.12, 0.5, v);
    const x = mix(neck * sine, shoulder * spread, t ** 1.15) + folds * sine;
    const f =
      mix(-26 + (neck - 8) * cosine, -30 + 96 * cosine + 14 * Math.max(0, cosine), t ** 0.8) + folds * cosine;
    const slope = 40 * Math.abs(sine) ** 0.7 + 70 * (1 - Math.abs(sine) ** 0.7);
    const y = edge + slope * t ** 1.35 + 150 * down;
    return [x, y, f];
  });
  const pieces = [body];
  if (clothes.kind === 'shirt') pieces.push(shirtCollar(neck));
  const rolled = clothes.kind === 'turtleneck' || clothes.kind === 'hoodie';
  if (rolled) pieces.push(roll(neck, clothes.kind === 'hoodie' ? 11 : 5, clothes.kind));
  return { ...join(pieces), texture: fabric(clothes) };
}

/** Two flaps that fold over the shirt's stand. */
function shirtCollar(neck: number): Surface {
  return sheet(61, 7, (u, v) => {
    const angle = (u * 2 - 1) * 3.02;
    const [sine, cosine] = [Math.sin(angle), Math.cos(angle)];
    // The sheet starts at the back; its two ends meet in front and run out into points.
    const front = smoothstep(2.1, 3.02, Math.abs(angle));
    const radius = neck - 3 + 8 * v + 4 * front * v;
    const drop = mix(22, 44, front ** 2) * v;
    return [
      -radius * sine * -1,
      138 + 18 * Math.max(0, -cosine) + drop,
      -26 - (radius - 6) * cosine + 10 * front * v,
    ];
  });
}

function roll(neck: number, thickness: number, kind: Clothes['kind']): Surface {
  return sheet(61, 9, (u, v) => {
    const angle = (u * 2 - 1) * Math.PI;
    const [sine, cosine] = [Math.sin(angle), Math.cos(angle)];
    const turn = (v - 0.5) * 3.6;
    const radius = neck + thickness * Math.cos(turn);
    return [
      radius * sine,
      collarHeight(kind, cosine, sine) + 4 + thickness * 1.2 * Math.sin(turn),
      -26 + (radius - 8) * cosine,
    ];
  });
}

function fabric(clothes: Clothes) {
  const noise = createNoise(createRng(clothes.seed, 'fabric'));
  return paint(256, 96, (u, v) => {
    const angle = Math.abs(u * 2 - 1) * Math.PI;
    const weave = 1 + 0.1 * noise(u * 260, v * 130) + 0.1 * fractal(noise, u * 22, v * 9, 3);
    let colour: Rgb = clothes.colour;
    if (clothes.stripes > 0 && clothes.kind !== 'jacket') {
      const stripe = smoothstep(0.35, 0.42, Math.abs(((v * clothes.stripes) % 1) - 0.5));
      colour = mixRgb(colour, clothes.second, stripe);
    }
    let shade = weave;
    if (clothes.kind === 'tee' || clothes.kind === 'vneck')
      shade *= 1 - 0.35 * Math.exp(-(((v - 0.055) / 0.012) ** 2));
    if (clothes.kind === 'shirt') {
      const placket = Math.exp(-(((angle - 0.045) / 0.008) ** 2)) * smoothstep(0.1, 0.2, v);
      shade *= 1 - 0.3 * placket;
    }
    if (clothes.kind === 'turtleneck') shade *= 0.92 + 0.1 * Math.sin(u * 480);
    if (clothes.kind === 'jacket')
      shade *= 1 - 0.4 * Math.exp(-(((v - 0.16 - 0.1 * angle) / 0.02) ** 2)) * smoothstep(1.4, 0.9, angle);
    return [colour[0] * shade, colour[1] * shade, colour[2] * shade, 0.06] as const;
  });
}

/** What shows in the opening of a jacket or a low collar: a shirt front, under the body's edge. */
export function shirtFront(shape: Shape, clothes: Clothes): Part | undefined {
  if (clothes.kind !== 'jacket') return undefined;
  const neck = 50 + shape.neckWidth / 2 + 4;
  const piece = join([
    sheet(41, 8, (u, v) => {
      const angle = (u * 2 - 1) * 1.9;
      const radius = neck + 26 * v;
      return [
        radius * Math.sin(angle),
        147 + 22 * Math.max(0, Math.cos(angle)) + 110 * v,
        -26 + (radius - 6 + 20 * v) * Math.cos(angle),
      ];
    }),
    shirtCollar(neck + 1),
  ]);
  return { ...piece, texture: fabric({ ...clothes, kind: 'shirt', colour: clothes.second }) };
}
