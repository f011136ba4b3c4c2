/** What stands on top of a report. */
import { type RunRecord, trainingSeedOf } from '../records/record.ts';
import { formatDuration, listed, plural } from './format.ts';
import { type Html, html } from './html.ts';

/** That of the people, and that of the trainings where it is another. */
export function seedsOf(record: RunRecord): string {
  const trained = trainingSeedOf(record);
  return trained === record.seed ? String(trained) : `${record.seed}, trainings ${trained}`;
}

/** Name, one sentence, and the counts of a run. */
export function headline(record: RunRecord): Html {
  const { counts, data } = record;
  const people = `${data.kind === 'synthetic' ? 'rendered' : 'recorded'} ${counts.identities === 1 ? 'person' : 'people'}`;
  const makers = record.generators.map(({ label }) => label);
  const made =
    makers.length > 0 ? `${listed(makers)} made ${plural(counts.fakes, 'fake')}. ` : 'No fakes were made. ';
  const parts = clipFacts(counts).map(
    ([name, value]) => `${value} ${name[0]!.toLowerCase()}${name.slice(1)}`,
  );
  const kinds = parts.length > 1 ? `: ${parts.join(', ')}` : '';
  const facts: [string, string][] = [
    ['Identities', String(counts.identities)],
    ...clipFacts(counts),
    ['Fakes made', String(counts.fakes)],
    ['Scores', String(counts.scores)],
    ['Failed', String(counts.failed)],
    ['Not applicable', String(counts.notApplicable)],
    ['Seed', seedsOf(record)],
    ['Time', timeOf(record)],
  ];
  return html`<header><h1>${record.id}</h1>
<p class="lead">${clipsOf(counts)} of ${counts.identities} ${people} from ${data.dataset}${kinds}. ${made}${judges(record)} gave ${plural(counts.scores, 'score')}; ${counts.failed === 0 ? 'nothing failed' : `${counts.failed} failed`}.</p>
<p class="muted">${record.startedAt.slice(0, 16).replace('T', ' ')} UTC, seed ${seedsOf(record)}</p>
<dl class="facts">${facts.map(([name, value]) => html`<div><dt>${name}</dt><dd>${value}</dd></div>`)}</dl></header>`;
}

/** `64 clips`, or `8 films (16 parts: to fit on, to score)`. */
function clipsOf({ clips, cut }: RunRecord['counts']): string {
  if (!cut) return plural(clips, 'clip');
  const whole = clips - cut.parts;
  const films = `${plural(cut.films, 'film')} (${plural(cut.parts, 'part')}: to fit on, to score)`;
  return whole === 0 ? films : `${films} and ${plural(whole, 'clip')}`;
}

/** Clips by what they are there for; an older record knows their sum alone. */
function clipFacts({ clips, clipsBy }: RunRecord['counts']): [string, string][] {
  if (!clipsBy) return [['Clips', String(clips)]];
  const { genuine, unknown = 0, brought, heard, measuring } = clipsBy;
  const rest: [string, number][] = [
    ['Clips of which nobody knows', unknown],
    ['Fakes of the data set', brought],
    ['Voices only heard', heard],
    ['Clips to learn measuring from', measuring],
  ];
  return [
    ['Genuine clips', String(genuine)],
    ...rest.filter(([, count]) => count > 0).map(([name, count]): [string, string] => [name, String(count)]),
  ];
}

/** How long the run took, and how much of it was already there: of a run that was resumed, the time is that since then. */
export function timeOf({ seconds, counts: { jobs } }: RunRecord): string {
  const cached =
    jobs && jobs.cached > 0 ? `, ${jobs.cached} of ${jobs.cached + jobs.computed} jobs from the cache` : '';
  return formatDuration(seconds) + cached;
}

/** `5 detectors`, and where there are probes, how many. */
function judges({ results, probes }: RunRecord): string {
  const distinct = (rows: RunRecord['results']): number => new Set(rows.map((row) => row.detector)).size;
  const detectors = plural(distinct(results), 'detector');
  return probes.length === 0 ? detectors : `${detectors} and ${plural(distinct(probes), 'probe')}`;
}
