/** One received file: how far it is, then what was found. */
import { call, session } from './api.js';
import { el, foreign, say, showAgain, sizeOf, when } from './dom.js';
import { finding, headline, received } from './finding.js';
import { follow } from './follow.js';
import { measuredFor } from './measured.js';
import { actions, isPending, kinds, statusOf } from './words.js';

export async function file({ id, signal }) {
  const path = `/v1/media/${encodeURIComponent(id)}`;
  const media = await call(path, { signal });
  if (isPending(media.status)) void watch(media, signal);
  const body = isPending(media.status)
    ? waiting(media)
    : (await mustJudgeFirst(media, signal))
      ? blind(media)
      : finding(media, await measuredFor(media, signal));
  return { title: 'File', name: media.name, body: [what(media), body, received(factsOf(media))] };
}

function what({ action, quarantineId, openQuarantineId }) {
  const id = openQuarantineId ?? quarantineId;
  // What is in quarantine is let through by people alone.
  const byWhom =
    quarantineId && action === 'allow'
      ? 'Reviewers released it, so it was let through. '
      : `By the policy of this service it was ${actions[action]}. `;
  return (
    action &&
    el(
      'p',
      { class: 'muted' },
      byWhom,
      id &&
        session().role !== 'submitter' &&
        el('a', { href: `#/quarantine/${encodeURIComponent(id)}` }, 'Go to its review'),
    )
  );
}

/** A reviewer who may still decide says what they think before the score can sway them, also where this file came before its content was held. A submitter is not told. */
async function mustJudgeFirst({ openQuarantineId }, signal) {
  if (!openQuarantineId) return false;
  const { opinion } = await call(`/v1/quarantine/${encodeURIComponent(openQuarantineId)}`, { signal });
  return !opinion;
}

const blind = ({ openQuarantineId }) => [
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
      { class: 'button', href: `#/quarantine/${encodeURIComponent(openQuarantineId)}` },
      'State your opinion',
    ),
  ),
];

const mayClose = 'You may close this page; the finding stays under Files.';
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
          { 'aria-current': i === at + 1 ? 'step' : null },
          name,
          i <= at && el('span', { class: 'hidden' }, ' (done)'),
        ),
      ),
    ),
    el('progress', { 'aria-label': 'Analysis is under way' }),
    el('p', { class: 'note', id: 'busy' }, mayClose),
  ];
}

/** Shows it anew once something has changed, or where it is gone; until then the note says what is in the way. */
async function watch({ requestId, status: before }, signal) {
  for await (const { status, error } of follow(requestId, signal)) {
    document.getElementById('busy').textContent = error ? error.message : mayClose;
    if (error ? error.status !== 404 : status === before) continue;
    // A reviewer's own opinion comes before what the detectors say.
    if (!error)
      say(
        isPending(status) || session().role === 'submitter'
          ? statusOf(status).headline
          : 'The analysis is done',
      );
    return showAgain({ quietly: true });
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
