/** A person made ready for drawing: all parts with their textures, and how light reaches every vertex. */
import { bust, shirtFront } from './bust.ts';
import type { Drawable } from './draw.ts';
import { earParts } from './ears.ts';
import { eyeParts } from './eyes.ts';
import { faceOf, skinMesh } from './face-mesh.ts';
import { flipDepth, placeVertices } from './face.ts';
import { columns, grid, rows } from './grid.ts';
import { hairPart } from './hair.ts';
import type { Head } from './head.ts';
import { harmonics, transferOf, visibleTriangles } from './light.ts';
import type { Mesh } from './mesh.ts';
import { lowerTeeth, tongue, upperTeeth } from './mouth-parts.ts';
import { normalsOf } from './normals.ts';
import { smoothstep } from './part.ts';
import type { Part } from './part.ts';
import { sculpt } from './sculpt.ts';
import { skinTexture } from './skin.ts';

/** A part with what lighting needs; points and normals in head space, mm. */
export type Lit = Drawable & {
  points: Float32Array;
  normals: Float32Array;
  /** Harmonics per vertex: how the light of each arrives (`light.ts`). */
  transfer: Float32Array;
  /** Diffuse RGB and specular light of this frame, four per vertex. */
  light: Float32Array;
  /** Screen positions of this frame, three per vertex. */
  screen: Float32Array;
};

export type Model = {
  /** The face as a tracker knows it: the first vertices of `whole`. */
  mesh: Mesh;
  whole: Mesh;
  skin: Lit;
  /** Transfer for red light, which spreads further in the skin. */
  redTransfer: Float32Array;
  restNormals: Float32Array;
  /** Indices of the vertices of the mouth bag. */
  bag: { first: number; end: number };
  /** 0 moves with the head, 1 with the shoulders, per vertex of the skin. */
  bodyShare: Float32Array;
  eyes: Lit;
  ears: Lit;
  hair: (Lit & { tangents: Float32Array }) | undefined;
  upperTeeth: Lit;
  lowerTeeth: Lit;
  tongue: Lit;
  body: Lit[];
};

export const partIds = { skin: 1, eyes: 2, mouth: 3, body: 4, hair: 5 } as const;

export function buildModel(head: Head): Model {
  const g = grid();
  const { shape } = head;
  const field = sculpt(shape);
  const placed = placeVertices(shape);
  const whole = skinMesh(shape, placed);
  const texture = skinTexture(shape, head.skin, head.hair.hairline, head.hair.colour, placed.open);
  const skin = litPart({ points: placed.open, triangles: g.triangles, uv: g.uv, texture }, partIds.skin);
  const locks = hairPart(head.hair, placed.open, flipDepth(skin.normals), field);
  const ears = litPart(earParts(shape, head.skin, field), partIds.skin);
  const eyes = litPart(eyeParts(shape, head.eyes), partIds.eyes);
  const body = [bust(shape, head.clothes), shirtFront(shape, head.clothes)]
    .filter((part) => part !== undefined)
    .map((part) => litPart({ ...part, twoSided: true }, partIds.body));
  const coarseHair = locks
    ? [{ points: flipDepth(locks.points), triangles: locks.coarse, twoSided: true }]
    : [];
  const blockers = [skin, ears, ...body, ...coarseHair];
  const hair = locks && visibleHair(locks, [skin, ears]);
  const receivers = [skin, ears, ...body, ...(hair ? [hair] : []), eyes];
  const transfers = transferOf(
    receivers.map((part) => ({
      points: part.points,
      normals: part.normals,
      bias: part === hair ? 9 : part === eyes ? 2.5 : 4,
    })),
    blockers,
  );
  receivers.forEach((part, i) => part.transfer.set(transfers[i]!));
  const redTransfer = spread(skin, 4);
  skin.transfer = spread(skin, 1);
  return {
    mesh: faceOf(whole),
    whole,
    skin,
    redTransfer,
    restNormals: skin.normals.slice(),
    bag: { first: g.nodes.findIndex((node) => node.part === 'bag'), end: g.faceVertexCount },
    bodyShare: Float32Array.from(g.nodes, ({ row, column }, i) => {
      const { kind, value } = rows[row]!;
      const neck = kind === 'neck' ? smoothstep(0.02, 0.75, value) : 0;
      // The nape goes with the neck, not with the skull.
      const nape =
        smoothstep(88, 115, Math.abs(columns[column]!)) * smoothstep(40, 130, placed.open[i * 3 + 1]!);
      return Math.max(neck, nape);
    }),
    eyes,
    ears,
    hair,
    upperTeeth: litPart(upperTeeth(shape, head.teeth), partIds.mouth),
    lowerTeeth: litPart(lowerTeeth(shape, head.teeth), partIds.mouth),
    tongue: litPart(tongue(shape, head.skin.seed), partIds.mouth),
    body,
  };
}

function litPart(part: Part, id: number): Lit {
  const points = flipDepth(part.points);
  const count = points.length / 3;
  return {
    triangles: part.triangles,
    uv: part.uv,
    texture: part.texture,
    part: id,
    twoSided: part.twoSided ?? false,
    points,
    normals: part.normals ? flipDepth(part.normals) : normalsOf(points, part.triangles),
    transfer: new Float32Array(count * harmonics),
    light: new Float32Array(count * 4),
    screen: new Float32Array(points.length),
  };
}

/** The locks that some view can see, with their vertices alone. */
function visibleHair(
  locks: Part & { tangents: Float32Array },
  others: Lit[],
): Lit & { tangents: Float32Array } {
  const all = litPart(locks, partIds.hair);
  const triangles = visibleTriangles(all, [...others, all], 2);
  const kept = [...new Set(triangles)];
  const place = new Map(kept.map((vertex, i) => [vertex, i]));
  const pick = (values: Float32Array, width: number) => {
    const picked = new Float32Array(kept.length * width);
    kept.forEach((vertex, i) => picked.set(values.subarray(vertex * width, (vertex + 1) * width), i * width));
    return picked;
  };
  const [points, uv, tangents] = [pick(locks.points, 3), pick(locks.uv, 2), pick(locks.tangents, 3)];
  const normals = flipDepth(pick(all.normals, 3));
  const part = { ...locks, points, uv, normals, triangles: triangles.map((vertex) => place.get(vertex)!) };
  return { ...litPart(part, partIds.hair), tangents: flipDepth(tangents) };
}

/**
 * Averages transfer vectors with their near neighbours, so often: light that enters the skin leaves it a few millimetres away.
 * Neighbours further than `scatterMm` count for little.
 */
function spread({ transfer, points, triangles }: Lit, times: number): Float32Array {
  const count = transfer.length / harmonics;
  let current = transfer;
  for (let pass = 0; pass < times; pass++) {
    const next = new Float32Array(transfer.length);
    const weights = new Float32Array(count);
    for (let t = 0; t < triangles.length; t++) {
      const to = triangles[t]!;
      const from = triangles[t % 3 === 2 ? t - 2 : t + 1]!;
      const dx = points[to * 3]! - points[from * 3]!;
      const dy = points[to * 3 + 1]! - points[from * 3 + 1]!;
      const dz = points[to * 3 + 2]! - points[from * 3 + 2]!;
      const weight = 1 / (1 + ((dx * dx + dy * dy + dz * dz) / scatterMm ** 2) ** 2);
      weights[to] = weights[to]! + weight;
      for (let h = 0; h < harmonics; h++) {
        next[to * harmonics + h] = next[to * harmonics + h]! + weight * current[from * harmonics + h]!;
      }
    }
    for (let i = 0; i < count; i++) {
      for (let h = 0; h < harmonics; h++) {
        const j = i * harmonics + h;
        next[j] = (1.5 * current[j]! + next[j]!) / (1.5 + weights[i]!);
      }
    }
    current = next;
  }
  return current;
}
const scatterMm = 3;
