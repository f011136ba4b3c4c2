/** The clips that most detectors get wrong, to look at. */
import { groupBy } from '../group.ts';
import type { RunRecord } from '../records/record.ts';
import type { Truth } from '../types.ts';
import { requireJpegUri } from './data-uri.ts';
import { formatPercent, plural } from './format.ts';
import type { HardItem } from './hardest.ts';
import { type Html, html } from './html.ts';

/** `frames`: moments side by side; `sound`: a spectrogram; both `data:image/jpeg;base64,…`, absent where the clip has none. */
export type ShownItem = HardItem & { frames?: string; sound?: string };

const questions: Record<string, string> = {
  video: 'Asked about the picture',
  audio: 'Asked about the sound',
  pairing: 'Asked whether picture and sound belong together',
  any: 'Asked about anything at all',
};
const titles: Record<Truth, string> = {
  real: 'Real clips that look most like fakes',
  fake: 'Fakes that look most like real clips',
};

/** Undefined where there are none. @throws on a picture that is no JPEG data URI. */
export function hardestSection({ data }: RunRecord, items: readonly ShownItem[]): Html | undefined {
  if (items.length === 0) return undefined;
  const { value: shareable, reason } = data.shareable;
  const groups = [...groupBy(items, ({ judges }) => judges)].map(([judges, own]) => {
    const parts = [...groupBy(own, ({ truth }) => truth)].map(
      ([truth, same]) => html`<h4>${titles[truth as Truth]}</h4><div class="items">${same.map(figure)}</div>`,
    );
    return html`<h3>${questions[judges] ?? judges}</h3>${parts}`;
  });
  return html`${shareable ? undefined : html`<p class="panel"><b>Keep this file in its run folder.</b> The faces below may not be passed on: ${reason}.</p>`}<p>Every detector that is ranked puts the test clips in an order; shown are the clips whose mean place in it is the farthest on the wrong side of the middle, at most six of a kind. 100 % would be above all others, and so the most like a fake. Underneath the moments of each clip its sound: time to the right, frequency in mel upwards to half the sampling rate, white where it is loudest, black 70 dB below.</p>
${groups}`;
}

function figure({ id, truth, generator, rank, detectors, frames, sound }: ShownItem): Html {
  const name = truth === 'real' ? `real clip ${id}` : `fake ${id} by ${generator}`;
  const picture = (uri: string | undefined, what: string): Html | undefined =>
    uri === undefined
      ? undefined
      : html`<img src="${requireJpegUri(uri, `${what} of ${id}`)}" alt="${`${what} of ${name}`}">`;
  return html`<figure class="item">${picture(frames, 'moments')}${picture(sound, 'spectrogram')}
<figcaption><b>${id}</b>${truth === 'fake' ? html`, ${generator}` : undefined}: above ${formatPercent(rank)} of the test clips, mean of ${plural(detectors, 'detector')}</figcaption></figure>`;
}
