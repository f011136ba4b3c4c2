/** What the judged people say together: every figure with its interval over identities. */
import { meanWithInterval, pairedDifference } from '../../src/metrics/resampling.ts';
import { pearson } from '../../src/metrics/correlation.ts';
import type { Rng } from '../../src/random.ts';
import type { Measured } from '../../src/types.ts';
import type { PersonQuality } from './evaluate.job.ts';
import type { ClipQuality } from './picture-quality.ts';
import { type Way, ways } from './ways.ts';

/** `byPerson`: what the figures are the means of. */
export type Figures = { figures: Record<string, Measured>; byPerson: Record<string, Record<string, number>> };

/** Every person's value, or the reason why they have none. */
type Each = number[] | { reason: string };

/**
 * Figures by name: `mouthRmsMm/<way>` and its ratio to the mean expression, `mouthRmsMmBySeconds/<n>` (footage used for the
 * map), `psnrDb/<way>`, `psnrGainDb/<way>` (puppetry above that way), the same of SSIM, `frameDifference/<way>` and `windowDifference/<way>` (mean colour difference, as the paper gives it), `landmarkMm/<way>`
 * (LMD: mean distance of the mouth's landmarks read from the pixels from the true ones), `flickerRatio/<way>` (second difference over time, over the film's), `aperture/<way>` (correlation of the lip
 * opening read from the pixels with the true one), `lipClosure/<way>` (share of /p b m/ at which the lips are read as closed) and the
 * reader's error on filmed frames.
 */
export function figuresOf(people: readonly PersonQuality[], rng: Rng): Figures {
  const names = people.map(({ person }) => person);
  const figures: Figures['figures'] = {};
  const byPerson: Figures['byPerson'] = {};
  const put = (name: string, each: Each): void => {
    if ('reason' in each) {
      figures[name] = { value: null, reason: each.reason };
      return;
    }
    figures[name] = meanWithInterval(each, names, { rng: rng.fork('bootstrap') });
    byPerson[name] = Object.fromEntries(names.map((person, i) => [person, each[i]!]));
  };
  const gain = (a: readonly number[], b: readonly number[]): Measured =>
    pairedDifference(a, b, names, { rng: rng.fork('bootstrap') });
  for (const guess of ['puppetry', 'mean', 'loudness', 'phone'] as const) {
    put(
      `mouthRmsMm/${guess}`,
      people.map(({ errors }) => errors[guess]),
    );
    if (guess !== 'puppetry')
      put(
        `mouthRmsRatio/${guess}`,
        people.map(({ errors }) => errors.puppetry / errors[guess]),
      );
  }
  for (const [i, { seconds }] of people[0]!.byFootage.entries()) {
    const known = people.flatMap(({ byFootage }) => byFootage[i]?.mm ?? []);
    if (known.length < people.length) break;
    put(`mouthRmsMmBySeconds/${seconds.toFixed(1)}`, known);
  }
  for (const [metric, label] of [
    ['psnrDb', 'psnrGainDb'],
    ['ssim', 'ssimGain'],
  ] as const) {
    const of = (way: Way): number[] =>
      people.map(({ clips }) => average(clips.map((clip) => clip[metric][way])));
    for (const way of ways) put(`${metric}/${way}`, of(way));
    for (const way of ways.slice(1)) figures[`${label}/${way}`] = gain(of('puppetry'), of(way));
  }
  for (const metric of ['frameDifference', 'windowDifference'] as const)
    for (const way of ways)
      put(
        `${metric}/${way}`,
        people.map(({ clips }) => average(clips.map((clip) => clip[metric][way]))),
      );
  for (const way of ['filmed', ...ways] as const)
    put(
      `landmarkMm/${way}`,
      people.map(({ clips }) => average(clips.map(({ landmarkMm }) => landmarkMm[way]))),
    );
  for (const way of ways) put(`flickerRatio/${way}`, flicker(people, way));
  for (const way of [...ways, 'filmed'] as const) put(`aperture/${way}`, correlation(people, way));
  for (const way of ['filmed', ...ways] as const) put(`lipClosure/${way}`, lipClosure(people, way));
  put(
    'apertureReaderErrorMm/filmed',
    people.map(({ clips }) => readerErrorMm(clips)),
  );
  return { figures, byPerson };
}

/** Each person's correlation between openings read and true ones. */
function correlation(people: readonly PersonQuality[], way: Way | 'filmed'): Each {
  const each = people.map(({ clips }) => pearson(openings(clips, way), openings(clips, 'true')));
  const lacking = each.find(({ value }) => value === null);
  return lacking && 'reason' in lacking
    ? { reason: lacking.reason }
    : each.map(({ value }) => value as number);
}

/** Each person's share of their /p b m/ at which the lips are read as closed. */
function lipClosure(people: readonly PersonQuality[], way: Way | 'filmed'): Each {
  const shares = people.map(({ clips, closedBelowMm: limit }) => {
    const openings = clips.flatMap(({ closuresMm }) => closuresMm[way]);
    return limit === undefined || openings.length === 0
      ? undefined
      : average(openings.map((opening) => (opening < limit ? 1 : 0)));
  });
  const known = shares.filter((share) => share !== undefined);
  return known.length === people.length
    ? known
    : { reason: 'not every person says a /p b m/ whose time is known' };
}

/** Each person's mean over the clips in which it can be seen. */
function flicker(people: readonly PersonQuality[], way: Way): Each {
  const each = people.map(({ clips }) => clips.flatMap(({ flickerRatio }) => flickerRatio?.[way] ?? []));
  return each.every((ratios) => ratios.length > 0)
    ? each.map(average)
    : { reason: 'the clips of a person are too short or too still to see flicker in them' };
}

function openings(clips: readonly ClipQuality[], way: keyof ClipQuality['openingMm']): number[] {
  return clips.flatMap(({ openingMm }) => openingMm[way]);
}

function readerErrorMm(clips: readonly ClipQuality[]): number {
  const [read, truth] = [openings(clips, 'filmed'), openings(clips, 'true')];
  return Math.sqrt(average(read.map((value, i) => (value - truth[i]!) ** 2)));
}

const average = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;
