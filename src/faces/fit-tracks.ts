/**
 * Face tracks of films, from their meshes: a person's rest is the mean over their frames without pose, expressions are coefficients of one
 * basis for all (`expression-basis.ts`), so that what one film's mouth does can be done by another's.
 */
import { groupBy } from '../group.ts';
import type { FaceTrack } from '../head/track.ts';
import { mean } from '../mean.ts';
import type { Rng } from '../random.ts';
import { type ExpressionBasis, expressionIn, learnBasis } from './expression-basis.ts';
import { guessCamera, placeHead } from './head-pose.ts';
import { neutralOf, rigidWeights, type Seen } from './neutral.ts';
import { trackedMesh } from './tracked-mesh.ts';

/** The mesh of one film, every frame of it. `teaches`: rest and basis are learned from such films; of a person without one, rest from all theirs. */
export type FilmedMesh = {
  person: string;
  teaches: boolean;
  fps: number;
  width: number;
  height: number;
  frames: Float32Array[];
};

/** Frames that a person's rest and that the basis is learned from, at most, evenly spread. */
const [mostForRest, mostForBasis] = [100, 1000];

/** One track per film, in their order. */
export function fitTracks(films: readonly FilmedMesh[], rng: Rng): FaceTrack[] {
  const known = films.map((film) => ({ film, seen: seenIn(film) }));
  type Known = (typeof known)[number];
  const teachersOr = (own: readonly Known[]): readonly Known[] => {
    const teachers = own.filter(({ film }) => film.teaches);
    return teachers.length > 0 ? teachers : own;
  };
  const rests = new Map(
    [...groupBy(known, ({ film }) => film.person)].map(([person, own]) => {
      const frames = teachersOr(own).flatMap(({ seen }) => seen);
      return [person, neutralOf(spread(frames, mostForRest))];
    }),
  );
  const restOf = ({ person }: FilmedMesh): Float64Array => rests.get(person)!;
  const lessons = teachersOr(known).flatMap(({ film, seen }) => seen.map((one) => ({ film, one })));
  const basis = learnBasis(
    spread(lessons, mostForBasis).map(({ film, one }) => movedFrom(restOf(film), one).moved),
    meanOf([...rests.values()]),
    rng,
  );
  return known.map(({ film, seen }) => trackOf(film, seen, restOf(film), basis));
}

function seenIn({ width, height, frames }: FilmedMesh): Seen[] {
  const camera = guessCamera(width, height);
  return frames.map((points) => ({ points, camera }));
}

function movedFrom(rest: Float64Array, { points, camera }: Seen) {
  const { pose, apparent } = placeHead(rest, points, rigidWeights, camera);
  return { pose, moved: apparent.map((value, i) => value - rest[i]!) };
}

function trackOf(
  { fps, width, height }: FilmedMesh,
  seen: readonly Seen[],
  rest: Float64Array,
  basis: ExpressionBasis,
): FaceTrack {
  return {
    mesh: trackedMesh(rest, basis.components),
    camera: guessCamera(width, height),
    fps,
    frames: seen.map((one) => {
      const { pose, moved } = movedFrom(rest, one);
      return { pose, expression: expressionIn(basis, moved) };
    }),
  };
}

function meanOf(rows: readonly Float64Array[]): Float64Array {
  return rows[0]!.map((_, i) => mean(rows.map((row) => row[i]!)));
}

/** At most `count` of the values, evenly spaced. */
function spread<T>(values: readonly T[], count: number): T[] {
  if (values.length <= count) return [...values];
  return Array.from({ length: count }, (_, i) => values[Math.floor((i * values.length) / count)]!);
}
