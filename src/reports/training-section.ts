/** Curves of training, found in what components say of themselves (`info` in the record). */
import { z } from 'zod';
import type { RunRecord } from '../records/record.ts';
import { type Steps, trainingChart } from './charts.ts';
import { formatNumber } from './format.ts';
import { type Html, html } from './html.ts';

type Curves = { training?: Steps; validation?: Steps; chosenStep?: number };

const curve = z.array(z.tuple([z.number(), z.number()])).min(1);
const roles = new Map<string, 'training' | 'validation'>([
  ['losses', 'training'],
  ['validation', 'validation'],
]);

/** A chart per network: what it minimised and what it was judged by. Undefined where nobody recorded a curve. */
export function trainingSection(record: RunRecord): Html | undefined {
  const figures = [...record.generators, ...record.detectors, ...record.measures].flatMap(({ label, info }) =>
    [...curvesIn(info)].map(([network, curves]) => {
      const name = network === '' ? label : `${label}, ${network}`;
      const said = (['training', 'validation'] as const).flatMap((role) =>
        curves[role] ? [`${role} ${describe(curves[role])}`] : [],
      );
      return html`<figure><h3>${name}</h3>${trainingChart(`${name}: ${said.join('; ')}`, curves, curves.chosenStep)}</figure>`;
    }),
  );
  if (figures.length === 0) return undefined;
  return html`<p class="note"><span class="swatch" style="background:var(--c0)"></span>Left axis, whole line: what training minimises, on training people. <span class="swatch" style="background:var(--c1)"></span>Right axis, dashed: what is measured on validation people. The axes have different scales, and often different quantities. Dotted: the step chosen on validation. Long curves are drawn as means over neighbouring steps.</p>
<div class="charts">${figures}</div>`;
}

function describe(steps: Steps): string {
  const [first, last] = [steps[0]!, steps.at(-1)!];
  return `from ${formatNumber(first[1])} to ${formatNumber(last[1])} in ${formatNumber(last[0])} steps`;
}

/** Every `losses` and `validation` in `info`, however deep, by the names on the way to it, with the `chosenStep` beside them. */
function curvesIn(info: Record<string, unknown>): Map<string, Curves> {
  const found = new Map<string, Curves>();
  const add = (network: string, curves: Curves): void =>
    void found.set(network, { ...found.get(network), ...curves });
  const walk = (value: unknown, path: string[], role: 'training' | 'validation' | undefined): void => {
    if (typeof value !== 'object' || value === null) return;
    const steps = role && curve.safeParse(value);
    if (steps?.success) return add(path.join(' '), { [role!]: steps.data });
    if (Array.isArray(value)) return;
    for (const [name, inner] of Object.entries(value)) {
      const said = roles.get(name);
      walk(inner, said ? path : [...path, name], said ?? role);
      if (name === 'chosenStep' && typeof inner === 'number') add(path.join(' '), { chosenStep: inner });
    }
  };
  walk(info, [], undefined);
  return new Map([...found].filter(([, { training, validation }]) => training ?? validation));
}
