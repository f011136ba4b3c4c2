/** What the judged people say together: every figure with its interval over identities. */
import { meanWithInterval, pairedDifference } from '../../src/metrics/bootstrap.ts';
import { pearson } from '../../src/metrics/correlation.ts';
import type { Rng } from '../../src/random.ts';
import type { Measured } from '../../src/types.ts';
import type { PersonQuality } from './evaluate.job.ts';
import { ways } from './picture-quality.ts';
import type { ClipQuality, Way } from './picture-quality.ts';

/**
 * Figures by name: `mouthRmsMm/<way>` and its ratio to the mean expression, `mouthRmsMmBySeconds/<n>` (footage used for the
 * map), `psnrDb/<way>`, `psnrGainDb/<way>` (puppetry above that way), the same of SSIM, `aperture/<way>` (correlation of the lip
 * opening read from the pixels with the true one), `lipClosure/<way>` (share of /p b m/ at which the lips are read as closed) and the
 * reader's error on filmed frames.
 */
export function figuresOf(people: readonly PersonQuality[], rng: Rng): Record<string, Measured> {
  const names = people.map(({ person }) => person);
  const mean = (values: readonly number[]): Measured =>
    meanWithInterval(values, names, { rng: rng.fork('bootstrap') });
  const gain = (a: readonly number[], b: readonly number[]): Measured =>
    pairedDifference(a, b, names, { rng: rng.fork('bootstrap') });
  const figures: Record<string, Measured> = {};
  for (const guess of ['puppetry', 'mean', 'loudness', 'phone'] as const) {
    figures[`mouthRmsMm/${guess}`] = mean(people.map(({ errors }) => errors[guess]));
    if (guess !== 'puppetry') {
      figures[`mouthRmsRatio/${guess}`] = mean(people.map(({ errors }) => errors.puppetry / errors[guess]));
    }
  }
  for (const [i, { seconds }] of people[0]!.byFootage.entries()) {
    const known = people.filter(({ byFootage }) => byFootage[i] !== undefined);
    if (known.length < people.length) break;
    figures[`mouthRmsMmBySeconds/${seconds.toFixed(1)}`] = mean(
      known.map(({ byFootage }) => byFootage[i]!.mm),
    );
  }
  for (const [metric, label] of [
    ['psnrDb', 'psnrGainDb'],
    ['ssim', 'ssimGain'],
  ] as const) {
    const of = (way: Way): number[] =>
      people.map(({ clips }) => average(clips.map((clip) => clip[metric][way])));
    for (const way of ways) figures[`${metric}/${way}`] = mean(of(way));
    for (const way of ways.slice(1)) figures[`${label}/${way}`] = gain(of('puppetry'), of(way));
  }
  for (const way of [...ways, 'filmed'] as const) figures[`aperture/${way}`] = correlation(people, way, mean);
  for (const way of ['filmed', ...ways] as const)
    figures[`lipClosure/${way}`] = lipClosure(people, way, mean);
  figures['apertureReaderErrorMm/filmed'] = mean(people.map(({ clips }) => readerErrorMm(clips)));
  return figures;
}

/** Mean over people of the correlation between openings read and true ones. */
function correlation(
  people: readonly PersonQuality[],
  way: Way | 'filmed',
  mean: (values: readonly number[]) => Measured,
): Measured {
  const each = people.map(({ clips }) => pearson(openings(clips, way), openings(clips, 'true')));
  const lacking = each.find(({ value }) => value === null);
  return lacking ?? mean(each.map(({ value }) => value as number));
}

/** Mean over people of the share of their /p b m/ at which the lips are read as closed. */
function lipClosure(
  people: readonly PersonQuality[],
  way: Way | 'filmed',
  mean: (values: readonly number[]) => Measured,
): Measured {
  const shares = people.map(({ clips, closedBelowMm: limit }) => {
    const openings = clips.flatMap(({ closuresMm }) => closuresMm[way]);
    return limit === undefined || openings.length === 0
      ? undefined
      : average(openings.map((opening) => (opening < limit ? 1 : 0)));
  });
  const known = shares.filter((share) => share !== undefined);
  return known.length === people.length
    ? mean(known)
    : { value: null, reason: 'not every person says a /p b m/ whose time is known' };
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
