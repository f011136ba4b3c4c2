/** The two forms of a review: the reviewer's own opinion, and the decision once the detectors have been heard. */
import { call } from './api.js';
import { el, say } from './dom.js';
import { keepOpinion, opinionOf } from './opinion.js';
import { bases, opinions } from './words.js';

/** What was written and not sent, by file: it outlives signing in again. */
const drafts = new Map();

/** `after` is called once an opinion is stated. */
export function opinionForm({ quarantineId }, after) {
  const form = el(
    'form',
    { class: 'panel form' },
    el('h2', {}, 'Your own opinion first'),
    el(
      'p',
      {},
      'Look at the file, then say what you think. What the detectors say is shown after that, so that it cannot sway you. It cannot be changed then.',
    ),
    radios('opinion', 'I think this file is', Object.entries(opinions)),
    el('button', { class: 'main' }, 'State it and show what the detectors say'),
  );
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    keepOpinion(quarantineId, new FormData(form).get('opinion'));
    after();
  });
  return form;
}

/** `path` of the file in quarantine at the service. */
export function decisionForm({ quarantineId, releasesNeeded, reviews }, path) {
  const reason = el('textarea', {
    id: 'reason',
    name: 'reason',
    rows: 4,
    maxlength: 4000,
    required: true,
    'aria-describedby': 'reason-help',
  });
  const wrong = el('p', { class: 'panel bad', role: 'alert', hidden: true });
  const button = el('button', { class: 'main' }, 'Decide');
  const several = `which needs ${releasesNeeded} reviewers; ${reviews.length} so far`;
  const form = el(
    'form',
    { class: 'panel form' },
    el('h2', { id: 'decision' }, 'Your decision'),
    radios('decision', 'This file is to be', [
      ['release', 'Released', releasesNeeded > 1 ? several : null],
      ['confirm', 'Confirmed as fake', 'and stays in quarantine'],
    ]),
    radios(
      'basis',
      'Because',
      Object.entries(bases).map(([value, [word, means]]) => [value, word, means]),
    ),
    el('label', { for: 'reason' }, 'Your reason'),
    reason,
    el(
      'p',
      { id: 'reason-help', class: 'note' },
      'It stands in the log under your name and in the evidence. Say where the original is, or who admitted what.',
    ),
    wrong,
    button,
  );
  for (const [name, value] of drafts.get(quarantineId) ?? []) form.elements[name].value = value;
  form.addEventListener('input', () => {
    reason.setCustomValidity(reason.value === '' || reason.value.trim() ? '' : 'Write a reason.');
    drafts.set(quarantineId, new FormData(form));
  });
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    const decision = form.elements.decision.value;
    const basis = form.elements.basis.value;
    const body = { basis, reason: reason.value.trim(), opinionBefore: opinionOf(quarantineId) };
    const done = decision === 'release' ? 'Your release was recorded' : 'It was confirmed as fake';
    change(`${path}/${decision}`, body, done, { button, wrong }).then(
      () => drafts.delete(quarantineId),
      () => {},
    );
  });
  return form;
}

/** Sends what changes a file in quarantine, and shows the file anew; where it is refused, `wrong` says why. Rejects then. */
export async function change(path, body, done, { button, wrong, method = 'POST' }) {
  button.disabled = true;
  wrong.hidden = true;
  try {
    await call(path, { method, body });
  } catch (error) {
    button.disabled = false;
    wrong.textContent = error.message;
    wrong.hidden = false;
    throw error;
  }
  dispatchEvent(new Event('hashchange'));
  say(done);
}

/** `options`: value, word, and what it means where that needs saying. */
const radios = (name, legend, options) =>
  el(
    'fieldset',
    {},
    el('legend', {}, legend),
    options.map(([value, word, more]) =>
      el(
        'label',
        { class: 'choice' },
        el('input', { type: 'radio', name, value, required: true }),
        el('span', {}, word, more && el('span', { class: 'note' }, ` ${more}`)),
      ),
    ),
  );
