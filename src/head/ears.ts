/** The ears: a rim, a ridge inside it, a hollow, a lobe; small enough that relief on one surface does. */
import type { SkinLook } from './skin.ts';
import { toneOf } from './skin.ts';
import { join, paint, smoothstep } from './part.ts';
import type { Part, Surface } from './part.ts';
import type { Field } from './sculpt.ts';
import type { Shape } from './shape.ts';

/** The outline from the front of the rim over the top to the lobe: (back, down) from the middle of the ear, mm. */
const outline = [
  [-9, -6],
  [-9, -14],
  [-7, -23],
  [-1, -30],
  [8, -32],
  [15, -28],
  [19, -19],
  [19, -8],
  [16.5, 4],
  [12, 15],
  [7, 24],
  [1, 30],
  [-5, 30],
  [-9, 24],
  [-10, 14],
  [-10, 4],
] as const;
const centre = [1, -4] as const;
const ringCount = 9;
const spokes = 32;

function outlineAt(t: number): [number, number] {
  const place = t * outline.length;
  const k = Math.floor(place) % outline.length;
  const u = place - Math.floor(place);
  const p = (i: number) => outline[(i + outline.length) % outline.length]!;
  // Catmull–Rom through the outline.
  const spline = (c: 0 | 1) => {
    const [a, b, d, e] = [p(k - 1)[c], p(k)[c], p(k + 1)[c], p(k + 2)[c]];
    return b + 0.5 * u * (d - a + u * (2 * a - 5 * b + 4 * d - e + u * (3 * (b - d) + e - a)));
  };
  return [spline(0), spline(1)];
}

export function earParts(shape: Shape, look: SkinLook, field: Field): Part {
  const [cosine, sine] = [Math.cos(shape.earAngle), Math.sin(shape.earAngle)];
  // Where the ear is rooted: on the side of the head, at the height between eye and nose.
  let rootX = 90;
  for (let i = 0; i < 30; i++) rootX -= 0.8 * field(rootX, 14, -6);
  const ear = (sign: number): Surface => {
    const points: number[] = [];
    const uv: number[] = [];
    const triangles: number[] = [];
    for (let ring = 0; ring <= ringCount; ring++) {
      const s = ring / ringCount;
      for (let spoke = 0; spoke < spokes; spoke++) {
        const t = spoke / spokes;
        const [a, b] = outlineAt(t);
        const back = (centre[0] + (a - centre[0]) * Math.min(1, s * 1.03)) * shape.earSize;
        const down = (centre[1] + (b - centre[1]) * Math.min(1, s * 1.03)) * shape.earSize;
        const lift = relief(s, t);
        const tilt = -0.16 * down;
        const x = rootX - 1 + (back + 9) * sine + lift * cosine;
        const f = -2 - (back + 9) * cosine + lift * sine + tilt;
        points.push(sign * x, 13 + down, f);
        uv.push(t, s);
      }
    }
    for (let ring = 0; ring < ringCount; ring++) {
      for (let spoke = 0; spoke < spokes; spoke++) {
        const [i, j] = [ring * spokes + spoke, ring * spokes + ((spoke + 1) % spokes)];
        const quad = [i, i + spokes, j + spokes, i, j + spokes, j];
        triangles.push(...(sign < 0 ? [quad[0]!, quad[2]!, quad[1]!, quad[3]!, quad[5]!, quad[4]!] : quad));
      }
    }
    return {
      points: Float32Array.from(points),
      uv: Float32Array.from(uv),
      triangles: Uint32Array.from(triangles),
    };
  };
  return { ...join([ear(-1), ear(1)]), texture: earTexture(look), twoSided: true };
}

const bump = (value: number, at: number, width: number): number => Math.exp(-(((value - at) / width) ** 2));

/** Height over the ear's plane, mm. t: 0 front of the rim, 0.25 top, 0.5 back, 0.75 lobe. */
function relief(s: number, t: number): number {
  const lobe = smoothstep(0.6, 0.72, t) * smoothstep(0.9, 0.8, t);
  const front = smoothstep(0.86, 0.97, t) + smoothstep(0.06, 0, t);
  const rim = 3.2 * bump(s, 0.9, 0.12) - 1.6 * smoothstep(0.93, 1, s);
  const ridge = 2.4 * bump(s, 0.62, 0.13);
  const hollow = -4.2 * bump(s, 0.18, 0.3);
  const tragus = 3.5 * front * bump(s, 0.8, 0.2);
  return (1 - lobe) * (1 - 0.7 * front) * (rim + ridge) + hollow + tragus + 1.5 * lobe * bump(s, 0.7, 0.3);
}

function earTexture(look: SkinLook) {
  const base = toneOf(look.tone, look.redness + 0.5);
  return paint(64, 32, (t, s) => {
    const hollow =
      bump(s, 0.1, 0.33) +
      0.5 * bump(s, 0.76, 0.06) * (1 - smoothstep(0.6, 0.7, t) * smoothstep(0.9, 0.8, t));
    const red = 0.12 * bump(s, 0.92, 0.15);
    return [
      base[0] * (1 - 0.45 * hollow) * (1 + 0.1 * red),
      base[1] * (1 - 0.58 * hollow) * (1 - red),
      base[2] * (1 - 0.58 * hollow) * (1 - red),
      0.25,
    ] as const;
  });
}
