/** Draws a person's frames: 256×256, four samples per pixel, from a pose and expression coefficients. One per clip; holds buffers. */
import type { Frame } from '../types.ts';
import { drawBackground } from './background.ts';
import { bust, shirtFront } from './bust.ts';
import { expressionBasis, jawMotion } from './blendshapes.ts';
import { clear, createCanvas, draw } from './draw.ts';
import type { Canvas, Drawable } from './draw.ts';
import { expressionCount, expressionIndex } from './expressions.ts';
import { aimEyes, eyeParts } from './eyes.ts';
import { flipDepth, placeVertices } from './face.ts';
import { grid, rows } from './grid.ts';
import type { Head } from './head.ts';
import { landmarkVertices } from './landmarks.ts';
import { harmonics, projectLobes, transferOf, turnLobes } from './light.ts';
import type { Lobe } from './light.ts';
import { deform, project } from './mesh.ts';
import type { Camera, Mesh, Pose } from './mesh.ts';
import { lowerTeeth, tongue, tongueRaise, upperTeeth } from './mouth-parts.ts';
import { normalsOf } from './normals.ts';
import { smoothstep } from './part.ts';
import type { Part } from './part.ts';
import { createSensor } from './sensor.ts';
import { skinTexture } from './skin.ts';
import type { FaceState } from './state.ts';

export type Renderer = {
  /** The face as a tracker would know it: exactly the vertices that are drawn. */
  mesh: Mesh;
  camera: Camera;
  /** Draws one frame. Equal states give equal pixels. */
  render(state: FaceState): Frame;
};

const samples = 2;

/** Prepares a person for drawing: shape, basis, textures, and how light reaches every point. About half a second. */
export function createRenderer(head: Head): Renderer {
  const { camera } = head;
  const model = buildModel(head);
  const canvas = createCanvas(camera.width * samples, camera.height * samples);
  const sampleCamera: Camera = {
    focalPx: camera.focalPx * samples,
    centreX: camera.centreX * samples,
    centreY: camera.centreY * samples,
    width: canvas.width,
    height: canvas.height,
  };
  const background = drawBackground(head.background, camera.width, camera.height);
  const develop = createSensor(head.sensor, camera.width, camera.height);
  const linear = new Float32Array(camera.width * camera.height * 3);
  return {
    mesh: model.mesh,
    camera,
    render(state) {
      clear(canvas);
      drawHead(model, head, state, canvas, sampleCamera);
      resolve(canvas, background, linear, camera.width, camera.height);
      return develop(linear, state.frameIndex);
    },
  };
}

/** A part with what lighting needs. Points in head space. */
type Lit = Drawable & {
  points: Float32Array;
  normals: Float32Array;
  transfer: Float32Array;
  light: Float32Array;
  screen: Float32Array;
};

type Model = {
  mesh: Mesh;
  skin: Lit;
  /** The whole skin with its basis, the face's vertices first. */
  whole: Mesh;
  restNormals: Float32Array;
  /** 0 moves with the head, 1 with the shoulders. */
  bodyShare: Float32Array;
  eyes: Lit & { part: number };
  eyePart: Part;
  upperTeeth: Lit;
  lowerTeeth: Lit;
  tongue: Lit;
  body: Lit[];
};

const partIds = { skin: 1, eyes: 2, teeth: 3, tongue: 4, body: 5, hair: 6 } as const;

function buildModel(head: Head): Model {
  const g = grid();
  const placed = placeVertices(head.shape);
  const points = flipDepth(placed.open);
  const basis = flipDepth(expressionBasis(head.shape, placed.open, placed.closed));
  const whole: Mesh = {
    vertexCount: g.nodes.length,
    triangles: g.triangles,
    uv: g.uv,
    neutral: points,
    basis,
    landmarks: landmarkVertices(),
    mouth: mouthMask(placed.open),
  };
  const bodyParts = [bust(head.shape, head.clothes), shirtFront(head.shape, head.clothes)].filter(
    (part) => part !== undefined,
  );
  const eyePart = eyeParts(head.shape, head.eyes);
  const texture = skinTexture(head.shape, head.skin, head.hair.hairline, head.hair.colour, placed.open);
  const skinPart: Part = { points: placed.open, triangles: g.triangles, uv: g.uv, texture };
  const lit = [
    litPart(skinPart, partIds.skin),
    litPart(eyePart, partIds.eyes),
    ...bodyParts.map((part) => litPart(part, partIds.body)),
  ];
  const blockers = [lit[0]!, ...lit.slice(2)];
  const transfers = transferOf(
    lit.map((part) => ({ points: part.points, normals: part.normals, bias: 5 })),
    blockers,
  );
  lit.forEach((part, i) => part.transfer.set(transfers[i]!));
  const [skin, eyes, ...body] = lit as [Lit, Lit, ...Lit[]];
  return {
    mesh: faceOf(whole, g.faceVertexCount, g.faceTriangleCount),
    skin,
    whole,
    restNormals: skin.normals.slice(),
    bodyShare: Float32Array.from(g.nodes, (node) => {
      const row = rows[node.row]!;
      return row.kind === 'neck' ? smoothstep(0.02, 0.75, row.value) : 0;
    }),
    eyes,
    eyePart,
    upperTeeth: litPart(upperTeeth(head.shape, head.teeth), partIds.teeth),
    lowerTeeth: litPart(lowerTeeth(head.shape, head.teeth), partIds.teeth),
    tongue: litPart(tongue(head.shape, head.skin.seed), partIds.tongue),
    body,
  };
}

function litPart(part: Part, id: number): Lit {
  const points = flipDepth(part.points);
  return {
    ...part,
    part: id,
    points,
    normals: normalsOf(points, part.triangles),
    transfer: new Float32Array((points.length / 3) * harmonics),
    light: new Float32Array((points.length / 3) * 4),
    screen: new Float32Array(points.length),
  };
}

/** The mouth region: lips, bag and the skin within 18 mm of the lips' line. */
function mouthMask(points: Float32Array): Uint8Array {
  const { nodes, at } = grid();
  const landmarks = landmarkVertices();
  const corner = landmarks[37]!;
  const [cx, cy] = [Math.abs(points[corner * 3]!), points[corner * 3 + 1]!];
  void at;
  return Uint8Array.from(nodes, (node, i) => {
    if (node.part === 'bag') return 1;
    const [x, y, f] = [Math.abs(points[i * 3]!), points[i * 3 + 1]!, points[i * 3 + 2]!];
    return f > 20 && Math.hypot(Math.max(0, x - cx * 0.6), y - cy) < 20 ? 1 : 0;
  });
}

/** The first vertices and triangles of the whole skin. */
function faceOf(whole: Mesh, vertexCount: number, triangleCount: number): Mesh {
  const basis = new Float32Array(expressionCount * vertexCount * 3);
  for (let k = 0; k < expressionCount; k++) {
    const start = k * whole.vertexCount * 3;
    basis.set(whole.basis.subarray(start, start + vertexCount * 3), k * vertexCount * 3);
  }
  return {
    vertexCount,
    triangles: whole.triangles.slice(0, triangleCount * 3),
    uv: whole.uv.slice(0, vertexCount * 2),
    neutral: whole.neutral.slice(0, vertexCount * 3),
    basis,
    landmarks: whole.landmarks,
    mouth: whole.mouth.slice(0, vertexCount),
  };
}

function drawHead(model: Model, head: Head, state: FaceState, canvas: Canvas, camera: Camera): void {
  const { skin, whole } = model;
  const bodyPose = bodyPoseOf(state.pose);
  const lobes = turnLobes(head.lights, state.pose);
  deform(whole, state.expression, skin.points);
  normalsOf(skin.points, skin.triangles, skin.normals);
  lightPart(skin, lobes, model.restNormals, 0.2);
  project(skin.points, state.pose, camera, skin.screen);
  draw(canvas, skin, skin.screen, skin.light);
  aimEyes(model.eyePart, head.shape, state.gaze);
  lightPart(model.eyes, lobes, undefined, 0);
  project(model.eyes.points, state.pose, camera, model.eyes.screen);
  draw(canvas, model.eyes, model.eyes.screen, model.eyes.light);
  for (const part of model.body) {
    lightPart(part, turnLobes(head.lights, bodyPose), undefined, 0);
    project(part.points, bodyPose, camera, part.screen);
    draw(canvas, part, part.screen, part.light);
  }
}

/** The shoulders follow the head's place and a part of its turn. */
function bodyPoseOf(pose: Pose): Pose {
  return Float32Array.of(1, 0, 0, pose[3]!, 0, 1, 0, pose[7]!, 0, 0, 1, pose[11]!);
}

function lightPart(
  part: Lit,
  lobes: readonly Lobe[],
  restNormals: Float32Array | undefined,
  shine: number,
): void {
  const sh = projectLobes(lobes);
  const { transfer, light, normals } = part;
  const count = normals.length / 3;
  for (let i = 0, t = 0; i < count; i++, t += harmonics) {
    let r = 0;
    let g = 0;
    let b = 0;
    for (let h = 0; h < harmonics; h++) {
      const value = transfer[t + h]!;
      r += value * sh[h * 3]!;
      g += value * sh[h * 3 + 1]!;
      b += value * sh[h * 3 + 2]!;
    }
    light[i * 4] = Math.max(0.03, r);
    light[i * 4 + 1] = Math.max(0.03, g);
    light[i * 4 + 2] = Math.max(0.03, b);
    light[i * 4 + 3] = 0;
  }
  void restNormals;
  void shine;
}

/** Averages the samples of each pixel over the background. */
function resolve(
  canvas: Canvas,
  background: Float32Array,
  out: Float32Array,
  width: number,
  height: number,
): void {
  const { inverseDepth, rgb } = canvas;
  const row = canvas.width;
  for (let y = 0, pixel = 0; y < height; y++) {
    for (let x = 0; x < width; x++, pixel++) {
      const first = y * 2 * row + x * 2;
      let covered = 0;
      let r = 0;
      let g = 0;
      let b = 0;
      for (let k = 0; k < 4; k++) {
        const sample = first + (k & 1) + (k >> 1) * row;
        if (inverseDepth[sample] === 0) continue;
        covered++;
        r += rgb[sample * 3]!;
        g += rgb[sample * 3 + 1]!;
        b += rgb[sample * 3 + 2]!;
      }
      const rest = 1 - covered / 4;
      out[pixel * 3] = r / 4 + rest * background[pixel * 3]!;
      out[pixel * 3 + 1] = g / 4 + rest * background[pixel * 3 + 1]!;
      out[pixel * 3 + 2] = b / 4 + rest * background[pixel * 3 + 2]!;
    }
  }
}

void jawMotion;
void tongueRaise;
void expressionIndex;
