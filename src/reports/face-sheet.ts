/** The page of `masque preprocess`: a face of every clip, and what was dropped. */
import { plural } from './format.ts';
import { type Html, html, toText } from './html.ts';
import { page } from './page.ts';

export type SheetItem = { id: string; jpeg?: Uint8Array; dropped?: string };

/** More faces than this make no page. */
const mostFaces = 400;

/** A complete document without anything beside it. */
export function faceSheet(name: string, items: readonly SheetItem[]): string {
  const faces = items.filter(({ jpeg }) => jpeg);
  const dropped = items.filter((item) => item.dropped);
  const left = faces.length - mostFaces;
  const body = html`<h1>${name}: clips looked at</h1>
<p class="lead">${plural(items.length, 'clip')}; of ${faces.length} the face in the middle is shown, ${dropped.length} were dropped.</p>
${dropped.length > 0 ? droppedTable(dropped) : undefined}
<h2>Faces</h2>
${left > 0 ? html`<p>The first ${mostFaces}; ${left} more are in the folder.</p>` : undefined}
<div class="faces">${faces.slice(0, mostFaces).map(faceOf)}</div>`;
  return toText(page(`${name}: clips looked at`, body));
}

const faceOf = ({ id, jpeg }: SheetItem): Html =>
  html`<figure><img width="128" height="128" alt="Face in the middle of ${id}" src="data:image/jpeg;base64,${Buffer.from(jpeg!).toString('base64')}"><figcaption>${id}</figcaption></figure>`;

const droppedTable = (dropped: readonly SheetItem[]): Html => html`<h2>Dropped</h2>
<div class="wide" tabindex="0" role="region" aria-label="Dropped clips"><table>
<thead><tr><th scope="col">clip</th><th scope="col">why</th></tr></thead>
<tbody>${dropped.map((item) => html`<tr><th scope="row" class="name">${item.id}</th><td class="wrap">${item.dropped}</td></tr>`)}</tbody>
</table></div>`;
