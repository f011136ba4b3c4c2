/**
 * The head as a signed distance field: bones, fat, nose and neck from ellipsoids and round cones, joined smoothly. Authoring
 * axes: x to the viewer's right, y down from the eye line, f forward to the camera, mm. Lips, lids and ears come later (`face.ts`, `ears.ts`).
 */
import type { Shape } from './shape.ts';

/** Distance in mm (roughly true near the surface), negative inside; symmetric in x. */
export type Field = (x: number, y: number, f: number) => number;

/** Where the eyeballs sit; the same numbers place the spheres that are drawn. */
export function eyeballOf(shape: Shape): { x: number; y: number; f: number; radius: number } {
  return { x: 31.5 + shape.eyeSpacing / 2, y: 0.5, f: 66.5 - 0.5 * shape.eyeDepth, radius: 12.2 };
}

export function sculpt(s: Shape): Field {
  const w = s.faceWidth / 2;
  const eye = eyeballOf(s);
  const jaw = s.jawWidth / 2;
  const noseY = 41 + s.noseLength * 0.8;
  const tipY = noseY - s.tipUp * 0.7;
  const tipF = 102.5 + 0.5 * s.bridgeHeight + 0.35 * s.noseLength;
  const alaX = 10.6 + s.noseWidth / 2;
  const mouthY = 70 + s.mouthDrop + 0.3 * s.noseLength;
  const chinY = 98 + s.chinLength;
  const chinF = 74 + s.chinForward;
  return (signedX, y, f) => {
    const x = Math.sqrt(signedX * signedX + 1);
    let d = ellipsoid(x, y + 30, f + 6, 73 + s.craniumWidth / 2, 82, 93);
    d = blend(d, ellipsoid(x, y + 36, f - 33 + 0.5 * s.foreheadSlope, 59 + s.craniumWidth / 2, 46, 56), 24);
    // Middle face: upper jaw bone, cheek bones, the fat below them.
    d = blend(d, ellipsoid(x, y - 30, f - 26, 59.5 + w, 58, 57), 22);
    d = blend(
      d,
      ellipsoid(x - 43 - w, y - 19, f - 45 - 0.5 * s.cheekbones, 21, 15 + 0.3 * s.cheekbones, 25),
      22,
    );
    d = blend(d, ellipsoid(x - 34 - w * 0.7, y - 47, f - 52, 19 + 0.4 * s.fullness, 23, 22 + s.fullness), 26);
    // Lower jaw from its angle to the chin, chin, and the muzzle over the teeth.
    d = blend(
      d,
      roundCone(x, y, f, 42.5 + jaw, 60 + s.jawDrop, 10, 16, 9 + s.chinWidth / 2, chinY - 3, chinF - 3, 13),
      22,
    );
    d = blend(d, ellipsoid(x, y - chinY, f - chinF + 1, 18 + s.chinWidth / 2, 15, 19), 16);
    d = blend(d, ellipsoid(x, y - mouthY + 2, f - 56, 32, 30, 37 + 0.4 * s.lipForward), 18);
    // Neck, its two muscles, throat.
    const neck = 46.5 + s.neckWidth / 2;
    d = blend(d, roundCone((x / neck) * 50, y, f, 0, 70, -20, 50, 0, 150, -29, 51), 20);
    d = blend(
      d,
      roundCone(x, y, f, 0, 150, -28, 46 + s.neckWidth / 2, 0, 225, -34, 60 + s.neckWidth / 2),
      24,
    );
    d = blend(d, roundCone(x, y, f, 36 + s.neckWidth / 3, 84, -16, 10, 13, 196, 8, 8), 24);
    d = blend(
      d,
      roundCone(x, y, f, 0, 128, 28, 6 + s.masculinity * 2, 0, 150, 26, 6 + s.masculinity * 3),
      14,
    );
    // Brow ridge and the socket under it.
    d = blend(
      d,
      roundCone(
        x,
        y,
        f,
        9,
        -9 + s.browHeight * 0.3,
        84 + 0.6 * s.browRidge,
        6.5,
        40,
        -14 + s.browHeight * 0.4,
        66 + 0.6 * s.browRidge,
        7,
      ),
      14,
    );
    d = carve(d, ellipsoid(x - eye.x + 1, y - 3, f - 92, 18.5, 12, 14 + 0.8 * s.eyeDepth), 12);
    d = carve(d, ellipsoid(x - 17, y - 3, f - 91, 5.5, 11, 8), 9);
    d = blend(d, ellipsoid(x - eye.x, y - eye.y, f - eye.f, 13.9, 13.6, 13.7), 4);
    // Nose: bridge, tip, wings, the base between them, nostrils.
    const bridgeF = 84 + s.bridgeHeight;
    d = blend(
      d,
      roundCone(
        x,
        y,
        f,
        0,
        -4,
        bridgeF - 3,
        6 + s.bridgeWidth,
        0,
        tipY - 3,
        tipF - 3,
        7.6 + s.bridgeWidth * 0.5,
      ),
      11,
    );
    d = blend(d, ellipsoid(x, y - 16, f - bridgeF - 3, 4.5, 9, 6 + s.noseHump), 8);
    d = blend(d, ellipsoid(x, y - tipY, f - tipF, 8.6 + s.noseTip, 7.8 + 0.6 * s.noseTip, 8.8), 7);
    d = blend(d, ellipsoid(x - alaX, y - noseY - 2.2, f - 92, 5.8, 6.6, 9.4), 4);
    d = blend(d, ellipsoid(x, y - noseY - 4.5, f - 94, 5, 4.5, 11), 5);
    d = carve(d, ellipsoid(x - alaX - 6.5, y - noseY + 0.5, f - 90, 2, 6, 5), 4);
    d = carve(d, ellipsoid(x - alaX + 1.5, y - noseY + 7, f - 98.5, 2.5, 3, 4), 5);
    d = carve(d, ellipsoid(x - 0.6 * alaX, y - noseY - 7.5, f - 96.5, 3.4, 4, 5), 2.5);
    return d;
  };
}

function ellipsoid(x: number, y: number, z: number, rx: number, ry: number, rz: number): number {
  const ax = x / rx;
  const ay = y / ry;
  const az = z / rz;
  const k0 = Math.sqrt(ax * ax + ay * ay + az * az);
  const bx = ax / rx;
  const by = ay / ry;
  const bz = az / rz;
  return (k0 * (k0 - 1)) / Math.sqrt(bx * bx + by * by + bz * bz + 1e-12);
}

/** A capsule whose radius runs linearly from one end to the other. */
function roundCone(
  x: number,
  y: number,
  z: number,
  ax: number,
  ay: number,
  az: number,
  ra: number,
  bx: number,
  by: number,
  bz: number,
  rb: number,
): number {
  const dx = bx - ax;
  const dy = by - ay;
  const dz = bz - az;
  const along = ((x - ax) * dx + (y - ay) * dy + (z - az) * dz) / (dx * dx + dy * dy + dz * dz);
  const t = Math.max(0, Math.min(1, along));
  const px = x - ax - t * dx;
  const py = y - ay - t * dy;
  const pz = z - az - t * dz;
  return Math.sqrt(px * px + py * py + pz * pz) - ra - t * (rb - ra);
}

/** Union with a fillet about `k` mm wide (polynomial smooth minimum). */
function blend(a: number, b: number, k: number): number {
  const h = Math.max(0, k - Math.abs(a - b));
  return Math.min(a, b) - (h * h) / (4 * k);
}

/** Takes `b` away from `a`, with a rounded edge. */
function carve(a: number, b: number, k: number): number {
  return -blend(-a, b, k);
}
