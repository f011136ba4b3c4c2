/** Figures of a run as files for papers and slides: the ROC against each generator as SVG, with the points that it is drawn from as CSV. */
import { fileName } from '../file-name.ts';
import { groupBy } from '../group.ts';
import { formatCsv } from '../records/csv.ts';
import type { OutcomeRow } from '../records/outcomes.ts';
import type { RunRecord } from '../records/record.ts';
import { left, width } from './axis.ts';
import { type Curve, curveLooks, height, rocBody } from './error-charts.ts';
import { formatInterval, formatValue, intervalOf } from './format.ts';
import { html, toText } from './html.ts';
import { tableRows } from './table-rows.ts';
import { curveOf } from './scores-section.ts';

export type Figure = { name: string; svg: string; csv: string };

/** A figure for each generator with an AUC on clean clips: `roc-<generator>`. Constructed cues are in none. */
export function rocFigures(record: RunRecord, outcomes: readonly OutcomeRow[]): Figure[] {
  const variants = new Set(record.detectors.flatMap(({ label, variantOf }) => (variantOf ? label : [])));
  const clean = outcomes.filter(({ perturbation, split }) => perturbation === 'none' && split === 'test');
  const rows = tableRows(record, record.results).filter(
    ({ detector, perturbation, driving, constructed, metrics }) =>
      perturbation === 'none' &&
      driving === null &&
      !constructed &&
      !variants.has(detector) &&
      metrics.auc.value !== null,
  );
  return [...groupBy(rows, ({ generator }) => generator)].map(([generator, own]) => {
    const curves = own.map((row) => curveOf(row, clean));
    return {
      name: `roc-${fileName(generator)}`,
      svg: drawing(`ROC against ${generator}, run ${record.id}`, curves),
      csv: points(curves),
    };
  });
}

/** The colours of the page by day, as they are: many that draw SVG (librsvg, Inkscape) know no variables. */
const colours: Record<string, string> = {
  '--muted': '#5b6673',
  '--c0': '#1f5fa8',
  '--c1': '#b5480f',
  '--c2': '#1d7a55',
  '--c3': '#8a3fa0',
  '--c4': '#8f6b00',
  '--c5': '#b02a5b',
};
const style =
  'text{font:11px Helvetica,Arial,sans-serif;fill:#1a1f26}.grid{stroke:#dde1e6}.curve{fill:none;stroke-width:2;stroke-linejoin:round}' +
  '.chance{stroke:#5b6673;stroke-dasharray:2 2}.equal{stroke:#5b6673;stroke-dasharray:1 4;stroke-linecap:round}';

/** A file of its own, light, with a key below the curves. */
function drawing(title: string, curves: readonly Curve[]): string {
  const looks = curveLooks(curves).map((look) =>
    look.replace(/var\((--\w+)\)/, (_, name: string) => colours[name]!),
  );
  const line = 16;
  const total = height + curves.length * line + 8;
  const key = curves.map(({ name, auc }, i) => {
    const y = height + i * line + 8;
    const range = intervalOf(auc) ? ` [${formatInterval(auc)}]` : '';
    return html`<line class="curve" style="${looks[i]!}" x1="${left - 40}" x2="${left - 6}" y1="${y}" y2="${y}"/><text x="${left}" y="${y + 4}">${name}, AUC ${formatValue(auc)}${range}</text>
`;
  });
  return toText(html`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${total}" width="${2 * width}" height="${2 * total}"><title>${title}</title><style>${style}</style>
<rect width="${width}" height="${total}" fill="#fff"/>${rocBody(curves, looks)}
${key}</svg>
`);
}

/** Every point of every curve, as many digits as there are. */
function points(curves: readonly Curve[]): string {
  const lines = curves.flatMap((curve) =>
    curve.points.map(({ threshold, falsePositiveRate, truePositiveRate }) =>
      [curve.name, threshold, falsePositiveRate, truePositiveRate].map(String),
    ),
  );
  return formatCsv([['detector', 'threshold', 'falsePositiveRate', 'truePositiveRate'], ...lines]);
}
