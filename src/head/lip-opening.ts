import type { Mesh } from './mesh.ts';

/** The middle of the inner upper and lower lip: iBUG 62 and 66 among the inner 51 landmarks. */
export const [upperLip, lowerLip] = [62 - 17, 66 - 17] as const;

/** Distance between the inner lips in mm, from the vertices of a face (head space). */
export function lipOpeningMm(mesh: Mesh, vertices: Float32Array): number {
  const [upper, lower] = [mesh.landmarks[upperLip]! * 3, mesh.landmarks[lowerLip]! * 3];
  return Math.hypot(...[0, 1, 2].map((c) => vertices[lower + c]! - vertices[upper + c]!));
}
