/** What a person is: head, voice and habits. Drawn once from the seed and their id, the same in all of their clips. */
import { createHead, type Head } from '../../src/head/head.ts';
import { createRng, type Rng } from '../../src/random.ts';
import type { Seat } from '../../src/speech/perform.ts';
import { createVoice, type Voice } from '../../src/speech/voice.ts';
import type { Split } from '../../src/types.ts';

export type Person = { id: string; split: Split };

const rngOf = (seed: number, personId: string, part: string): Rng =>
  createRng(seed, 'talking-heads', personId, part);
const degree = Math.PI / 180;

/** Shape, skin, hair, clothes, light, background and camera. */
export const headOf = (seed: number, personId: string): Head => createHead(rngOf(seed, personId, 'head'));

/** The voice, low where the head is masculine, but with as much spread again. */
export function voiceOf(seed: number, personId: string): Voice {
  const rng = rngOf(seed, personId, 'voice');
  const { masculinity } = headOf(seed, personId).shape;
  return createVoice(rng, 0.6 * (1 - masculinity) + 0.4 * rng.uniform());
}

/** Where the person sits, and which way they face when at rest. */
export function seatOf(seed: number, personId: string): Seat {
  const rng = rngOf(seed, personId, 'seat');
  return {
    position: headOf(seed, personId).restAt,
    yaw: rng.normal(0, 4) * degree,
    pitch: rng.normal(0, 2) * degree,
    roll: rng.normal(0, 1.2) * degree,
  };
}
