/**
 * Face tracks of films, from their meshes: a person's rest is the mean over their frames without pose, expressions are coefficients of one
 * basis for all (`expression-basis.ts`), so that what one film's mouth does can be done by another's. What is learned is learned from the films that may be
 * fitted on, where there are any.
 */
import type { FaceTrack } from '../head/track.ts';
import type { Rng } from '../random.ts';
import { type ExpressionBasis, expressionIn, learnBasis } from './expression-basis.ts';
import { guessCamera, placeHead } from './head-pose.ts';
import { neutralOf, rigidWeights, type Seen } from './neutral.ts';
import { trackedMesh } from './tracked-mesh.ts';

/** The mesh of one film, every frame of it. */
export type FilmedMesh = {
  person: string;
  fit: boolean;
  fps: number;
  width: number;
  height: number;
  frames: Float32Array[];
};

/** Frames that a person's rest and that the basis is learned from, at most, evenly spread. */
const [mostForRest, mostForBasis] = [100, 1000];

/** One track per film, in their order. */
export function fitTracks(films: readonly FilmedMesh[], rng: Rng): FaceTrack[] {
  const seen = films.map(seenIn);
  const people = [...new Set(films.map(({ person }) => person))];
  const teaching = (person: string): Seen[] => {
    const own = films.flatMap((film, i) => (film.person === person ? [{ film, seen: seen[i]! }] : []));
    const fit = own.filter(({ film }) => film.fit);
    return (fit.length > 0 ? fit : own).flatMap((one) => one.seen);
  };
  const lessons = new Map(people.map((person) => [person, teaching(person)]));
  const rest = new Map(
    people.map((person) => [person, neutralOf(spread(lessons.get(person)!, mostForRest))]),
  );
  const moved = people.flatMap((person) =>
    lessons.get(person)!.map((one) => movedFrom(rest.get(person)!, one).moved),
  );
  const basis = learnBasis(spread(moved, mostForBasis), meanOf([...rest.values()]), rng);
  return films.map((film, i) => trackOf(film, seen[i]!, rest.get(film.person)!, basis));
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
  return rows[0]!.map((_, i) => rows.reduce((sum, row) => sum + row[i]!, 0) / rows.length);
}

/** At most `count` of the values, evenly spaced. */
function spread<T>(values: readonly T[], count: number): T[] {
  if (values.length <= count) return [...values];
  return Array.from({ length: count }, (_, i) => values[Math.floor((i * values.length) / count)]!);
}
