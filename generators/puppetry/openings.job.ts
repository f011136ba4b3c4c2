/** How the mouths of puppets go with those of their drivers, all of them read by the tracker from the films alone. */
import { eyes, lips } from '../../src/faces/mesh-topology.ts';
import { type MeshTrack, readMeshTrack } from '../../src/faces/mesh-track.ts';
import { groupBy } from '../../src/group.ts';
import { pearson } from '../../src/metrics/correlation.ts';
import { meanWithInterval } from '../../src/metrics/resampling.ts';
import { defineJob } from '../../src/pipeline/job.ts';
import { isForged } from '../../src/pipeline/part.ts';
import { createRng } from '../../src/random.ts';
import type { FileRef, Measured, Span } from '../../src/types.ts';
import type { Figures } from './summary.ts';

/** `person`: who is seen. The others: mesh tracks of the fake, and of the clips that it was made of. */
export type FilmedPuppet = { person: string; spans?: Span[] } & Record<'fake' | 'driver' | 'target', FileRef>;

/** One is no correlation. */
const leastFrames = 10;

/** Of every puppet one of each, and of the figures their means over people. */
const names = [
  'openingCorrelation/driver',
  'openingCorrelation/target',
  'openingSpread/puppet',
  'openingSpread/driver',
] as const;

/**
 * `openingCorrelation/driver`: of the fake's lip opening with its driver's, frame by frame; `openingCorrelation/target`: the same with what the target's mouth
 * really did. The latter is no 0 where all speak at the same time and are silent at the same time. `openingSpread/<who>`: standard deviation of the opening,
 * as a share of the distance between the eyes' outer corners.
 */
export const judgeOpenings = defineJob<{ puppets: FilmedPuppet[]; seed: number }, Figures>({
  name: 'puppetry-openings',
  module: import.meta.url,
  threads: 1,
  async run({ puppets, seed }) {
    const judged = [];
    for (const puppet of puppets) judged.push({ person: puppet.person, ...(await judge(puppet)) });
    const rng = createRng(seed, 'puppetry', 'openings');
    const figures: Figures = { figures: {}, byPerson: {} };
    for (const name of names) {
      const known = judged.flatMap(({ person, ...values }) => {
        const { value } = values[name];
        return value === null ? [] : [{ person, value }];
      });
      const people = [...groupBy(known, ({ person }) => person)];
      if (people.length === 0) {
        figures.figures[name] = judged[0]![name];
        continue;
      }
      const each = people.map(([, own]) => own.reduce((sum, { value }) => sum + value, 0) / own.length);
      const who = people.map(([person]) => person);
      figures.figures[name] = meanWithInterval(each, who, { rng: rng.fork('bootstrap') });
      figures.byPerson[name] = Object.fromEntries(who.map((person, i) => [person, each[i]!]));
    }
    return figures;
  },
});

async function judge({ spans, ...files }: FilmedPuppet): Promise<Record<(typeof names)[number], Measured>> {
  const [fake, driver, target] = [
    await readMeshTrack(files.fake.path),
    await readMeshTrack(files.driver.path),
    await readMeshTrack(files.target.path),
  ];
  const forged = fake.frames.map((_, t) => t / fake.fps).filter((seconds) => isForged(spans, seconds));
  const beside = (other: MeshTrack): [number[], number[]] => {
    const both = forged.flatMap((seconds) => {
      const [made, meant] = [openingAt(fake, seconds), openingAt(other, seconds)];
      return made === undefined || meant === undefined ? [] : [[made, meant] as const];
    });
    return [both.map(([made]) => made), both.map(([, meant]) => meant)];
  };
  const correlation = ([made, meant]: [number[], number[]]): Measured =>
    made.length < leastFrames
      ? { value: null, reason: `only ${made.length} frames show both faces, ${leastFrames} are needed` }
      : pearson(made, meant);
  const [made, meant] = beside(driver);
  const spread = (values: readonly number[]): Measured =>
    values.length > 0 ? { value: deviation(values) } : { value: null, reason: 'no frame shows both faces' };
  return {
    'openingCorrelation/driver': correlation([made, meant]),
    'openingCorrelation/target': correlation(beside(target)),
    'openingSpread/puppet': spread(made),
    'openingSpread/driver': spread(meant),
  };
}

/** Distance of the inner lips in the picture as a share of that of the eyes' outer corners; undefined where no face is known. */
function openingAt({ frames, fps }: MeshTrack, seconds: number): number | undefined {
  const points = frames[Math.round(seconds * fps)];
  if (!points) return undefined;
  const apart = (a: number, b: number): number =>
    Math.hypot(points[a * 3]! - points[b * 3]!, points[a * 3 + 1]! - points[b * 3 + 1]!);
  return apart(lips.inner[5], lips.inner[15]) / apart(eyes.left[0], eyes.right[8]);
}

function deviation(values: readonly number[]): number {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length);
}
