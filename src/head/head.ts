/** One rendered person: everything that is drawn at random once and then stays the same in all of their footage. Plain data. */
import type { Rng } from '../random.ts';
import type { Background } from './background.ts';
import type { Clothes } from './bust.ts';
import type { EyeLook } from './eyes.ts';
import type { HairLook } from './hair.ts';
import { drawLook } from './look.ts';
import type { Lobe } from './light.ts';
import type { Camera } from './mesh.ts';
import type { TeethLook } from './mouth-parts.ts';
import type { Sensor } from './sensor.ts';
import { drawShape } from './shape.ts';
import type { Shape } from './shape.ts';
import type { SkinLook } from './skin.ts';

export type Head = {
  shape: Shape;
  skin: SkinLook;
  eyes: EyeLook;
  teeth: TeethLook;
  hair: HairLook;
  clothes: Clothes;
  lights: Lobe[];
  background: Background;
  sensor: Sensor;
  camera: Camera;
  /** Where the head's centre rests in camera space, mm. */
  restAt: readonly [number, number, number];
};

/** Draws a person. Equal random streams give equal people. */
export function createHead(rng: Rng): Head {
  const shape = drawShape(rng.fork('shape'));
  return { shape, ...drawLook(rng.fork('look'), shape) };
}
