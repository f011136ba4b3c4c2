/** What the renderer is asked to draw. */
import type { Pose } from './mesh.ts';

export type FaceState = {
  /** Head mm to camera mm, 3×4 row-major [R|t]. */
  pose: Pose;
  /** K coefficients, see `expressions.ts`. */
  expression: Float32Array;
  /** Where the eyes look relative to the head: yaw (positive to the viewer's right) and pitch (positive down), radians. */
  gaze: readonly [number, number];
  /** How far the tongue tip is raised, 0 (lies in the jaw) to 1 (touches the upper teeth). */
  tongue: number;
  /** Relative change of the skin's colour with the heartbeat, within ±0.01. */
  pulse: number;
  /** Seeds the noise of this frame. */
  frameIndex: number;
};
