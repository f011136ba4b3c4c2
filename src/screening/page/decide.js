/** The two forms of a review: the reviewer's own opinion, and the decision once the detectors have been heard. */
import { call, session } from './api.js';
import { el, say, seen, showAgain } from './dom.js';
import { releasesOf } from './inbox.js';
import { bases, opinions } from './words.js';

/** What was written and not sent, by person and file: it outlives a session that ends, and not signing out. */
const drafts = new Map();
export const forgetDrafts = () => drafts.clear();

/** `at`: as `change` says. `after` is called with the file as the service has it, once it keeps the opinion. */
export function opinionForm(at, after) {
  const wrong = el('p', { class: 'panel bad', role: 'alert', hidden: true });
  const button = el('button', { class: 'main' }, 'State it and show what the detectors say');
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
    wrong,
    button,
  );
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    const body = { opinion: new FormData(form).get('opinion') };
    send(at, 'opinion', body, { button, wrong }).then(after, () => {});
  });
  return form;
}

/** `at`: as `change` says. */
export function decisionForm(item, at) {
  const { quarantineId, releasesNeeded, opinion, verdicts } = item;
  const draft = `${session().name} ${quarantineId}`;
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
  const several = `which needs ${releasesNeeded} reviewers; ${releasesOf(item).length} so far`;
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
  for (const [name, value] of drafts.get(draft) ?? []) form.elements[name].value = value;
  form.addEventListener('input', () => {
    reason.setCustomValidity(reason.value === '' || reason.value.trim() ? '' : 'Write a reason.');
    drafts.set(draft, new FormData(form));
  });
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    const decision = form.elements.decision.value;
    const basis = form.elements.basis.value;
    const body = {
      basis,
      reason: reason.value.trim(),
      opinionBefore: opinion,
      seen: verdicts,
    };
    const done = decision === 'release' ? 'Your release was recorded' : 'It was confirmed as fake';
    change(at, decision, body, done, { button, wrong }).then(
      () => drafts.delete(draft),
      // What was looked at is no longer so: it is shown as it is now, with what was written.
      ({ status, message }) => status === 409 && !at.signal.aborted && showAgain({ told: message }),
    );
  });
  return form;
}

/**
 * Sends what changes a file in quarantine, and shows the file anew; where it is refused, `wrong` says why, and this rejects. `at`: its `path` at the service, its `name`, and the `signal` of its view:
 * a result that comes after the reader has gone on is said with the name, and changes nothing of what is shown then.
 */
export async function change(at, what, body, done, controls) {
  await send(at, what, body, controls);
  if (at.signal.aborted) return say(`${seen(at.name)}: ${done}`);
  showAgain();
  say(done);
}

async function send({ path, name, signal }, what, body, { button, wrong, method = 'POST' }) {
  const wasFocused = document.activeElement === button;
  button.disabled = true;
  wrong.hidden = true;
  try {
    return await call(`${path}/${what}`, { method, body });
  } catch (error) {
    button.disabled = false;
    // A button that is disabled loses the focus; who has moved on meanwhile stays there.
    if (wasFocused && document.activeElement === document.body) button.focus();
    wrong.textContent = error.message;
    wrong.hidden = false;
    if (signal.aborted) say(`${seen(name)}: ${error.message}`);
    throw error;
  }
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
