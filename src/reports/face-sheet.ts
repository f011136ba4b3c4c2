/** The page of `masque preprocess`: a face of every clip, and what was dropped. */
import { partOfFilm } from '../film-parts.ts';
import { plural } from './format.ts';
import { type Html, html, toText } from './html.ts';
import { page } from './page.ts';

/** A clip with a face, whose picture may be left out after the first `mostShown`; of sound alone; or dropped. */
export type SheetItem = { id: string } & (
  | { is: 'face'; jpeg?: Uint8Array }
  | { is: 'sound' }
  | { is: 'dropped'; why: string }
);
type ShownFace = { id: string; jpeg: Uint8Array };
type Dropped = { id: string; why: string };

/** More faces, or more lines, than this make no page. */
export const mostShown = 400;

/** A complete document without anything beside it. */
export function faceSheet(name: string, items: readonly SheetItem[]): string {
  const count = (is: SheetItem['is']): number => items.filter((item) => item.is === is).length;
  const dropped = items.filter((item) => item.is === 'dropped');
  const shown = items.flatMap((item) =>
    item.is === 'face' && item.jpeg ? [{ ...item, jpeg: item.jpeg }] : [],
  );
  const kinds = [
    `${count('face')} with a face`,
    ...(count('sound') > 0 ? [`${count('sound')} of sound alone`] : []),
    `${dropped.length} dropped`,
  ];
  const left = count('face') - shown.length;
  const inParts = items.some(({ id }) => partOfFilm.test(id));
  const body = html`<h1>${name}: clips looked at</h1>
<p class="lead">${plural(items.length, 'clip')}: ${kinds.join(', ')}.</p>
${inParts ? html`<p><code>#fit</code> is the first part of a film, which generators are fitted on; <code>#rest</code> is what follows, which is scored.</p>` : undefined}
${dropped.length > 0 ? droppedTable(dropped) : undefined}
<h2>Faces</h2>
<p>The face in the middle of each clip${left > 0 ? `: the first ${shown.length}; ${left} more are in the folder` : ''}.</p>
<div class="faces">${shown.map(faceOf)}</div>`;
  return toText(page(`${name}: clips looked at`, body));
}

const faceOf = ({ id, jpeg }: ShownFace): Html =>
  html`<figure><img width="128" height="128" alt="Face in the middle of ${id}" src="data:image/jpeg;base64,${Buffer.from(jpeg).toString('base64')}"><figcaption>${id}</figcaption></figure>`;

const droppedTable = (dropped: readonly Dropped[]): Html => html`<h2>Dropped</h2>
${dropped.length > mostShown ? html`<p>The first ${mostShown}; all stand in <code>clips.csv</code>.</p>` : undefined}
<div class="wide" tabindex="0" role="region" aria-label="Dropped clips"><table>
<thead><tr><th scope="col">clip</th><th scope="col">why</th></tr></thead>
<tbody>${dropped.slice(0, mostShown).map(({ id, why }) => html`<tr><th scope="row" class="name">${id}</th><td class="wrap">${why}</td></tr>`)}</tbody>
</table></div>`;
