/** The fakes to look at and listen to, each with where it comes from and what the detectors said of it. */
import type { OutcomeRow } from '../records/outcomes.ts';
import type { RunRecord } from '../records/record.ts';
import { requireJpegUri } from './data-uri.ts';
import { plural } from './format.ts';
import { groupBy } from '../group.ts';
import { type Html, html } from './html.ts';
import { layout } from './strip-picture.ts';

/** What is known of a fake that is shown. `of`: how many fakes its generator made for the test, shown or not. */
export type Facts = {
  generator: string;
  id: string;
  target: string;
  driver?: string;
  /** The person whose face was laid in. */
  face?: string;
  driving?: 'same-person' | 'other-person';
  /** A machine said what is heard. */
  forged?: true;
  of: number;
};
/** `video`: `data:video/mp4;base64,…`; `poster`: `data:image/jpeg;base64,…`. */
export type FakeStrip = Facts & { video: string; poster: string };

/** @throws on a video or poster that is no such data URI. */
export function fakesSection(
  record: RunRecord,
  outcomes: readonly OutcomeRow[],
  strips: readonly FakeStrip[],
): Html | undefined {
  if (strips.length === 0) return undefined;
  const groups = [...groupBy(strips, (strip) => strip.generator)];
  const { value: shareable, reason } = record.data.shareable;
  return html`${shareable ? undefined : html`<p class="panel"><b>Keep this file in its run folder.</b> The faces below may not be passed on: ${reason}.</p>`}<p>Top left the target’s own frames, top right the fake; below left the mouth that really spoke the sound, below right the error of the fake against the target, four times enlarged. Underneath, the sound of the fake, which is also what is heard. Where a machine said it, the mouth is the target’s, as filmed. Play one with its button, or with Tab and the space bar.</p>
${groups.map(([generator, own]) => {
  const control = record.generators.some(({ label, control }) => label === generator && control);
  const count =
    own.length === own[0]!.of ? plural(own.length, 'fake') : `${own.length} of ${own[0]!.of} fakes`;
  return html`<h3>${generator}${control ? html` <span class="tag">control</span>` : undefined} <span class="muted">${count}</span></h3>
<div class="strips">${own.map((strip) => figure(strip, saidOf(strip, record, outcomes)))}</div>`;
})}
<p class="note">All fakes of the test lie in the folder <code>fakes</code> beside this report, each with its provenance.</p>`;
}

function figure(
  { id, generator, target, driver, driving, face, forged, video, poster }: FakeStrip,
  said: Html[],
): Html {
  if (!/^data:video\/mp4;base64,[A-Za-z0-9+/]+=*$/.test(video))
    throw new Error(`strip "${id}" is no MP4 data URI`);
  const how = { 'same-person': ' (the same person)', 'other-person': ' (another person)' };
  const voice = driver
    ? html`, driven by <b>${driver}</b>${driving ? how[driving] : undefined}`
    : forged
      ? html`, with a forged sound`
      : html`, with its own sound`;
  const { width, height } = layout(true);
  const label = `Fake of ${target}${driver ? ` driven by ${driver}` : ''}${face ? ` with the face of ${face}` : ''}, by ${generator}: target, fake, mouth, error, and the sound`;
  return html`<figure class="strip"><video controls playsinline preload="none" width="${width}" height="${height}" poster="${requireJpegUri(poster, `poster of strip "${id}"`)}" src="${video}" aria-label="${label}"></video>
<figcaption><b>${target}</b>${face ? html`, with the face of <b>${face}</b>` : undefined}${voice}${said.length > 0 ? html`<ul>${said}</ul>` : undefined}</figcaption></figure>`;
}

/** Per detector that is no control: above how many of the real test clips it put this fake. */
function saidOf(
  { id }: FakeStrip,
  { detectors, results }: RunRecord,
  outcomes: readonly OutcomeRow[],
): Html[] {
  const controls = new Set(detectors.filter(({ control }) => control).map(({ label }) => label));
  const judges = new Set(results.flatMap(({ detector }) => (controls.has(detector) ? [] : [detector])));
  return outcomes
    .filter((row) => row.id === id && judges.has(row.detector))
    .map((row) => {
      if (!('score' in row))
        return html`<li>${row.detector}: ${row.errorCode === 'E_NOT_APPLICABLE' ? 'not applicable' : row.errorCode}</li>`;
      const reals = outcomes.flatMap((other) =>
        other.detector === row.detector &&
        other.label === 'real' &&
        other.split === 'test' &&
        'score' in other
          ? [other.score]
          : [],
      );
      const below = reals.filter((score) => score < row.score).length;
      return html`<li>${row.detector}: above ${below} of ${reals.length} real clips</li>`;
    });
}
