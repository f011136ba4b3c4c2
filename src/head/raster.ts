/** The face mesh as a picture of texture coordinates: the input of neural renderers. No anti-aliasing, so that every value is a true one. */
import { project } from './mesh.ts';
import type { Camera, Mesh, Pose } from './mesh.ts';
import type { Box } from './track.ts';

/** `uv`: two values per pixel in [0, 1], −1 where there is no face. `depth`: mm from the camera, Infinity where there is none. */
export type UvImage = { width: number; height: number; uv: Float32Array; depth: Float32Array };

/**
 * Draws texture coordinates and depth at pixel centres, nearest surface first, perspective-correct, back faces culled.
 * @param vertices 3V values, head space, mm (`vertices(track, i)`).
 * @param window The part of the camera's picture to draw, in pixels; x and y may be fractions, width and height are whole.
 */
export function rasterizeUv(
  mesh: Mesh,
  vertices: Float32Array,
  pose: Pose,
  camera: Camera,
  window: Box,
): UvImage {
  const { width, height } = window;
  const uv = new Float32Array(2 * width * height).fill(-1);
  const inverseDepth = new Float32Array(width * height);
  const shifted = { ...camera, centreX: camera.centreX - window.x, centreY: camera.centreY - window.y };
  const points = project(vertices, pose, shifted);
  for (let t = 0; t < mesh.triangles.length; t += 3) {
    drawTriangle(mesh, points, t, width, height, uv, inverseDepth);
  }
  return { width, height, uv, depth: inverseDepth.map((value) => 1 / value) };
}

/** Barycentric coordinates are stepped per pixel; 1/z and u/z, v/z are linear on the screen. */
function drawTriangle(
  mesh: Mesh,
  points: Float32Array,
  t: number,
  width: number,
  height: number,
  uv: Float32Array,
  inverseDepth: Float32Array,
): void {
  const [a, b, c] = [mesh.triangles[t]!, mesh.triangles[t + 1]!, mesh.triangles[t + 2]!];
  const [ax, ay, az] = [points[a * 3]!, points[a * 3 + 1]!, 1 / points[a * 3 + 2]!];
  const [bx, by, bz] = [points[b * 3]!, points[b * 3 + 1]!, 1 / points[b * 3 + 2]!];
  const [cx, cy, cz] = [points[c * 3]!, points[c * 3 + 1]!, 1 / points[c * 3 + 2]!];
  const area = (bx - ax) * (cy - ay) - (cx - ax) * (by - ay);
  if (!(area > 0) || az <= 0 || bz <= 0 || cz <= 0) return;
  const left = Math.max(0, Math.ceil(Math.min(ax, bx, cx) - 0.5));
  const right = Math.min(width - 1, Math.floor(Math.max(ax, bx, cx) - 0.5));
  const top = Math.max(0, Math.ceil(Math.min(ay, by, cy) - 0.5));
  const bottom = Math.min(height - 1, Math.floor(Math.max(ay, by, cy) - 0.5));
  for (let y = top; y <= bottom; y++) {
    for (let x = left; x <= right; x++) {
      const wb = ((x + 0.5 - ax) * (cy - ay) - (cx - ax) * (y + 0.5 - ay)) / area;
      const wc = ((bx - ax) * (y + 0.5 - ay) - (x + 0.5 - ax) * (by - ay)) / area;
      const wa = 1 - wb - wc;
      if (wa < 0 || wb < 0 || wc < 0) continue;
      const z = wa * az + wb * bz + wc * cz;
      const pixel = y * width + x;
      if (z <= inverseDepth[pixel]!) continue;
      inverseDepth[pixel] = z;
      for (let k = 0; k < 2; k++) {
        const value =
          wa * az * mesh.uv[a * 2 + k]! + wb * bz * mesh.uv[b * 2 + k]! + wc * cz * mesh.uv[c * 2 + k]!;
        uv[pixel * 2 + k] = Math.min(1, Math.max(0, value / z));
      }
    }
  }
}
