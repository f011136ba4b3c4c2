/**
 * The report of one run as a single HTML file: results with controls first, what was not run and what may not be concluded,
 * curves, scores, every fake to look at, training. A view of the record, the outcomes and the pictures given; it computes
 * no figure anew but the curves and histograms it draws, sums over distortions and calibrated probabilities.
 */
import type { ScoredItem } from '../metrics/detection.ts';
import type { OutcomeRow } from '../records/outcomes.ts';
import type { RunRecord } from '../records/record.ts';
import { warnings } from './conclusions.ts';
import { crossSection } from './cross-section.ts';
import { type FakeStrip, fakesSection } from './fakes-section.ts';
import { hardestSection, type ShownItem } from './hardest-section.ts';
import { hypothesesSection } from './hypotheses-section.ts';
import { humanSection } from './human-section.ts';
import { lookedSection, type ShownMap } from './looked-section.ts';
import { makingSection } from './making-section.ts';
import { headline } from './headline.ts';
import { type Html, html, toText } from './html.ts';
import { matrixTable } from './matrix-section.ts';
import { page } from './page.ts';
import { qualitySection, type Sheet } from './quality-section.ts';
import { resultsTable, type TableRow } from './results-table.ts';
import { reliabilitySection } from './reliability-section.ts';
import { robustnessSection } from './robustness-section.ts';
import { clipsSection, curvesSection, scoresSection } from './scores-section.ts';
import { tableRows } from './table-rows.ts';
import { thresholdTable } from './threshold-section.ts';
import { trainingSection } from './training-section.ts';

/** `strips`: fakes as videos. `sheets`: what a generator shows of its own quality. `hardest`: the clips that most detectors get wrong. `looked`: where detectors look. `human`: what people said. */
export type ReportAssets = {
  strips: readonly FakeStrip[];
  sheets?: readonly Sheet[];
  hardest?: readonly ShownItem[];
  looked?: readonly ShownMap[];
  human?: readonly ScoredItem[];
};

/** The report. Everything in it is escaped; equal arguments give equal bytes. @throws on pictures that are no data URIs of their kind. */
export function buildReport(
  record: RunRecord,
  outcomes: readonly OutcomeRow[],
  assets: ReportAssets,
): string {
  const every = tableRows(record, record.results);
  const judged = every.filter(({ variantOf }) => variantOf === null);
  const all = judged.filter(({ perturbation }) => perturbation === 'none');
  // Everything but robustness and calibration is of clean test clips.
  const clean = outcomes.filter(({ split, perturbation }) => split === 'test' && perturbation === 'none');
  const [rows, cues] = [all.filter((row) => !row.constructed), all.filter((row) => row.constructed)];
  // Curves and scores are drawn of all fakes together, however they were driven.
  const together = rows.filter((row) => row.driving === null);
  const isMeasured = (row: TableRow): boolean => row.metrics.auc.value !== null;
  const measured = rows.filter(isMeasured);
  const curved = measured.filter((row) => row.driving === null);
  const probes = tableRows(record, record.probes);
  const calibration = all.some(isMeasured) ? reliabilitySection(record, outcomes) : undefined;
  const uncalibrated =
    calibration && 'reason' in calibration ? [{ what: 'reliability', ...calibration }] : [];
  const sections: [string, string, Html | undefined][] = [
    ['matrix', 'At a glance', all.some(isMeasured) ? matrixTable(all) : undefined],
    ['results', 'Results', measured.length > 0 ? resultsSection(record, rows) : undefined],
    ['cues', 'Constructed cues', cues.some(isMeasured) ? cuesSection(record, cues) : undefined],
    [
      'clips',
      'Scores by clip',
      clipsSection([...together, ...cues.filter((row) => row.driving === null)], clean),
    ],
    ['limits', 'What may not be concluded', limitsSection(record, together)],
    ['not-run', 'What was not run', notRunSection([...record.notRun, ...uncalibrated])],
    ['probes', 'Probes', probes.length > 0 ? probesSection(probes) : undefined],
    ['people', 'People', all.some(isMeasured) ? humanSection(record, assets.human) : undefined],
    ['across', 'Across generators', crossSection(every)],
    ['robustness', 'Robustness', robustnessSection(judged)],
    ['curves', 'ROC and DET curves', curvesSection(curved, clean)],
    ['reliability', 'Reliability', calibration && 'body' in calibration ? calibration.body : undefined],
    ['scores', 'Scores', scoresSection(curved, clean)],
    ['fakes', 'Fakes', fakesSection(record, clean, assets.strips)],
    ['hardest', 'Hardest clips', hardestSection(record, assets.hardest ?? [])],
    ['looked', 'Where detectors look', lookedSection(record, assets.looked ?? [])],
    ['hypotheses', 'Hypotheses', hypothesesSection(record)],
    ['quality', 'Generators', qualitySection(record.generators, assets.sheets ?? [])],
    ['detectors', 'Detectors', qualitySection(record.detectors, [])],
    ['measures', 'Measures', measuresSection(record)],
    ['training', 'Training', trainingSection(record)],
    ['making', 'How it was made', makingSection(record)],
  ];
  const shown = sections.filter((section) => section[2] !== undefined);
  return toText(
    page(
      `masque: run ${record.id}`,
      html`${headline(record)}
<nav aria-label="Sections">${shown.map(([id, title]) => html`<a href="#${id}">${title}</a> `)}</nav>
${shown.map(
  ([
    id,
    title,
    body,
  ]) => html`<section id="${id}" aria-labelledby="${id}-title"><h2 id="${id}-title">${title}</h2>
${body}</section>
`,
)}`,
    ),
  );
}

/** What stands behind the figures named after it in the section of the generators. */
function measuresSection({ measures }: RunRecord): Html | undefined {
  if (measures.length === 0) return undefined;
  return html`<p>Networks that measure fakes and judge nobody. <code>sync-own</code> learned from genuine clips of people who appear nowhere else in this run, <code>kid-own</code> from those of the training people; the figures say whether they can be trusted.</p>
${qualitySection(measures, [])}`;
}

function resultsSection(record: RunRecord, rows: TableRow[]): Html {
  return html`<p>Score high = fake. AUC: the chance that a fake scores above a real clip, of the same person or of another; 0.5 is chance. Controls stand first: what they find is no property of a fake. Coverage is the share of items that have a score.</p>
${resultsTable('Results on test identities', rows)}
${thresholdTable(rows)}
<h3>How the intervals were computed</h3>
<p>${intervals(record, rows)}</p>`;
}

/** Detectors that find what we put there ourselves: apart from the results, with the reason of each. */
function cuesSection({ detectors }: RunRecord, rows: TableRow[]): Html {
  const reasons = detectors.flatMap(({ label, constructed }) =>
    constructed ? [{ label, constructed }] : [],
  );
  return html`<p>These detectors look for something that was put into the clips on purpose. They are not ranked: their figures say whether a fake keeps or loses what we put there, and nothing about other clips.</p>
<ul class="panel">${reasons.map(({ label, constructed }) => html`<li><b>${label}</b>: ${constructed}</li>`)}</ul>
${resultsTable('Constructed cues on test identities, not ranked', rows)}`;
}

/** In words, from the figures of the rows. */
function intervals({ seed }: RunRecord, rows: readonly TableRow[]): string {
  const resampled = rows.filter(({ metrics }) => metrics.resampling.replicates > 0);
  if (resampled.length === 0)
    return `No interval could be computed; the reason stands below the table. Seed ${seed}.`;
  const range = (key: 'identities' | 'replicates' | 'skipped'): string => {
    const values = resampled.map(({ metrics }) => metrics.resampling[key]);
    const [low, high] = [Math.min(...values), Math.max(...values)];
    return low === high ? String(low) : `${low} to ${high}`;
  };
  return (
    `95 % intervals after Wilson with Student’s t, their standard error from ${range('replicates')} halves of the ${range('identities')} test identities (delete-half jackknife), ` +
    `each person with all their real clips and fakes; ${range('skipped')} halves that held only one class were left out. ` +
    `All detectors were halved alike against a generator. Seed ${seed}. One interval in twenty misses by construction.`
  );
}

function probesSection(rows: TableRow[]): Html {
  return html`<p>In a probe a detector is trained on real clips against a control generator, whose frames are true. What it finds is the trace of the path that every fake takes (decoding, resampling, blending, encoding), and the fakes’ AUC is to be read against it. Intervals as above.</p>
${resultsTable('Probes on test identities', rows)}`;
}

function limitsSection(record: RunRecord, rows: TableRow[]): Html {
  return html`<ul class="panel">${warnings(record, rows).map((sentence) => html`<li>${sentence}</li>`)}</ul>`;
}

function notRunSection(notRun: RunRecord['notRun']): Html | undefined {
  if (notRun.length === 0) return undefined;
  return html`<ul class="panel">${notRun.map(({ what, reason }) => html`<li><b>${what}</b>: ${reason}</li>`)}</ul>`;
}
