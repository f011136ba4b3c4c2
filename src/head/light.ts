/**
 * Light on the head: a few soft lobes around the camera, and per vertex how much of the light from each direction arrives
 * and is not blocked by nose, brow, hair or chin. Both in real spherical harmonics, so that the shadows follow a turning
 * head at the price of a dot product (precomputed radiance transfer: Sloan, Kautz & Snyder 2002).
 */
import type { Pose } from './mesh.ts';

/** Soft light from one direction. `colour`: the irradiance of a surface that faces it. `sharpness`: concentration of a von Mises–Fisher lobe. */
export type Lobe = {
  /** Towards the light, unit, camera axes (x right, y down, z away). */
  direction: readonly [number, number, number];
  colour: readonly [number, number, number];
  sharpness: number;
  /** Whether it makes highlights. */
  shines: boolean;
};

const bands = 5;
/** Number of spherical harmonics up to band 4. */
export const harmonics = bands * bands;

/** The real spherical harmonics Y_lm up to l = 4 in direction (x, y, z), written to `out` from `offset` (Sloan 2008, appendix). */
export function evaluateHarmonics(x: number, y: number, z: number, out: Float32Array, offset: number): void {
  const [x2, y2, z2] = [x * x, y * y, z * z];
  out[offset] = 0.282095;
  out[offset + 1] = 0.488603 * y;
  out[offset + 2] = 0.488603 * z;
  out[offset + 3] = 0.488603 * x;
  out[offset + 4] = 1.092548 * x * y;
  out[offset + 5] = 1.092548 * y * z;
  out[offset + 6] = 0.315392 * (3 * z2 - 1);
  out[offset + 7] = 1.092548 * x * z;
  out[offset + 8] = 0.546274 * (x2 - y2);
  out[offset + 9] = 0.590044 * y * (3 * x2 - y2);
  out[offset + 10] = 2.890611 * x * y * z;
  out[offset + 11] = 0.457046 * y * (5 * z2 - 1);
  out[offset + 12] = 0.373176 * z * (5 * z2 - 3);
  out[offset + 13] = 0.457046 * x * (5 * z2 - 1);
  out[offset + 14] = 1.445306 * z * (x2 - y2);
  out[offset + 15] = 0.590044 * x * (x2 - 3 * y2);
  out[offset + 16] = 2.503343 * x * y * (x2 - y2);
  out[offset + 17] = 1.770131 * y * z * (3 * x2 - y2);
  out[offset + 18] = 0.946175 * x * y * (7 * z2 - 1);
  out[offset + 19] = 0.669047 * y * z * (7 * z2 - 3);
  out[offset + 20] = 0.105786 * (35 * z2 * z2 - 30 * z2 + 3);
  out[offset + 21] = 0.669047 * x * z * (7 * z2 - 3);
  out[offset + 22] = 0.473087 * (x2 - y2) * (7 * z2 - 1);
  out[offset + 23] = 1.770131 * x * z * (x2 - 3 * y2);
  out[offset + 24] = 0.625836 * (x2 * (x2 - 3 * y2) - y2 * (3 * x2 - y2));
}

/** The lobes as seen from a part with this pose (rotation transposed). */
export function turnLobes(lobes: readonly Lobe[], pose: Pose): Lobe[] {
  return lobes.map((lobe) => {
    const [x, y, z] = lobe.direction;
    const back = (i: 0 | 1 | 2) => pose[i]! * x + pose[4 + i]! * y + pose[8 + i]! * z;
    return { ...lobe, direction: [back(0), back(1), back(2)] };
  });
}

/** Radiance of the lobes in harmonics, RGB interleaved (3 · harmonics values). */
export function projectLobes(lobes: readonly Lobe[]): Float32Array {
  const light = new Float32Array(harmonics * 3);
  const basis = new Float32Array(harmonics);
  for (const { direction, colour, sharpness } of lobes) {
    evaluateHarmonics(direction[0], direction[1], direction[2], basis, 0);
    for (let l = 0, i = 0; l < bands; l++) {
      const band = Math.exp((-l * (l + 1)) / (2 * sharpness));
      for (; i < (l + 1) * (l + 1); i++) {
        for (let c = 0; c < 3; c++) light[i * 3 + c] = light[i * 3 + c]! + band * basis[i]! * colour[c]!;
      }
    }
  }
  return light;
}

/** Something that blocks light: points in head space and triangles. */
export type Blocker = { points: Float32Array; triangles: Uint32Array; twoSided?: boolean };

const mapSize = 92;
const directionCount = 64;
/** Half the side of the region that can cast shadows, and its centre, mm. */
const reach = 190;
const reachCentre = [0, 40, 0] as const;

/** Directions spread evenly over the sphere (Fibonacci lattice). */
function sphereDirections(count: number): [number, number, number][] {
  const golden = Math.PI * (3 - Math.sqrt(5));
  return Array.from({ length: count }, (_, i) => {
    const z = 1 - (2 * i + 1) / count;
    const r = Math.sqrt(1 - z * z);
    return [r * Math.cos(golden * i), r * Math.sin(golden * i), z];
  });
}

/** Two unit vectors across a direction. */
function across(d: readonly [number, number, number]): { right: number[]; up: number[] } {
  const helper = Math.abs(d[1]) < 0.9 ? [0, 1, 0] : [1, 0, 0];
  const cross = (a: readonly number[], b: readonly number[]) => [
    a[1]! * b[2]! - a[2]! * b[1]!,
    a[2]! * b[0]! - a[0]! * b[2]!,
    a[0]! * b[1]! - a[1]! * b[0]!,
  ];
  const raw = cross(helper, d);
  const length = Math.hypot(...raw);
  const right = raw.map((value) => value / length);
  return { right, up: cross(d, right) };
}

/** What receives light: points with unit normals, and how far (mm) a blocker must stand before it counts. */
export type Receiver = { points: Float32Array; normals: Float32Array; bias: number };

/**
 * Transfer vectors: per receiver point, the cosine-weighted visible part of each harmonic. For every direction a depth map of
 * the blockers tells which points it reaches.
 * @returns One array of points × harmonics per receiver.
 */
export function transferOf(receivers: readonly Receiver[], blockers: readonly Blocker[]): Float32Array[] {
  const transfers = receivers.map(({ points }) => new Float32Array((points.length / 3) * harmonics));
  const map = new Float32Array(mapSize * mapSize);
  const basis = new Float32Array(harmonics);
  const weight = (4 * Math.PI) / directionCount;
  for (const direction of sphereDirections(directionCount)) {
    const { right, up } = across(direction);
    const frame = [...right, ...up, ...direction];
    map.fill(-1e9);
    for (const blocker of blockers) drawHeights(map, blocker, frame);
    evaluateHarmonics(direction[0], direction[1], direction[2], basis, 0);
    receivers.forEach((receiver, i) => gather(receiver, map, frame, direction, basis, weight, transfers[i]!));
  }
  return transfers;
}

/** Directions to the camera, in head space, for all poses that are drawn and some beyond: yaw ±23°, pitch ±17°. */
function viewDirections(): [number, number, number][] {
  const directions: [number, number, number][] = [];
  for (const yaw of [-0.4, 0, 0.4]) {
    for (const pitch of [-0.3, 0, 0.3]) {
      directions.push([Math.sin(yaw) * Math.cos(pitch), Math.sin(pitch), -Math.cos(yaw) * Math.cos(pitch)]);
    }
  }
  return directions;
}

/**
 * The triangles of a part that some view can see; the others lie more than `margin` mm below the blockers in all of them.
 * @param blockers What hides them, the part itself among them.
 */
export function visibleTriangles(
  { points, triangles }: Blocker,
  blockers: readonly Blocker[],
  margin: number,
): Uint32Array {
  const visible = new Uint8Array(points.length / 3);
  const map = new Float32Array(mapSize * mapSize);
  for (const direction of viewDirections()) {
    const { right, up } = across(direction);
    const frame = [...right, ...up, ...direction];
    map.fill(-1e9);
    for (const blocker of blockers) drawHeights(map, blocker, frame);
    for (let i = 0; i < visible.length; i++) {
      if (visible[i] === 1) continue;
      const x = points[i * 3]! - reachCentre[0];
      const y = points[i * 3 + 1]! - reachCentre[1];
      const z = points[i * 3 + 2]! - reachCentre[2];
      const u = (frame[0]! * x + frame[1]! * y + frame[2]! * z + reach) * toMap - 0.5;
      const v = (frame[3]! * x + frame[4]! * y + frame[5]! * z + reach) * toMap - 0.5;
      const height = frame[6]! * x + frame[7]! * y + frame[8]! * z + margin;
      if (visibility(map, u, v, height) > 0.2) visible[i] = 1;
    }
  }
  const kept: number[] = [];
  for (let t = 0; t < triangles.length; t += 3) {
    const [a, b, c] = [triangles[t]!, triangles[t + 1]!, triangles[t + 2]!];
    if (visible[a] === 1 || visible[b] === 1 || visible[c] === 1) kept.push(a, b, c);
  }
  return Uint32Array.from(kept);
}

const toMap = mapSize / (2 * reach);

function gather(
  { points, normals, bias }: Receiver,
  map: Float32Array,
  frame: number[],
  direction: readonly [number, number, number],
  basis: Float32Array,
  weight: number,
  out: Float32Array,
): void {
  for (let p = 0, o = 0; p < points.length; p += 3, o += harmonics) {
    const cosine =
      normals[p]! * direction[0] + normals[p + 1]! * direction[1] + normals[p + 2]! * direction[2];
    if (cosine <= 0) continue;
    const x = points[p]! - reachCentre[0];
    const y = points[p + 1]! - reachCentre[1];
    const z = points[p + 2]! - reachCentre[2];
    const u = (frame[0]! * x + frame[1]! * y + frame[2]! * z + reach) * toMap - 0.5;
    const v = (frame[3]! * x + frame[4]! * y + frame[5]! * z + reach) * toMap - 0.5;
    const height = frame[6]! * x + frame[7]! * y + frame[8]! * z + bias;
    const share = cosine * weight * visibility(map, u, v, height);
    if (share === 0) continue;
    for (let h = 0; h < harmonics; h++) out[o + h] = out[o + h]! + share * basis[h]!;
  }
}

/** Share of the four neighbouring map cells that do not stand above the point, weighted bilinearly. */
function visibility(map: Float32Array, u: number, v: number, height: number): number {
  const x = Math.floor(u);
  const y = Math.floor(v);
  if (x < 0 || y < 0 || x >= mapSize - 1 || y >= mapSize - 1) return 1;
  const fx = u - x;
  const fy = v - y;
  const i = y * mapSize + x;
  return (
    (map[i]! <= height ? (1 - fx) * (1 - fy) : 0) +
    (map[i + 1]! <= height ? fx * (1 - fy) : 0) +
    (map[i + mapSize]! <= height ? (1 - fx) * fy : 0) +
    (map[i + mapSize + 1]! <= height ? fx * fy : 0)
  );
}

/** Draws how far each blocker reaches towards the light, into the depth map. */
function drawHeights(map: Float32Array, { points, triangles, twoSided }: Blocker, frame: number[]): void {
  const count = points.length / 3;
  const mapped = new Float32Array(points.length);
  for (let i = 0; i < count; i++) {
    const x = points[i * 3]! - reachCentre[0];
    const y = points[i * 3 + 1]! - reachCentre[1];
    const z = points[i * 3 + 2]! - reachCentre[2];
    mapped[i * 3] = (frame[0]! * x + frame[1]! * y + frame[2]! * z + reach) * toMap;
    mapped[i * 3 + 1] = (frame[3]! * x + frame[4]! * y + frame[5]! * z + reach) * toMap;
    mapped[i * 3 + 2] = frame[6]! * x + frame[7]! * y + frame[8]! * z;
  }
  for (let t = 0; t < triangles.length; t += 3) {
    const a = triangles[t]! * 3;
    const b = triangles[t + 1]! * 3;
    const c = triangles[t + 2]! * 3;
    const ax = mapped[a]!;
    const ay = mapped[a + 1]!;
    const ah = mapped[a + 2]!;
    const bx = mapped[b]! - ax;
    const by = mapped[b + 1]! - ay;
    const cx = mapped[c]! - ax;
    const cy = mapped[c + 1]! - ay;
    const area = bx * cy - cx * by;
    // The side that faces the light hides whatever lies below it; the far side need not be drawn.
    if (area === 0 || (area > 0 && !twoSided)) continue;
    const bh = mapped[b + 2]! - ah;
    const ch = mapped[c + 2]! - ah;
    const left = Math.max(0, Math.ceil(ax + Math.min(0, bx, cx) - 0.5));
    const right = Math.min(mapSize - 1, Math.floor(ax + Math.max(0, bx, cx) - 0.5));
    const top = Math.max(0, Math.ceil(ay + Math.min(0, by, cy) - 0.5));
    const bottom = Math.min(mapSize - 1, Math.floor(ay + Math.max(0, by, cy) - 0.5));
    for (let y = top; y <= bottom; y++) {
      for (let x = left; x <= right; x++) {
        const dx = x + 0.5 - ax;
        const dy = y + 0.5 - ay;
        const wb = (dx * cy - cx * dy) / area;
        const wc = (bx * dy - dx * by) / area;
        if (wb < 0 || wc < 0 || wb + wc > 1) continue;
        const height = ah + wb * bh + wc * ch;
        if (height > map[y * mapSize + x]!) map[y * mapSize + x] = height;
      }
    }
  }
}
