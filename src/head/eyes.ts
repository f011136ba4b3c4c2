/** The eyeballs: a sphere's front, painted with white, iris and pupil. Gaze turns the painting, not the sphere. */
import { createRng } from '../random.ts';
import { createNoise, fractal } from './noise.ts';
import { mix, mixRgb, paint, smoothstep } from './part.ts';
import type { Part, Rgb } from './part.ts';
import { eyeballOf } from './sculpt.ts';
import type { Shape } from './shape.ts';

export type EyeLook = { iris: Rgb; rim: Rgb; irisRadius: number; pupil: number; seed: string };

const rings = 14;
const spokes = 28;
/** Half-angle of the modelled cap, radians; the rest is never seen. */
const cap = 1.35;

/** Both eyeballs, the viewer's left first, `eyeVertexCount` vertices each. */
export function eyeParts(shape: Shape, look: EyeLook): Part {
  const eye = eyeballOf(shape);
  const perEye = rings * spokes + 1;
  const points = new Float32Array(2 * perEye * 3);
  const triangles: number[] = [];
  [-1, 1].forEach((sign, e) => {
    const base = e * perEye;
    points.set([sign * eye.x, eye.y, eye.f + eye.radius], base * 3);
    for (let ring = 0; ring < rings; ring++) {
      const alpha = (cap * (ring + 1)) / rings;
      for (let spoke = 0; spoke < spokes; spoke++) {
        const phi = (2 * Math.PI * spoke) / spokes;
        const i = base + 1 + ring * spokes + spoke;
        const [across, front] = [Math.sin(alpha) * eye.radius, Math.cos(alpha) * eye.radius];
        points.set(
          [sign * eye.x + across * Math.cos(phi), eye.y + across * Math.sin(phi), eye.f + front],
          i * 3,
        );
        const next = base + 1 + ring * spokes + ((spoke + 1) % spokes);
        if (ring === 0) triangles.push(base, i, next);
        else triangles.push(i, next, next - spokes, i, next - spokes, i - spokes);
      }
    }
  });
  const uv = new Float32Array(2 * perEye * 2);
  aimEyes(points, uv, shape, [0, 0]);
  return { points: points.slice(), triangles: Uint32Array.from(triangles), uv, texture: eyeTexture(look) };
}

/** Sets the texture coordinates of both eyes (points in authoring axes or head space; eyes lie before the centre) for a gaze (yaw to the viewer's right and pitch down, radians). */
export function aimEyes(
  points: Float32Array,
  uv: Float32Array,
  shape: Shape,
  gaze: readonly [number, number],
): void {
  const eye = eyeballOf(shape);
  const half = points.length / 6;
  for (let e = 0; e < 2; e++) {
    // Eyes converge a little on the camera.
    const yaw = gaze[0] + (e === 0 ? 0.015 : -0.015);
    const [cy, sy, cp, sp] = [Math.cos(yaw), Math.sin(yaw), Math.cos(gaze[1]), Math.sin(gaze[1])];
    for (let k = 0; k < half; k++) {
      const i = e * half + k;
      const x = (points[i * 3]! - (e === 0 ? -eye.x : eye.x)) / eye.radius;
      const y = (points[i * 3 + 1]! - eye.y) / eye.radius;
      const f = (Math.abs(points[i * 3 + 2]!) - eye.f) / eye.radius;
      // Into the eye's own axes: undo the yaw, then the pitch.
      const ex = cy * x - sy * f;
      const ef = sy * x + cy * f;
      const ey = cp * y - sp * ef;
      const front = sp * y + cp * ef;
      const alpha = Math.acos(Math.max(-1, Math.min(1, front)));
      const across = Math.hypot(ex, ey) || 1;
      uv[i * 2] = 0.5 + (0.5 * (alpha / 1.6) * ex) / across;
      uv[i * 2 + 1] = 0.5 + (0.5 * (alpha / 1.6) * ey) / across;
    }
  }
}

function eyeTexture(look: EyeLook) {
  const noise = createNoise(createRng(look.seed, 'eyes'));
  const irisAngle = Math.asin(look.irisRadius / 12.2);
  return paint(96, 96, (u, v) => {
    const [dx, dy] = [(u - 0.5) * 2, (v - 0.5) * 2];
    const alpha = Math.hypot(dx, dy) * 1.6;
    const phi = Math.atan2(dy, dx);
    const r = alpha / irisAngle;
    const veins = smoothstep(0.28, 0.6, fractal(noise, phi * 5 + 40, alpha * 6, 3)) * smoothstep(1.3, 2.6, r);
    const white = mixRgb(
      [0.44, 0.41, 0.385],
      [0.55, 0.3, 0.25],
      0.45 * veins + 0.22 * smoothstep(1.5, 2.8, r),
    );
    const fibres = 0.75 + 0.5 * noise(phi * 7.6, r * 2) + 0.25 * noise(phi * 19, r * 3 + 9);
    const ring = smoothstep(0.72, 1, r);
    const inner = mixRgb(look.iris, look.rim, ring);
    const glowing = inner.map((value) => value * fibres * mix(1.25, 1, smoothstep(look.pupil, 0.7, r))) as [
      number,
      number,
      number,
    ];
    const iris = mixRgb(
      glowing,
      [0.004, 0.004, 0.005],
      1 - smoothstep(look.pupil - 0.06, look.pupil + 0.06, r),
    );
    return [...mixRgb(iris, white, smoothstep(0.93, 1.08, r)), 0.6] as const;
  });
}
