/**
 * The report of one run as a single HTML file: what was run, results with controls first, curves, scores, pictures of every
 * fake, and what may not be concluded. A view of the record, the outcomes and the pictures given; it computes no figure anew
 * but the ROC curves and histograms it draws.
 */
import { stringify } from 'yaml';
import { z } from 'zod';
import { rocCurve } from '../metrics/detection.ts';
import { rankScores } from '../metrics/ranking.ts';
import type { OutcomeRow } from '../records/outcomes.ts';
import type { RunRecord } from '../records/record.ts';
import { type Curve, lossChart, rocChart, scoreChart } from './charts.ts';
import { warnings } from './conclusions.ts';
import {
  formatBytes,
  formatDuration,
  formatNumber,
  formatValue,
  intervalOf,
  plural,
  reasonOf,
} from './format.ts';
import { groupBy } from './group.ts';
import { type Html, html, toText } from './html.ts';
import { page } from './page.ts';
import { resultsTable, type TableRow } from './results-table.ts';

/** A picture as `data:image/png;base64,…` or `data:image/jpeg;base64,…`. */
export type ReportPicture = { generator: string; id: string; image: string };
/** `strips`: one per fake, `id` is the fake's. `sheets`: what a generator shows of its own quality, `id` is a title. */
export type ReportAssets = { strips: readonly ReportPicture[]; sheets?: readonly ReportPicture[] };

/** The report. Everything in it is escaped; equal arguments give equal bytes. Throws on a picture that is no PNG or JPEG data URI. */
export function buildReport(
  record: RunRecord,
  outcomes: readonly OutcomeRow[],
  assets: ReportAssets,
): string {
  const rows = tableRows(record, record.results);
  const measured = rows.filter((row) => row.metrics.auc.value !== null);
  const probes = tableRows(record, record.probes);
  const sections: [string, string, Html | undefined][] = [
    ['results', 'Results', measured.length > 0 ? resultsSection(measured) : undefined],
    ['probes', 'Probes', probes.length > 0 ? probesSection(probes) : undefined],
    ['clips', 'Scores by clip', clipsSection(rows, outcomes)],
    ['curves', 'ROC curves', curvesSection(measured, outcomes)],
    ['scores', 'Scores', scoresSection(measured, outcomes)],
    ['quality', 'Generators', qualitySection(record, assets.sheets ?? [])],
    ['fakes', 'Fakes', assets.strips.length > 0 ? stripsSection(assets.strips) : undefined],
    ['training', 'Training', trainingSection(record)],
    ['limits', 'What may not be concluded', limitsSection(record, rows)],
    ['making', 'How it was made', makingSection(record)],
  ];
  const shown = sections.filter((section) => section[2] !== undefined);
  return toText(
    page(
      `masque: run ${record.id}`,
      html`${headline(record)}
<nav aria-label="Sections">${shown.map(([id, title]) => html`<a href="#${id}">${title}</a> `)}</nav>
${shown.map(
  ([id, title, body]) => html`<section id="${id}"><h2>${title}</h2>
${body}</section>
`,
)}`,
    ),
  );
}

/** Results with what the table needs to know of their components: control generators first, then control detectors. */
function tableRows(record: RunRecord, results: RunRecord['results']): TableRow[] {
  const controls = new Set(record.detectors.filter((detector) => detector.control).map(({ label }) => label));
  const controlGenerators = new Set(
    record.generators.filter((generator) => generator.control).map(({ label }) => label),
  );
  const rows = results.map((result) => ({
    ...result,
    control: controls.has(result.detector),
    controlGenerator: controlGenerators.has(result.generator),
  }));
  const groups = [
    ...groupBy(rows, (row) => JSON.stringify([row.generator, row.perturbation, row.level])).values(),
  ];
  return groups
    .toSorted((a, b) => Number(b[0]!.controlGenerator) - Number(a[0]!.controlGenerator))
    .flatMap((group) => group.toSorted((a, b) => Number(b.control) - Number(a.control)));
}

function headline(record: RunRecord): Html {
  const { counts, data } = record;
  const people = `${data.kind === 'synthetic' ? 'rendered' : 'recorded'} ${counts.identities === 1 ? 'person' : 'people'}`;
  const makers = record.generators.map(({ label }) => label);
  const made =
    makers.length > 0
      ? `${makers.join(' and ')} made ${plural(counts.fakes, 'fake')}. `
      : 'No fakes were made. ';
  const facts: [string, string][] = [
    ['Identities', String(counts.identities)],
    ['Real clips', String(counts.clips)],
    ['Fakes', String(counts.fakes)],
    ['Scores', String(counts.scores)],
    ['Failed', String(counts.failed)],
    ['Not applicable', String(counts.notApplicable)],
    ['Time', formatDuration(record.seconds)],
  ];
  return html`<header><h1>${record.id}</h1>
<p class="lead">${plural(counts.clips, 'clip')} of ${counts.identities} ${people} from ${data.dataset}. ${made}${judges(record)} gave ${plural(counts.scores, 'score')}; ${counts.failed === 0 ? 'nothing failed' : `${counts.failed} failed`}.</p>
<p class="muted">${record.startedAt.slice(0, 16).replace('T', ' ')} UTC, seed ${record.seed}</p>
<dl class="facts">${facts.map(([name, value]) => html`<div><dt>${name}</dt><dd>${value}</dd></div>`)}</dl></header>`;
}

/** `5 detectors`, and where there are probes, how many. */
function judges({ results, probes }: RunRecord): string {
  const distinct = (rows: RunRecord['results']): number => new Set(rows.map((row) => row.detector)).size;
  const detectors = plural(distinct(results), 'detector');
  return probes.length === 0 ? detectors : `${detectors} and ${plural(distinct(probes), 'probe')}`;
}

function resultsSection(rows: TableRow[]): Html {
  return html`<p>Score high = fake; AUC 0.5 is chance. Intervals are 95 % bootstrap intervals over source identities, real and fake clips of a person drawn together. Controls stand first: what they find is no property of a fake. Coverage is the share of items that have a score.</p>
${resultsTable('Test identities', rows)}`;
}

function probesSection(rows: TableRow[]): Html {
  return html`<p>In a probe a detector is trained on real clips against a control generator, whose frames are true. What it finds is the trace of the path that every fake takes (decoding, resampling, blending, encoding), and the fakes’ AUC is to be read against it.</p>
${resultsTable('Probes on test identities', rows)}`;
}

/** The scored test rows behind a result: its fakes, and the real clips, which every generator shares. */
function rowsOf(row: TableRow, outcomes: readonly OutcomeRow[]): OutcomeRow[] {
  return outcomes.filter(
    (outcome) =>
      outcome.split === 'test' &&
      outcome.detector === row.detector &&
      outcome.perturbation === row.perturbation &&
      outcome.level === row.level &&
      (outcome.generator === row.generator || outcome.generator === 'none'),
  );
}

function scoresOf(row: TableRow, outcomes: readonly OutcomeRow[]): { real: number[]; fake: number[] } {
  const scores = { real: [] as number[], fake: [] as number[] };
  for (const outcome of rowsOf(row, outcomes))
    if ('score' in outcome && outcome.label) scores[outcome.label].push(outcome.score);
  return scores;
}

/** Where no AUC exists, the scores stand clip by clip in a table of their own. */
function clipsSection(rows: TableRow[], outcomes: readonly OutcomeRow[]): Html | undefined {
  const without = rows.filter((row) => row.metrics.auc.value === null);
  if (without.length === 0) return undefined;
  const reasons = [...new Set(without.flatMap((row) => reasonOf(row.metrics.auc) ?? []))];
  const detectors = [...new Set(without.map((row) => row.detector))];
  const judged = [...new Set(without.flatMap((row) => rowsOf(row, outcomes)))];
  const clips = [...groupBy(judged, (row) => JSON.stringify([row.generator, row.id])).values()];
  const cell = (clip: OutcomeRow[], detector: string): Html => {
    const row = clip.find((candidate) => candidate.detector === detector);
    if (!row) return html`<td class="number">–</td>`;
    return 'score' in row
      ? html`<td class="number">${formatNumber(row.score)}</td>`
      : html`<td class="number muted">${row.errorCode}</td>`;
  };
  return html`<p>No AUC: ${reasons.join('; ')}. Scores of different detectors have different scales and are not to be compared with each other.</p>
<div class="wide" role="region" tabindex="0" aria-label="Scores by clip"><table><caption>Score of every clip, high = fake; an error code where a clip could not be judged</caption>
<thead><tr><th scope="col">Clip</th><th scope="col">Made by</th>${detectors.map((detector) => html`<th scope="col" class="number">${detector}</th>`)}</tr></thead>
<tbody>${clips.map(
    (
      clip,
    ) => html`<tr><th scope="row">${clip[0]!.id}</th><td>${clip[0]!.generator === 'none' ? 'real' : clip[0]!.generator}</td>${detectors.map((detector) => cell(clip, detector))}</tr>
`,
  )}</tbody></table></div>`;
}

function nameOf(row: TableRow): string {
  return row.perturbation === 'none' ? row.generator : `${row.generator}, ${row.perturbation} ${row.level}`;
}

function curvesSection(rows: TableRow[], outcomes: readonly OutcomeRow[]): Html | undefined {
  if (rows.length === 0) return undefined;
  const charts = [...groupBy(rows, nameOf)].map(([name, group]) => {
    const curves = group.map((row): Curve => {
      const { real, fake } = scoresOf(row, outcomes);
      const ranking = rankScores([...real, ...fake], [...real.map(() => 0), ...fake.map(() => 1)]);
      return {
        name: row.detector,
        value: formatValue(row.metrics.auc),
        points: rocCurve(ranking),
        control: row.control,
      };
    });
    return html`<figure><h3>${name}</h3>${rocChart(`ROC curves against ${name}: ${curves.map((curve) => `${curve.name} AUC ${curve.value}`).join(', ')}`, curves)}</figure>`;
  });
  return html`<p class="note">Controls are grey. Dotted diagonal: chance. Where a curve meets the falling diagonal, both error rates are equal (EER). The number beside a name is its AUC.</p>
<div class="charts">${charts}</div>`;
}

function scoresSection(rows: TableRow[], outcomes: readonly OutcomeRow[]): Html | undefined {
  const groups = [...groupBy(rows, nameOf)].map(([name, group]) => {
    const figures = group.flatMap((row) => {
      const scores = scoresOf(row, outcomes);
      const count = scores.real.length + scores.fake.length;
      if (count === 0) return [];
      const label = `Scores of ${row.detector}: ${scores.real.length} real clips and ${scores.fake.length} fakes of ${name}`;
      return [html`<figure><h4>${row.detector}</h4>${scoreChart(label, scores, row.points)}</figure>`];
    });
    return figures.length === 0 ? undefined : html`<h3>${name}</h3><div class="charts">${figures}</div>`;
  });
  if (groups.every((group) => group === undefined)) return undefined;
  return html`<p class="note">Bars above the line: <span class="swatch" style="background:var(--real)"></span>real clips; below it: <span class="swatch" style="background:var(--fake)"></span>fakes. Where fewer than ten identities were tested, each has a line of its own below: circles are its real clips, triangles fakes that show it.</p>
${groups}`;
}

function qualitySection(record: RunRecord, sheets: readonly ReportPicture[]): Html | undefined {
  const parts = record.generators.flatMap(({ label, trainSeconds, quality }) => {
    const figures = Object.entries(quality);
    const own = sheets.filter((sheet) => sheet.generator === label);
    const noted = figures.some(([, measured]) => reasonOf(measured) !== undefined);
    if (figures.length === 0 && own.length === 0) return [];
    const table = html`<div class="wide" role="region" tabindex="0" aria-label="Quality of ${label}"><table class="compact"><caption>Figures of ${label}, trained for ${formatDuration(trainSeconds)}</caption>
<thead><tr><th scope="col">Figure</th><th scope="col" class="number">Value</th><th scope="col" class="number">95 % interval</th><th scope="col">${noted ? 'Note' : undefined}</th></tr></thead>
<tbody>${figures.map(([name, measured]) => {
      const interval = intervalOf(measured);
      return html`<tr><th scope="row" class="wrap">${name}</th><td class="number">${measured.value === null ? '–' : formatNumber(measured.value)}</td><td class="number">${interval ? `${formatNumber(interval.low)} – ${formatNumber(interval.high)}` : '–'}</td><td class="wrap muted">${reasonOf(measured)}</td></tr>
`;
    })}</tbody></table></div>`;
    return [
      html`<h3>${label}</h3>${figures.length > 0 ? table : undefined}${own.map((sheet) => picture(sheet, `${label}: ${sheet.id}`))}`,
    ];
  });
  return parts.length === 0 ? undefined : html`${parts}`;
}

function stripsSection(strips: readonly ReportPicture[]): Html {
  const groups = [...groupBy(strips, (strip) => strip.generator)];
  return html`<p>One strip per fake, six moments each: the target’s own frame, the fake, the mouth that really spoke the sound, the difference between fake and target four times enlarged, and the sound.</p>
${groups.map(
  (
    [generator, own],
    i,
  ) => html`<details${i === 0 ? html` open` : undefined}><summary>${generator} (${own.length})</summary>
${own.map((strip) => picture(strip, `Fake ${strip.id} by ${generator} at six moments: target frame, fake frame, true mouth, difference, and the sound’s waveform`))}</details>`,
)}`;
}

function picture({ id, image }: ReportPicture, alt: string): Html {
  if (!/^data:image\/(png|jpeg);base64,[A-Za-z0-9+/]+=*$/.test(image))
    throw new Error(`picture "${id}" is no PNG or JPEG data URI`);
  return html`<figure class="strip"><div role="region" tabindex="0" aria-label="${id}"><img src="${image}" alt="${alt}"></div><figcaption>${id}</figcaption></figure>`;
}

const lossCurve = z.array(z.tuple([z.number(), z.number()])).min(1);

/** Curves found in what components say of their training. */
function trainingSection(record: RunRecord): Html | undefined {
  const charts = [...record.generators, ...record.detectors].flatMap(({ label, info }) => {
    const losses: unknown = info['losses'];
    const named = Array.isArray(losses)
      ? { loss: losses }
      : typeof losses === 'object' && losses !== null
        ? losses
        : {};
    return Object.entries(named).flatMap(([name, curve]) => {
      const parsed = lossCurve.safeParse(curve);
      if (!parsed.success) return [];
      const [first, last] = [parsed.data[0]!, parsed.data.at(-1)!];
      const label_ = `${label}, ${name}: from ${formatNumber(first[1])} to ${formatNumber(last[1])} in ${formatNumber(last[0])} steps`;
      return [html`<figure><h4>${label}: ${name}</h4>${lossChart(label_, parsed.data)}</figure>`];
    });
  });
  return charts.length === 0 ? undefined : html`<div class="charts">${charts}</div>`;
}

function limitsSection(record: RunRecord, rows: TableRow[]): Html {
  const sentences = warnings(record, rows);
  const notRun = record.notRun.map(({ what, reason }) => html`<li>${what}: ${reason}</li>`);
  return html`<ul>${sentences.map((sentence) => html`<li>${sentence}</li>`)}</ul>
${notRun.length > 0 ? html`<h3>Not run</h3><ul>${notRun}</ul>` : undefined}`;
}

function makingSection(record: RunRecord): Html {
  const { code, data } = record;
  const facts: [string, string][] = [
    ['Commit', `${code.commit ?? 'not a git checkout'}${code.dirty ? ', with uncommitted changes' : ''}`],
    ['Node', code.node],
    ['Compute backend', `${code.backend.name} (${code.backend.reason})`],
    ['ffmpeg', code.ffmpeg],
    ['Seed', String(record.seed)],
    ['Time', formatDuration(record.seconds)],
    [
      'Largest process',
      `${formatBytes(record.peakMemory.workerBytes)} (main: ${formatBytes(record.peakMemory.mainBytes)})`,
    ],
    ...[...record.generators, ...record.detectors]
      .filter(({ trainSeconds }) => trainSeconds > 0)
      .map(({ label, trainSeconds }): [string, string] => [
        `Training of ${label}`,
        formatDuration(trainSeconds),
      ]),
    [
      'Licences',
      Object.entries(data.licences)
        .map(([licence, count]) => `${licence} (${plural(count, 'clip')})`)
        .join(', '),
    ],
    ['May be shared', `${data.shareable.value ? 'yes' : 'no'}: ${data.shareable.reason}`],
  ];
  return html`<dl class="pairs">${facts.map(([name, value]) => html`<dt>${name}</dt><dd>${value}</dd>`)}</dl>
<h3>Configuration</h3><pre tabindex="0">${stringify(record.config)}</pre>`;
}
