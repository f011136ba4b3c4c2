/** What administrators may do with a file in quarantine: keep it for the law, and delete it. */
import { change } from './decide.js';
import { el } from './dom.js';

/** `at`: as `change` says. */
export const administering = (item, at) => [holding(item, at), item.kept && erasing(item, at)];

const refusal = () => el('p', { class: 'panel bad', role: 'alert', hidden: true });

function holding({ legalHold }, at) {
  const wrong = refusal();
  const button = el('button', { type: 'button' }, legalHold ? 'Lift the legal hold' : 'Put under legal hold');
  const done = legalHold ? 'The legal hold was lifted' : 'It is under legal hold now';
  button.addEventListener('click', () => {
    change(at, 'hold', { hold: !legalHold }, done, { button, wrong }).catch(() => {});
  });
  return [
    el('h2', {}, 'Legal hold'),
    el(
      'p',
      {},
      legalHold
        ? 'Nothing of this file is deleted, however long it is kept.'
        : 'Under legal hold nothing of this file is deleted, whatever the rules of keeping say.',
    ),
    wrong,
    el('p', {}, button),
  ];
}

function erasing({ legalHold }, at) {
  const dialog = erasureDialog(at);
  const open = el('button', { type: 'button', onclick: () => dialog.showModal() }, 'Delete the file …');
  return [
    el('h2', {}, 'Deletion'),
    legalHold
      ? el('p', {}, 'Under legal hold it cannot be deleted.')
      : [
          el('p', {}, 'The file itself can be deleted; its hash and its history remain.'),
          el('p', {}, open),
          dialog,
        ],
  ];
}

/** Escape and “Keep it” close it, and the focus goes back to the button that opened it. */
function erasureDialog(at) {
  const wrong = refusal();
  const reason = el('textarea', {
    id: 'erasure-reason',
    rows: 3,
    maxlength: 4000,
    required: true,
    'aria-describedby': 'erasure-help',
  });
  const button = el('button', { class: 'grave' }, 'Delete for ever');
  const keep = el('button', { type: 'button', onclick: () => dialog.close() }, 'Keep it');
  const form = el(
    'form',
    { class: 'form' },
    el('h2', { id: 'erasure' }, 'Delete this file?'),
    el('p', {}, 'It cannot be brought back. Its hash, what was found, reviews and history stay.'),
    el('label', { for: 'erasure-reason' }, 'Why it is deleted'),
    reason,
    el('p', { id: 'erasure-help', class: 'note' }, 'It stands in the log under your name.'),
    wrong,
    el('p', {}, button, ' ', keep),
  );
  const dialog = el('dialog', { 'aria-labelledby': 'erasure' }, form);
  form.addEventListener('input', () =>
    reason.setCustomValidity(reason.value === '' || reason.value.trim() ? '' : 'Write a reason.'),
  );
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    const body = { reason: reason.value.trim() };
    const done = 'The file was deleted; its hash and its history remain';
    change(at, 'content', body, done, { button, wrong, method: 'DELETE' }).catch(() => {});
  });
  return dialog;
}
