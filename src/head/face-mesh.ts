/** A person's skin as a deformable mesh, and the part of it that a face tracker would know. */
import { expressionBasis } from './blendshapes.ts';
import { expressionCount } from './expressions.ts';
import { featuresOf, flipDepth, placeVertices } from './face.ts';
import { grid } from './grid.ts';
import { landmarkVertices } from './landmarks.ts';
import type { Mesh } from './mesh.ts';
import type { Shape } from './shape.ts';

/** The whole skin, the face's vertices first. @param placed The vertices of this shape (`placeVertices`). */
export function skinMesh(shape: Shape, placed: { open: Float32Array; closed: Float32Array }): Mesh {
  const { nodes, triangles, uv } = grid();
  return {
    vertexCount: nodes.length,
    triangles,
    uv,
    neutral: flipDepth(placed.open),
    basis: flipDepth(expressionBasis(shape, placed.open, placed.closed)),
    landmarks: landmarkVertices(),
    mouth: mouthMask(shape, placed.open),
  };
}

/** The face: the first vertices and triangles of the whole skin. */
export function faceOf(whole: Mesh): Mesh {
  const { faceVertexCount: vertexCount, faceTriangleCount } = grid();
  const basis = new Float32Array(expressionCount * vertexCount * 3);
  for (let k = 0; k < expressionCount; k++) {
    const start = k * whole.vertexCount * 3;
    basis.set(whole.basis.subarray(start, start + vertexCount * 3), k * vertexCount * 3);
  }
  return {
    vertexCount,
    triangles: whole.triangles.slice(0, faceTriangleCount * 3),
    uv: whole.uv.slice(0, vertexCount * 2),
    neutral: whole.neutral.slice(0, vertexCount * 3),
    basis,
    landmarks: whole.landmarks,
    mouth: whole.mouth.slice(0, vertexCount),
  };
}

/** The face of a person who is not drawn: `createRenderer(head).mesh` without preparing anything else. */
export const faceMesh = (shape: Shape): Mesh => faceOf(skinMesh(shape, placeVertices(shape)));

/** The mouth region: the bag, the lips, and the skin within 20 mm of them. */
function mouthMask(shape: Shape, points: Float32Array): Uint8Array {
  const { nodes } = grid();
  const { mouthHalfWidth, mouthY } = featuresOf(shape);
  return Uint8Array.from(nodes, (node, i) => {
    if (node.part === 'bag') return 1;
    const [x, y, f] = [Math.abs(points[i * 3]!), points[i * 3 + 1]!, points[i * 3 + 2]!];
    return f > 20 && Math.hypot(Math.max(0, x - 0.6 * mouthHalfWidth), y - mouthY) < 20 ? 1 : 0;
  });
}
