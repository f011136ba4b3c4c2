/** Where detectors look in a fake, drawn over it, and how much of that was repainted. */
import type { RunRecord } from '../records/record.ts';
import { requireJpegUri } from './data-uri.ts';
import { formatPercent, reasonOf } from './format.ts';
import { type Html, html } from './html.ts';
import { type OcclusionMap, patches } from './occlusion.job.ts';

export type LookedAt = { detector: string; generator: string; id: string };
/** `picture`: `data:image/jpeg;base64,…`. `reason`: why there is no map. */
export type ShownMap = LookedAt &
  ((Omit<OcclusionMap, 'picture'> & { picture: string }) | { reason: string });

/** Undefined where nobody was asked. @throws on a picture that is no JPEG data URI. */
export function lookedSection({ data }: RunRecord, maps: readonly ShownMap[]): Html | undefined {
  if (maps.length === 0) return undefined;
  const { value: shareable, reason } = data.shareable;
  const figures = maps.flatMap((map) => ('picture' in map ? [figure(map)] : []));
  const silent = maps.flatMap((map) =>
    'reason' in map ? [html`<li>${map.detector}: ${map.reason}</li>`] : [],
  );
  return html`${shareable ? undefined : html`<p class="panel"><b>Keep this file in its run folder.</b> The faces below may not be passed on: ${reason}.</p>`}<p>One fake for each detector of frames, that with the middle one of its scores among those of the generator it tells best. A grey patch hides one of ${patches ** 2} parts of it after the other. <span class="swatch" style="background:var(--fake)"></span>Where the score falls: this part speaks for a fake. <span class="swatch" style="background:var(--real)"></span>Where it rises. The stronger the colour, the more, beside the most of that map. White: the border of what was repainted. Where a detector looks elsewhere, it may have found a trace that has nothing to do with the face; but a patch is a trace of its own, and what a part does to the score alone is not all it does together with others.</p>
<div class="items">${figures}</div>${silent.length > 0 ? html`<ul class="note">${silent}</ul>` : undefined}`;
}

function figure(map: LookedAt & Omit<OcclusionMap, 'picture'> & { picture: string }): Html {
  const { detector, generator, id, picture, width, height, falls } = map;
  const most = Math.max(...falls.map(Math.abs), Number.MIN_VALUE);
  const cells = falls.map((fall, i) => {
    const [x, y] = [((i % patches) * width) / patches, (Math.floor(i / patches) * height) / patches];
    const strength = Math.abs(fall) / most;
    if (strength < 0.03) return undefined;
    return html`<rect class="${fall > 0 ? 'fake' : 'real'}" x="${x.toFixed(1)}" y="${y.toFixed(1)}" width="${(width / patches).toFixed(1)}" height="${(height / patches).toFixed(1)}" fill-opacity="${(0.7 * strength).toFixed(2)}"/>`;
  });
  const said = saidOf(map);
  return html`<figure class="item"><h3>${detector}</h3><svg class="map" viewBox="0 0 ${width} ${height}" role="img" aria-label="${`Where ${detector} looks in ${id} by ${generator}: ${said}`}"><image href="${requireJpegUri(picture, `map of ${detector}`)}" width="${width}" height="${height}"/>${cells}</svg>
<figcaption><b>${id}</b>, ${generator}: ${said}</figcaption></figure>`;
}

function saidOf({ onMask, maskShare }: Pick<OcclusionMap, 'onMask' | 'maskShare'>): string {
  if (onMask.value === null) return `overlap with what was repainted not known: ${reasonOf(onMask)}`;
  return `${formatPercent(onMask.value)} of what speaks for a fake lies where it was repainted, which is ${formatPercent(maskShare.value)} of the patches that change the score at all`;
}
