/** Draws a person's frames: 256×256, four samples per pixel, from a pose and expression coefficients. One per clip; holds buffers. */
import type { Frame } from '../types.ts';
import { drawBackground } from './background.ts';
import { jawMotion } from './blendshapes.ts';
import { clear, createCanvas, draw, toScreen } from './draw.ts';
import type { Canvas } from './draw.ts';
import { expressionIndex } from './expressions.ts';
import { aimEyes } from './eyes.ts';
import { drawGlints } from './glints.ts';
import type { Head } from './head.ts';
import { deform } from './mesh.ts';
import type { Camera, Mesh, Pose } from './mesh.ts';
import { buildModel } from './model.ts';
import type { Lit, Model } from './model.ts';
import { tongueRaise } from './mouth-parts.ts';
import { normalsOf } from './normals.ts';
import { createSensor } from './sensor.ts';
import {
  frameLight,
  lightByTransfer,
  lightHair,
  lightInside,
  lightSkin,
  lipEdges,
  mouthGap,
} from './shade.ts';
import type { FrameLight } from './shade.ts';
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
  const { width, height } = camera;
  const model = buildModel(head);
  const canvas = createCanvas(width * samples, height * samples);
  const sampleCamera: Camera = {
    focalPx: camera.focalPx * samples,
    centreX: camera.centreX * samples,
    centreY: camera.centreY * samples,
    width: canvas.width,
    height: canvas.height,
  };
  const background = drawBackground(head.background, width, height);
  const develop = createSensor(head.sensor, width, height);
  const linear = new Float32Array(width * height * 3);
  const restPose = Float32Array.of(1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0);
  for (const part of model.body) lightByTransfer(part, frameLight(head.lights, restPose));
  return {
    mesh: model.mesh,
    camera,
    render(state) {
      clear(canvas);
      drawHead(model, head, state, canvas, sampleCamera);
      resolve(canvas, background, linear, width, height);
      return develop(linear, state.frameIndex);
    },
  };
}

function drawHead(model: Model, head: Head, state: FaceState, canvas: Canvas, camera: Camera): void {
  const { skin, whole } = model;
  const { pose, expression } = state;
  const frame = frameLight(head.lights, pose);
  const bodyPose = bodyPoseOf(pose);
  deform(whole, expression, skin.points);
  normalsOf(skin.points, skin.triangles, skin.normals);
  lightSkin(model, frame, state.pulse);
  if (model.hair) {
    lightHair(model.hair, frame);
    drawPart(canvas, model.hair, pose, camera);
  }
  projectSkin(model, pose, bodyPose, camera);
  draw(canvas, skin, skin.screen, skin.light);
  lightByTransfer(model.ears, frame);
  drawPart(canvas, model.ears, pose, camera);
  aimEyes(model.eyes.points, model.eyes.uv, head.shape, state.gaze);
  lightByTransfer(model.eyes, frame);
  drawPart(canvas, model.eyes, pose, camera);
  drawGlints(canvas, head.shape, state.gaze, frame, pose, camera);
  if (mouthGap(lipEdges(model)) > 0.3) drawMouth(model, state, frame, canvas, camera);
  for (const part of model.body) drawPart(canvas, part, bodyPose, camera);
}

function drawPart(canvas: Canvas, part: Lit, pose: Pose, camera: Camera, points = part.points): void {
  toScreen(points, pose, camera, part.screen);
  draw(canvas, part, part.screen, part.light);
}

/** The neck bends between the head's pose and the shoulders'. */
function projectSkin(model: Model, pose: Pose, bodyPose: Pose, camera: Camera): void {
  const { skin, bodyShare } = model;
  toScreen(skin.points, pose, camera, skin.screen);
  const blended = new Float32Array(12);
  for (let i = 0; i < bodyShare.length; i++) {
    const share = bodyShare[i]!;
    if (share === 0) continue;
    for (let k = 0; k < 12; k++) blended[k] = pose[k]! + share * (bodyPose[k]! - pose[k]!);
    toScreen(skin.points.subarray(i * 3, i * 3 + 3), blended, camera, skin.screen.subarray(i * 3, i * 3 + 3));
  }
}

/** Teeth and tongue, moved with the jaw, lit through the open lips. */
function drawMouth(
  model: Model,
  { pose, expression, tongue }: FaceState,
  frame: FrameLight,
  canvas: Canvas,
  camera: Camera,
): void {
  const open = expression[expressionIndex.jawOpen]!;
  const forward = 5 * expression[expressionIndex.jawForward]!;
  const withJaw = (rest: Float32Array) => {
    const moved = rest.slice();
    for (let i = 0; i < moved.length; i += 3) {
      const [dy, df] = jawMotion(moved[i + 1]!, -moved[i + 2]!);
      moved[i + 1] = moved[i + 1]! + open * dy;
      moved[i + 2] = moved[i + 2]! - open * df - forward;
    }
    return moved;
  };
  const tongueAt = withJaw(model.tongue.points);
  for (let i = 0; i < tongueAt.length / 3; i++) {
    const [dy, df] = tongueRaise(model.tongue.uv[i * 2 + 1]!, tongue);
    tongueAt[i * 3 + 1] = tongueAt[i * 3 + 1]! + dy;
    tongueAt[i * 3 + 2] = tongueAt[i * 3 + 2]! - df;
  }
  const pieces = [
    { part: model.upperTeeth, points: model.upperTeeth.points, gain: 1.6 },
    { part: model.lowerTeeth, points: withJaw(model.lowerTeeth.points), gain: 1.5 },
    { part: model.tongue, points: tongueAt, gain: 2.3 },
  ];
  for (const { part, points, gain } of pieces) {
    lightInside({ ...part, points }, model, frame, 0, points.length / 3, gain);
    drawPart(canvas, part, pose, camera, points);
  }
}

/** The shoulders follow the head's place but not its turn; the neck's root, not the head's middle, stays over them. */
function bodyPoseOf(pose: Pose): Pose {
  const [ny, nz] = [70, 20];
  const follow = 0.5;
  const x = pose[3]! + follow * (pose[1]! * ny + pose[2]! * nz);
  const y = pose[7]! + follow * (pose[5]! * ny + pose[6]! * nz - ny);
  const z = pose[11]! + follow * (pose[9]! * ny + pose[10]! * nz - nz);
  return Float32Array.of(1, 0, 0, x, 0, 1, 0, y, 0, 0, 1, z);
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
