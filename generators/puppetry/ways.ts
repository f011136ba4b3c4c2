/** One frame of a target in the ways that are compared: as the puppet, and as doing little would give it. */
import { compositeFrame } from '../../src/faces/composite.ts';
import { fitAffine, warpFrame } from '../../src/faces/warp.ts';
import { expressionCount } from '../../src/head/expressions.ts';
import { project } from '../../src/head/mesh.ts';
import type { Pose } from '../../src/head/mesh.ts';
import type { Box } from '../../src/head/track.ts';
import type { Frame } from '../../src/types.ts';
import { gramDistance, withSpeech } from './expression.ts';
import type { Lesson } from './expression-quality.ts';
import type { Judge } from './judge.ts';
import { paint } from './puppet.ts';
import { placeOf } from './window.ts';
import type { Place } from './window.ts';

export const ways = ['puppetry', 'mean', 'nearest', 'shuffled'] as const;
export type Way = (typeof ways)[number];

/** One frame filmed, and painted in four ways. */
export type Comparison = { filmed: Frame; window: Box; made: Record<Way, Frame> };

export function byWay<W extends string, T>(names: readonly W[], of: (way: W) => T): Record<W, T> {
  return Object.fromEntries(names.map((way) => [way, of(way)])) as Record<W, T>;
}

/** Frame `t` with the mouth painted as heard, at rest, from the nearest footage, and as heard in another sentence. */
export async function makeAllWays(
  judge: Judge,
  { track }: Lesson,
  t: number,
  filmed: Frame,
  [heard, shuffled]: readonly [Float32Array, Float32Array],
): Promise<Comparison> {
  const { actor, stage } = judge;
  const { pose, expression } = track.frames[t]!;
  const place = placeOf(stage, pose, actor.sizePx);
  const speech = [rowAt(heard, t), judge.mean, rowAt(shuffled, t)];
  const shots = speech.map((part) => ({
    stage,
    place,
    frame: filmed,
    pose,
    expression: withSpeech(expression, part),
  }));
  const [puppetry, mean, misled] = await paint(actor, shots);
  const nearest = warpNearest(judge, rowAt(heard, t), pose, place);
  const patches: Record<Way, Frame> = { puppetry: puppetry!, mean: mean!, nearest, shuffled: misled! };
  const made = byWay(ways, (way) => compositeFrame(filmed, patches[way], place.window, place.mask));
  return { filmed, window: place.window, made };
}

/** The fitted frame whose expression is nearest to `speech`, moved to `pose`: the window's pixels. */
function warpNearest(
  { stage, footage, gram }: Judge,
  speech: Float32Array,
  pose: Pose,
  { window }: Place,
): Frame {
  let [nearest, least] = [footage[0]!, Infinity];
  for (const candidate of footage) {
    const distance = gramDistance(gram, withSpeech(speech, candidate.expression), speech);
    if (distance < least) [nearest, least] = [candidate, distance];
  }
  const [here, there] = [pose, nearest.pose].map((at) => project(stage.region.points, at, stage.camera));
  return warpFrame(nearest.frame, fitAffine(here!, there!, 3), window);
}

function rowAt(rows: Float32Array, t: number): Float32Array {
  return rows.subarray(t * expressionCount, (t + 1) * expressionCount);
}
