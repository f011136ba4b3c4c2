/** How good generators and detectors are apart from scores: their own figures with intervals, and the pictures they show of themselves. */
import type { RunRecord } from '../records/record.ts';
import { formatDuration, formatNumber, intervalOf, reasonOf } from './format.ts';
import { type Html, html } from './html.ts';

/** A picture as `data:image/png;base64,…` or `data:image/jpeg;base64,…`, with a title that says what is where. */
export type Sheet = { generator: string; title: string; image: string };
type Component = Pick<RunRecord['detectors'][number], 'label' | 'trainSeconds' | 'quality'>;

/** Undefined where no component measured anything of itself. @throws on a sheet that is no PNG or JPEG data URI. */
export function qualitySection(components: readonly Component[], sheets: readonly Sheet[]): Html | undefined {
  const parts = components.flatMap((component) => {
    const own = sheets.filter(({ generator }) => generator === component.label);
    const measured = Object.keys(component.quality).length > 0;
    if (!measured && own.length === 0) return [];
    return [
      html`<h3>${component.label}</h3>${measured ? figuresTable(component) : undefined}${own.map(sheetFigure)}`,
    ];
  });
  return parts.length === 0 ? undefined : html`${parts}`;
}

function figuresTable({ label, trainSeconds, quality }: Component): Html {
  const figures = Object.entries(quality);
  const reasons = [...new Set(figures.flatMap(([, measured]) => reasonOf(measured) ?? []))];
  // One reason for all stands below the table, several beside the figures they are of.
  const noted = reasons.length > 1;
  const trained = trainSeconds > 0 ? `, trained for ${formatDuration(trainSeconds)}` : '';
  return html`<div class="wide" role="region" tabindex="0" aria-label="Quality of ${label}"><table class="compact"><caption>Figures of ${label}${trained}</caption>
<thead><tr><th scope="col">Figure</th><th scope="col" class="number">Value</th><th scope="col" class="number">95 % interval</th>${noted ? html`<th scope="col">Note</th>` : undefined}</tr></thead>
<tbody>${figures.map(([name, measured]) => {
    const interval = intervalOf(measured);
    return html`<tr><th scope="row" class="wrap">${name}</th><td class="number">${measured.value === null ? '–' : formatNumber(measured.value)}</td><td class="number">${interval ? `${formatNumber(interval.low)} – ${formatNumber(interval.high)}` : '–'}</td>${noted ? html`<td class="wrap muted">${reasonOf(measured)}</td>` : undefined}</tr>
`;
  })}</tbody></table></div>${reasons.length === 1 ? html`<p class="note">– : ${reasons[0]}.</p>` : undefined}`;
}

function sheetFigure({ generator, title, image }: Sheet): Html {
  if (!/^data:image\/(png|jpeg);base64,[A-Za-z0-9+/]+=*$/.test(image))
    throw new Error(`picture "${title}" is no PNG or JPEG data URI`);
  return html`<figure class="sheet"><img src="${image}" alt="${`${generator}: ${title}`}"><figcaption>${title}</figcaption></figure>`;
}
