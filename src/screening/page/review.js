/** One file in quarantine: the reviewer's own opinion, then what the detectors say, then the decision. */
import { call, session } from './api.js';
import { el, foreign, moveTo, say, sizeOf, when } from './dom.js';
import { finding, received } from './finding.js';
import { progressOf } from './inbox.js';
import { keepOpinion, opinionOf } from './opinion.js';
import { preview } from './preview.js';
import { bases, decisions, kinds, opinions } from './words.js';

/** What was written and not sent, by file: it outlives signing in again. */
const drafts = new Map();

export async function review({ id, signal }) {
  const path = `/v1/quarantine/${encodeURIComponent(id)}`;
  const [item, history] = await Promise.all([call(path, { signal }), call(`${path}/history`, { signal })]);
  const media = item.media[0];
  const part = el('div', {}, judging(item, path));
  return {
    title: 'Review',
    name: media?.name ?? item.sha256.slice(0, 16),
    body: [
      el(
        'p',
        {},
        el('span', { class: 'badge off' }, progressOf(item)),
        item.legalHold && [' ', el('span', { class: 'badge off' }, 'Legal hold: nothing of it is deleted')],
      ),
      item.kept
        ? [
            preview(id),
            el(
              'p',
              {},
              el('a', { href: `${path}/content`, download: true }, 'Download the file as it came in'),
            ),
          ]
        : el('p', { class: 'panel' }, 'The file itself has been deleted; its hash and its history remain.'),
      part,
      reviewsOf(item),
      received(factsOf(item)),
      holding(item, path),
      historyOf(history),
      el('h2', {}, 'Evidence'),
      el(
        'p',
        {},
        'A signed package: the file, what was found, what people decided, and the part of the log that says so. It can be verified without this service.',
      ),
      el(
        'p',
        {},
        el('a', { class: 'button', href: `${path}/evidence`, download: true }, 'Download the evidence'),
      ),
    ],
  };
}

function judging(item, path) {
  const mine = item.reviews.find(({ reviewer }) => reviewer === session().name);
  const [media] = item.media;
  const says = media ? finding({ ...media, quarantineId: item.kept ? item.quarantineId : null }) : [];
  if (item.state !== 'held') return [says];
  if (mine)
    return [
      el(
        'p',
        { class: 'panel' },
        `You have ${decisions[mine.decision]} this file. ${progressOf(item)}: another reviewer is needed.`,
      ),
      says,
    ];
  if (!opinionOf(item.quarantineId)) return opinionForm(item, path);
  return [
    el(
      'p',
      { class: 'done', id: 'stated' },
      `Before you saw what the detectors say, you thought: ${opinions[opinionOf(item.quarantineId)]}.`,
    ),
    says,
    decisionForm(item, path),
  ];
}

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

function opinionForm(item, path) {
  const form = el(
    'form',
    { class: 'panel form' },
    el('h2', {}, 'Your own opinion first'),
    el(
      'p',
      {},
      'Look at the file, then say what you think. What the detectors say is shown after that, so that it cannot sway you.',
    ),
    radios('opinion', 'I think this file is', Object.entries(opinions)),
    el('button', { class: 'main' }, 'State it and show what the detectors say'),
  );
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    keepOpinion(item.quarantineId, new FormData(form).get('opinion'));
    const place = form.parentElement;
    place.replaceChildren(...judging(item, path).flat(Infinity).filter(Boolean));
    moveTo(place.querySelector('.verdict h2'));
  });
  return [form];
}

function decisionForm(item, path) {
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
  const more =
    item.releasesNeeded > 1 ? `(needs ${item.releasesNeeded} reviewers; ${progressOf(item)})` : null;
  const form = el(
    'form',
    { class: 'panel form' },
    el('h2', {}, 'Your decision'),
    radios('decision', 'This file is to be', [
      ['release', 'Released', more],
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
  restore(form, drafts.get(item.quarantineId));
  reason.addEventListener('input', () =>
    reason.setCustomValidity(reason.value === '' || reason.value.trim() ? '' : 'Write a reason.'),
  );
  form.addEventListener('input', () => drafts.set(item.quarantineId, new FormData(form)));
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    button.disabled = true;
    const written = Object.fromEntries(new FormData(form));
    const body = {
      basis: written.basis,
      reason: written.reason.trim(),
      opinionBefore: opinionOf(item.quarantineId),
    };
    call(`${path}/${written.decision}`, { method: 'POST', body }).then(
      () => {
        drafts.delete(item.quarantineId);
        say(written.decision === 'release' ? 'Your release was recorded' : 'Confirmed as fake');
        dispatchEvent(new HashChangeEvent('hashchange'));
      },
      (error) => {
        button.disabled = false;
        wrong.textContent = error.message;
        wrong.hidden = false;
      },
    );
  });
  return form;
}

function restore(form, draft) {
  for (const [name, value] of draft ?? []) form.elements[name].value = value;
}

const reviewsOf = ({ reviews }) =>
  reviews.length > 0 && [
    el('h2', {}, 'Reviews'),
    el(
      'ul',
      { class: 'rows plain' },
      reviews.map(({ reviewer, decision, basis, reason, opinionBefore, at }) =>
        el(
          'li',
          {},
          el('span', { class: 'name' }, foreign(reviewer), ` ${decisions[decision]} it, `, when(at)),
          el('span', {}, foreign(reason)),
          el(
            'span',
            { class: 'note' },
            `${bases[basis][0]} · thought before: ${opinions[opinionBefore].toLowerCase()}`,
          ),
        ),
      ),
    ),
  ];

function holding({ legalHold, quarantineId }, path) {
  if (session().role !== 'administrator') return null;
  const wrong = el('p', { class: 'panel bad', role: 'alert', hidden: true });
  const button = el('button', { type: 'button' }, legalHold ? 'Lift the legal hold' : 'Put under legal hold');
  button.addEventListener('click', () => {
    button.disabled = true;
    call(`${path}/hold`, { method: 'POST', body: { hold: !legalHold } }).then(
      () => {
        say(legalHold ? 'The legal hold was lifted' : 'It is under legal hold now');
        dispatchEvent(new HashChangeEvent('hashchange'));
      },
      (error) => {
        button.disabled = false;
        wrong.textContent = error.message;
        wrong.hidden = false;
      },
    );
  });
  return [
    el('h2', { id: `hold-${quarantineId}` }, 'Legal hold'),
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

const historyOf = (entries) => [
  el('h2', {}, 'History'),
  entries.length === 0
    ? el('p', { class: 'empty' }, 'Nothing is written about it.')
    : el(
        'ol',
        { class: 'history' },
        entries.map(({ at, what, ...detail }) =>
          el(
            'li',
            {},
            when(at),
            ' ',
            el('strong', {}, foreign(what)),
            el(
              'span',
              { class: 'note' },
              Object.entries(detail).map(([key, value]) => [
                ' · ',
                foreign(key),
                ': ',
                foreign(typeof value === 'string' ? value : JSON.stringify(value)),
              ]),
            ),
          ),
        ),
      ),
];

function factsOf({ media, sha256, since }) {
  const [first] = media;
  return [
    ['Held since', when(since)],
    ['Kind', kinds[first?.kind]],
    ['Size', first && sizeOf(first.bytes)],
    ['SHA-256', el('code', {}, sha256)],
    [
      'Received',
      el(
        'ul',
        { class: 'plain' },
        media.map((one) =>
          el(
            'li',
            {},
            when(one.receivedAt),
            ' as ',
            foreign(one.name),
            ' from ',
            foreign(one.source),
            ' by ',
            foreign(one.submitter),
          ),
        ),
      ),
    ],
  ];
}
