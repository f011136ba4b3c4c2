/** One received file: how far it is, then what was found. */
import { call, pause, session } from './api.js';
import { el, foreign, say, sizeOf, when } from './dom.js';
import { finding, headline, received } from './finding.js';
import { measuredFor } from './measured.js';
import { opinionOf } from './opinion.js';
import { actions, isPending, kinds, statusOf } from './words.js';

export async function file({ id, signal }) {
  const path = `/v1/media/${encodeURIComponent(id)}`;
  const media = await call(path, { signal });
  if (isPending(media.status)) void follow(path, media.status, signal);
  const body = isPending(media.status)
    ? waiting(media)
    : (await mustJudgeFirst(media, signal))
      ? blind(media)
      : finding(media, await measuredFor(media, signal));
  return { title: 'File', name: media.name, body: [what(media), body, received(factsOf(media))] };
}

const what = ({ action, quarantineId }) =>
  action &&
  el(
    'p',
    { class: 'done' },
    `By the policy of this service it was ${actions[action]}. `,
    quarantineId &&
      session().role !== 'submitter' &&
      el('a', { href: `#/quarantine/${encodeURIComponent(quarantineId)}` }, 'Go to its review'),
  );

/** A reviewer who may still decide says what they think before the score can sway them. */
async function mustJudgeFirst({ quarantineId }, signal) {
  if (!quarantineId || session().role === 'submitter' || opinionOf(quarantineId)) return false;
  const { state, reviews } = await call(`/v1/quarantine/${encodeURIComponent(quarantineId)}`, { signal });
  return state === 'held' && !reviews.some(({ reviewer }) => reviewer === session().name);
}

const blind = ({ quarantineId }) => [
  el('h2', {}, 'Your own opinion comes first'),
  el(
    'p',
    {},
    'This file is held in quarantine and you can review it. What the detectors say is shown once you have said what you think.',
  ),
  el(
    'p',
    {},
    el(
      'a',
      { class: 'button', href: `#/quarantine/${encodeURIComponent(quarantineId)}` },
      'State your opinion',
    ),
  ),
];

const steps = ['QUEUED', 'ANALYZING'];
function waiting(media) {
  const at = steps.indexOf(media.status);
  return [
    headline(media),
    el(
      'ol',
      { class: 'steps' },
      ['Received', 'Waiting for its turn', 'Being analysed', 'Finding'].map((name, i) =>
        el(
          'li',
          { 'aria-current': i === at + 1 ? 'step' : null, class: i <= at ? 'past' : null },
          name,
          i <= at && el('span', { class: 'hidden' }, ' (done)'),
        ),
      ),
    ),
    el('progress', { 'aria-label': 'Analysis is under way' }),
    el('p', { class: 'note', id: 'busy' }, 'You may close this page; the finding stays under Files.'),
  ];
}

/** Asks again until something has changed, less often with time, and shows it. */
async function follow(path, before, signal) {
  for (let wait = 500; !signal.aborted; wait = Math.min(5000, wait * 1.3)) {
    await pause(wait, signal);
    if (signal.aborted) return;
    try {
      const { status } = await call(path, { signal });
      if (status === before) continue;
      say(statusOf(status).headline);
      dispatchEvent(new Event('show-again'));
      return;
    } catch (error) {
      if (signal.aborted || error.status === 401) return;
      const busy = document.getElementById('busy');
      if (busy) busy.textContent = error.message;
      if (error.retryAt) await pause(Math.max(0, error.retryAt - new Date()), signal);
      else if (error.status === 404) return;
    }
  }
}

function factsOf(media) {
  return [
    ['Name', foreign(media.name)],
    ['Kind', kinds[media.kind]],
    ['Size', sizeOf(media.bytes)],
    ['Received', when(media.receivedAt)],
    ['From', media.source && foreign(media.source)],
    ['Sent by', media.submitter && foreign(media.submitter)],
    ['SHA-256', el('code', {}, media.sha256)],
    ['Bundle', media.calibration?.bundle && el('code', {}, media.calibration.bundle.slice(0, 16))],
    ['Number', el('code', {}, media.requestId)],
  ];
}
