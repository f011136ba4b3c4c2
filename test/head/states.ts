/** Random but plausible face states, for tests and measurements. */
import { expressionOf } from '../../src/head/expressions.ts';
import { poseOf } from '../../src/head/mesh.ts';
import type { Head } from '../../src/head/head.ts';
import type { FaceState } from '../../src/head/state.ts';
import type { Rng } from '../../src/random.ts';

const degree = Math.PI / 180;

/** A pose within ±15° yaw, ±8° pitch and ±6° roll with a talking face: jaw, one or two mouth shapes, brows, now and then a blink. */
export function randomState(head: Head, rng: Rng, frameIndex: number): FaceState {
  const [x, y, z] = head.restAt;
  const pose = poseOf(
    rng.uniform(-15, 15) * degree,
    rng.uniform(-8, 8) * degree,
    rng.uniform(-6, 6) * degree,
    [x + rng.uniform(-6, 6), y + rng.uniform(-4, 4), z + rng.uniform(-15, 15)],
  );
  const jaw = Math.max(0, rng.uniform(-0.15, 0.6));
  const shapes = [
    { pucker: rng.uniform(0.3, 1) },
    { funnel: rng.uniform(0.2, 0.8) },
    { stretch: rng.uniform(0.2, 1) },
    { smileLeft: rng.uniform(0.2, 0.9), smileRight: rng.uniform(0.2, 0.9) },
    { upperLipUp: rng.uniform(0.2, 0.8), lowerLipDown: rng.uniform(0.2, 0.8) },
    { lipsClosed: jaw, lipsPressed: rng.uniform(0, 0.8) },
    { lowerLipTuck: rng.uniform(0.3, 1) },
    {},
  ];
  const blink = rng.uniform() < 0.1 ? rng.uniform(0.4, 1) : 0;
  const expression = expressionOf({
    jawOpen: jaw,
    browsUp: Math.max(0, rng.uniform(-1, 0.8)),
    browsDown: Math.max(0, rng.uniform(-1.5, 0.6)),
    blinkLeft: blink,
    blinkRight: blink,
    ...rng.pick(shapes),
  });
  const gaze = [rng.normal(0, 0.08), rng.normal(0, 0.05)] as const;
  return {
    pose,
    expression,
    gaze,
    tongue: rng.uniform() < 0.3 ? rng.uniform() : 0,
    pulse: rng.uniform(-0.005, 0.005),
    frameIndex,
  };
}
