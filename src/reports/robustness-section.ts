/**
 * What perturbations do to detectors: a table for each perturbation, distortion by distortion as the means over its levels (as
 * LipForensics prints them, Haliassos et al., CVPR 2021), and AUC over the levels. One generator at a time: of its rows intervals are known.
 */
import { groupBy } from '../group.ts';
import {
  type Clean,
  kendallTau,
  type RobustnessSummary,
  summarizeRobustness,
} from '../metrics/robustness.ts';
import type { Measured } from '../types.ts';
import { formatPercent, formatValue, intervalOf, reasonOf } from './format.ts';
import { type Html, html } from './html.ts';
import { aucCell } from './matrix-section.ts';
import type { TableRow } from './results-table.ts';
import { keyOf, levelChart, type LevelLine, spokenLevels } from './robustness-chart.ts';

/** One detector against one generator under the distortions of one perturbation, and what comes of it in sum. */
type Line = {
  first: TableRow;
  clean: TableRow | undefined;
  series: Map<string, TableRow[]>;
  sum: RobustnessSummary;
};
type Block = { generator: string; lines: Line[] };

/** Undefined where every clip was judged as published. `rows` of all fakes together, clean and perturbed. */
export function robustnessSection(rows: readonly TableRow[]): Html | undefined {
  const perturbed = rows.filter(({ perturbation, driving }) => perturbation !== 'none' && driving === null);
  if (perturbed.length === 0) return undefined;
  const clean = rows.filter(({ perturbation, driving }) => perturbation === 'none' && driving === null);
  const parts = [...groupBy(perturbed, ({ perturbation }) => componentOf(perturbation))].map(
    ([component, own]) => {
      const names = [...new Set(own.map(({ perturbation }) => perturbation))];
      const blocks = [...groupBy(own, ({ generator }) => generator)].map(
        ([generator, of]): Block => ({ generator, lines: linesOf(of, clean, names) }),
      );
      // Of fakes there is more to see than of a control.
      const open = blocks.find(({ lines }) => !lines[0]!.first.controlGenerator) ?? blocks[0];
      return html`<h3>${component}</h3>${sumsTable(component, names, blocks)}${whatLevelsAre(names, own)}${ratesTable(component, names, blocks)}${blocks.map((block) => charts(component, names, block, block === open))}`;
    },
  );
  return html`<p>The same clips, real and fake alike, after distortions of rising strength; detectors are neither trained nor told anew. Each number under a distortion is the mean AUC over its levels. Relative drop: the share of what lay above chance on clean clips (AUC − 0.5) that the mean over all distortions has lost; a dash where the clean interval holds 0.5, so that there was nothing to lose. Kendall’s τ compares the order of the detectors, controls and constructed cues left out, on clean clips with that of their means: 1 is the same order, −1 the reverse. In the charts bars are 95 % intervals; those of controls, in grey, are left out.</p>
${parts}`;
}

/** The levels in words, mildest first. */
function whatLevelsAre(names: readonly string[], rows: readonly TableRow[]): Html | undefined {
  const said = names.flatMap((name) => {
    const own = rows.filter(({ perturbation, severity }) => perturbation === name && severity !== undefined);
    const byLevel = new Map(own.map(({ level, severity }) => [level, severity!]));
    const texts = [...byLevel].toSorted(([a], [b]) => a - b).map(([, severity]) => severity);
    return texts.length > 0 ? [html`<li>${distortionOf(name)}: ${texts.join('; ')}</li>`] : [];
  });
  return said.length > 0
    ? html`<details><summary>What the levels are, from 1 on</summary><ul>${said}</ul></details>`
    : undefined;
}

/** `deeperforensics` of `deeperforensics/GB`. */
const componentOf = (perturbation: string): string => perturbation.split('/')[0]!;
/** `GB` of `deeperforensics/GB`; all of a name without parts. */
const distortionOf = (perturbation: string): string => perturbation.slice(perturbation.indexOf('/') + 1);

function linesOf(rows: readonly TableRow[], clean: readonly TableRow[], names: readonly string[]): Line[] {
  const lines = [...groupBy(rows, ({ detector }) => detector).values()].map((own): Line => {
    const first = own[0]!;
    const base = clean.find(
      ({ detector, generator }) => detector === first.detector && generator === first.generator,
    );
    const series = new Map(
      names.flatMap((name): [string, TableRow[]][] => {
        const levels = own.filter(({ perturbation }) => perturbation === name);
        return levels.length === 0 ? [] : [[name, levels.toSorted((a, b) => a.level - b.level)]];
      }),
    );
    const all = [...series].map(([name, levels]) => ({
      distortion: distortionOf(name),
      aucs: levels.map(({ metrics }) => metrics.auc.value),
    }));
    return { first, clean: base, series, sum: summarizeRobustness(cleanOf(base), all) };
  });
  return [
    ...lines.filter(({ first }) => !first.constructed),
    ...lines.filter(({ first }) => first.constructed),
  ];
}

/** Without a clean AUC nothing is known of a loss: an interval that is missing says so. */
function cleanOf(row: TableRow | undefined): Clean {
  const auc = row?.metrics.auc ?? { value: null, reason: '' };
  const interval = intervalOf(auc);
  return { value: auc.value ?? 0.5, low: interval?.low ?? null, high: interval?.high ?? null };
}

function sumsTable(component: string, names: readonly string[], blocks: readonly Block[]): Html {
  const label = `AUC under ${component}, means over levels`;
  return html`<div class="wide" role="region" tabindex="0" aria-label="${label}"><table class="matrix"><caption>${label}</caption>
<thead><tr><th scope="col">Detector</th><th scope="col" class="number">clean</th>${names.map((name) => html`<th scope="col" class="number">${distortionOf(name)}</th>`)}${names.length > 1 ? html`<th scope="col" class="number">mean</th>` : undefined}<th scope="col" class="number">relative drop</th><th scope="col" class="number">worst level</th></tr></thead>
${blocks.map(
  ({
    generator,
    lines,
  }) => html`<tbody><tr class="block"><th scope="rowgroup" colspan="${names.length + (names.length > 1 ? 5 : 4)}">${generator}${lines[0]!.first.controlGenerator ? html` <span class="tag">control</span>` : undefined} <span class="muted plain">${orderKept(lines)}</span></th></tr>
${lines.map((line) => sumsRow(line, names))}</tbody>
`,
)}</table></div>`;
}

function sumsRow({ first, clean, series, sum }: Line, names: readonly string[]): Html {
  const { worst } = sum;
  return html`<tr${first.control ? html` class="control"` : undefined}><th scope="row">${first.detector}${first.constructed ? html` <span class="tag">constructed cue</span>` : undefined}</th>${clean ? aucCell(clean.metrics.auc) : html`<td></td>`}${names.map((name) => (series.has(name) ? aucCell(sum.means[distortionOf(name)]!) : html`<td></td>`))}${names.length > 1 ? aucCell(sum.mean) : undefined}${measuredCell(sum.relativeDrop, (value) => formatPercent(value))}${measuredCell(worst, (value) => html`${value.toFixed(3)} <span class="muted">${worst.distortion} ${worst.level}</span>`)}</tr>
`;
}

function measuredCell(measured: Measured, show: (value: number) => Html | string): Html {
  return measured.value === null
    ? html`<td class="number" title="${reasonOf(measured)}">–</td>`
    : html`<td class="number">${show(measured.value)}</td>`;
}

/** In words, of the ranked detectors that have both figures. */
function orderKept(lines: readonly Line[]): string {
  const pairs = lines.flatMap(({ first, clean, sum }) => {
    const [a, b] = [clean?.metrics.auc.value ?? null, sum.mean.value];
    return first.control || first.constructed || a === null || b === null ? [] : [[a, b] as const];
  });
  if (pairs.length < 2) return '';
  const tau = kendallTau(
    pairs.map(([a]) => a),
    pairs.map(([, b]) => b),
  );
  return tau.value === null
    ? `order of detectors: ${reasonOf(tau)}`
    : `τ ${tau.value.toFixed(2)} between ${pairs.length} detectors’ order clean and perturbed`;
}

/** What a threshold that was chosen on clean clips does to perturbed ones; undefined where no row knows one. */
function ratesTable(component: string, names: readonly string[], blocks: readonly Block[]): Html | undefined {
  const told = blocks
    .map(({ generator, lines }) => ({
      generator,
      lines: lines.filter(({ series }) => [...series.values()].flat().some((row) => row.atThreshold)),
    }))
    .filter(({ lines }) => lines.length > 0);
  if (told.length === 0) return undefined;
  const label = `Fakes found and false alarms under ${component} at the clean threshold`;
  const known = told.flatMap(({ lines }) => lines.flatMap(({ series }) => [...series.values()].flat()));
  const on = [...new Set(known.flatMap(({ atThreshold }) => atThreshold?.chosenOn ?? []))];
  return html`<details><summary><h4>${label}</h4></summary><div class="wide" role="region" tabindex="0" aria-label="${label}"><table class="matrix"><caption>${label}${on.length === 1 ? html` (chosen on ${on[0]})` : undefined}: share of fakes called fake / share of real clips called fake, means over levels</caption>
<thead><tr><th scope="col">Detector</th><th scope="col" class="number">clean</th>${names.map((name) => html`<th scope="col" class="number">${distortionOf(name)}</th>`)}</tr></thead>
${told.map(
  ({
    generator,
    lines,
  }) => html`<tbody><tr class="block"><th scope="rowgroup" colspan="${names.length + 2}">${generator}</th></tr>
${lines.map(
  ({
    first,
    clean,
    series,
  }) => html`<tr${first.control ? html` class="control"` : undefined}><th scope="row">${first.detector}</th>${ratesCell(clean ? [clean] : [])}${names.map((name) => ratesCell(series.get(name) ?? []))}</tr>
`,
)}</tbody>
`,
)}</table></div></details>`;
}

function ratesCell(rows: readonly TableRow[]): Html {
  if (rows.length === 0) return html`<td></td>`;
  const mean = (which: 'tpr' | 'fpr'): Measured => {
    const values = rows.flatMap(({ atThreshold }) => atThreshold?.[which].value ?? []);
    return values.length < rows.length
      ? { value: null, reason: 'not every level has this share' }
      : { value: values.reduce((sum, value) => sum + value / values.length, 0) };
  };
  return html`<td class="number">${formatValue(mean('tpr'), 2)} / ${formatValue(mean('fpr'), 2)}</td>`;
}

function charts(
  component: string,
  names: readonly string[],
  { generator, lines }: Block,
  open: boolean,
): Html {
  const shown = lines.filter(({ first, clean }) => !first.constructed && clean);
  const one = ({ first, clean, series }: Line, name: string): LevelLine => ({
    detector: first.detector,
    control: first.control,
    rows: [clean!, ...(series.get(name) ?? [])],
  });
  const lowest = Math.min(
    0.5,
    ...shown.flatMap(({ clean, series }) =>
      [clean!, ...[...series.values()].flat()].flatMap(({ metrics: { auc } }) =>
        auc.value === null ? [] : [intervalOf(auc)?.low ?? auc.value],
      ),
    ),
  );
  const figures = names.map((name) => {
    // Everybody keeps their look in all charts, so that one key will do.
    const own = shown.map((line) => one(line, name));
    return html`<figure><h5>${distortionOf(name)}</h5>${levelChart(`AUC against ${generator} over the levels of ${name}: ${spokenLevels(own.filter(({ rows }) => rows.length > 1))}`, own, Math.floor(lowest * 10) / 10)}</figure>`;
  });
  return html`<details${open ? html` open` : undefined}><summary><h4>${component} against ${generator}, level by level</h4></summary>
${keyOf(shown.map(({ first }) => first))}<div class="charts">${figures}</div></details>`;
}
