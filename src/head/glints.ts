/** The reflections of the lights on the wet corneas: what makes eyes look alive. */
import type { Canvas } from './draw.ts';
import { project } from './mesh.ts';
import type { Camera, Pose } from './mesh.ts';
import { partIds } from './model.ts';
import { eyeballOf } from './sculpt.ts';
import type { FrameLight } from './shade.ts';
import type { Shape } from './shape.ts';

/** The cornea: a sphere of 7.8 mm whose centre lies 5.4 mm before the eyeball's. */
const cornea = { radius: 7.8, forward: 5.4 } as const;
/** Radius of a light's image, mm. */
const glintRadius = 0.85;

export function drawGlints(
  canvas: Canvas,
  shape: Shape,
  gaze: readonly [number, number],
  frame: FrameLight,
  pose: Pose,
  camera: Camera,
): void {
  const eye = eyeballOf(shape);
  const look = [
    Math.sin(gaze[0]) * Math.cos(gaze[1]),
    Math.sin(gaze[1]),
    -Math.cos(gaze[0]) * Math.cos(gaze[1]),
  ] as const;
  for (const sign of [-1, 1]) {
    const centre = [sign * eye.x, eye.y, -eye.f] as const;
    for (const { half, level } of frame.shines) {
      const place = Float32Array.from(
        centre,
        (value, c) => value + cornea.forward * look[c]! + cornea.radius * half[c]!,
      );
      const [x, y, depth] = project(place, pose, camera) as unknown as [number, number, number];
      splat(canvas, x, y, (glintRadius * camera.focalPx) / depth, 1.6 * level * level);
    }
  }
}

/** Adds a soft spot of light where the eye shows. */
function splat(canvas: Canvas, x: number, y: number, radius: number, level: number): void {
  const { width, height, part, rgb } = canvas;
  const reach = 2 * radius;
  for (let row = Math.max(0, Math.floor(y - reach)); row <= Math.min(height - 1, y + reach); row++) {
    for (
      let column = Math.max(0, Math.floor(x - reach));
      column <= Math.min(width - 1, x + reach);
      column++
    ) {
      const sample = row * width + column;
      if (part[sample] !== partIds.eyes) continue;
      const d2 = ((column + 0.5 - x) ** 2 + (row + 0.5 - y) ** 2) / radius ** 2;
      const light = level * Math.exp(-d2 * d2);
      for (let c = 0; c < 3; c++) rgb[sample * 3 + c] = rgb[sample * 3 + c]! + light;
    }
  }
}
