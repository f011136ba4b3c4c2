/** One file in quarantine: the reviewer's own opinion, then what the detectors say, then the decision. */
import { administering } from './administer.js';
import { call, session } from './api.js';
import { decisionForm, opinionForm } from './decide.js';
import { el, foreign, moveTo, sizeOf, when } from './dom.js';
import { finding, received } from './finding.js';
import { ownReview, progressOf } from './inbox.js';
import { measuredFor } from './measured.js';
import { preview } from './preview.js';
import { bases, decided, kinds, opinions, statusOf } from './words.js';

export async function review({ id, signal }) {
  const path = `/v1/quarantine/${encodeURIComponent(id)}`;
  const [item, history] = await Promise.all([
    call(path, { signal }),
    call(`${path}/history?size=100`, { signal }),
  ]);
  const measured = await measuredFor(item.findings[0], signal);
  const name = item.media[0]?.name ?? item.sha256.slice(0, 16);
  const progress = el('span', { class: 'badge off' }, progressOf(item));
  return {
    title: 'Review',
    name,
    body: [
      el(
        'p',
        {},
        progress,
        item.legalHold && [' ', el('span', { class: 'badge off' }, 'Legal hold: nothing of it is deleted')],
      ),
      item.kept
        ? el('p', {}, el('a', { href: `${path}/content`, download: true }, 'Download the file as it came in'))
        : el('p', { class: 'panel' }, 'The file itself has been deleted; its hash and its history remain.'),
      judging({ item, history, measured, progress }, { path, name, signal }),
    ],
  };
}

/** What the reviewer reads and does; it becomes another once an opinion is stated. */
function judging(about, at) {
  const part = el('div');
  const show = (now) => part.replaceChildren(...partsOf(now, at, stated).flat(Infinity).filter(Boolean));
  const stated = async (item) => {
    if (at.signal.aborted) return;
    const measured = await measuredFor(item.findings[0]).catch(() => null);
    about.progress.textContent = progressOf(item);
    show({ ...about, item, measured });
    moveTo(part.querySelector('h2'));
  };
  show(about);
  return part;
}

/** Scores stand in the history and in the evidence too, and what others decided sways as they do. */
function partsOf({ item, history, measured }, at, stated) {
  const { opinion } = item;
  const picture = item.kept && preview(item.quarantineId);
  const mine = ownReview(item);
  const isOpen = item.state === 'held' && !mine;
  const about = [received(factsOf(item)), session().role === 'administrator' && administering(item, at)];
  if (isOpen && !opinion)
    return [
      picture,
      opinionForm(at, stated),
      about,
      el('p', { class: 'note' }, 'Reviews of others, history and evidence are shown after your opinion too.'),
    ];
  const [first, ...others] = item.findings;
  const hasBoxes = first.localisation.some(({ box }) => box);
  const quarantineId = item.kept ? item.quarantineId : null;
  const says = finding({ ...first, quarantineId, similar: item.media[0]?.similar }, measured);
  return [
    isOpen &&
      el(
        'p',
        { class: 'muted' },
        `Before you saw what the detectors say, you thought: ${opinions[opinion]}. `,
        toDecision(),
      ),
    item.state === 'held' &&
      mine &&
      el(
        'p',
        { class: 'panel' },
        `You have ${decided(mine.decision, 'this file')} (${progressOf(item)}). Another reviewer is needed.`,
      ),
    !hasBoxes && picture,
    says,
    alsoSaid(others),
    isOpen && decisionForm(item, at),
    reviewsOf(item),
    about,
    historyOf(history),
    evidence(at.path),
  ];
}

/** By other bundles, and at the door of how it came in: one of these may be why it is held. */
const alsoSaid = (findings) =>
  findings.length > 0 && [
    el('h2', {}, 'What else was said of it'),
    el(
      'ul',
      {},
      findings.map(({ status, reasons }) =>
        el(
          'li',
          {},
          el('strong', {}, statusOf(status).name),
          reasons.map(({ message }) => [' · ', foreign(message)]),
        ),
      ),
    ),
  ];

const evidence = (path) => [
  el('h2', {}, 'Evidence'),
  el(
    'p',
    {},
    'A signed package of what came in, what was found and what people decided. It can be verified without this service.',
  ),
  el(
    'p',
    {},
    el('a', { class: 'button', href: `${path}/evidence`, download: true }, 'Download the evidence'),
  ),
];

/** A link would be another address. */
const toDecision = () =>
  el(
    'button',
    { type: 'button', class: 'quiet', onclick: () => moveTo(document.getElementById('decision')) },
    'Go to your decision',
  );

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
          el('span', { class: 'name' }, foreign(reviewer), ` ${decided(decision, 'it')}, `, when(at)),
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

/** The service gives the newest first; people read from the beginning. */
const historyOf = ({ items, totalItems }) => [
  el('h2', {}, 'History'),
  totalItems > items.length &&
    el('p', { class: 'note' }, `The last ${items.length} of ${totalItems} entries; the evidence has all.`),
  items.length === 0
    ? el('p', { class: 'empty' }, 'Nothing is written about it.')
    : el('ol', { class: 'history' }, items.toReversed().map(entryOf)),
];

const entryOf = ({ at, what, ...detail }) =>
  el(
    'li',
    {},
    when(at),
    ' ',
    el('strong', {}, foreign(what)),
    el(
      'span',
      { class: 'note' },
      Object.entries(detail)
        .filter(([key, value]) => key !== 'sha256' && value !== null)
        .map(([key, value]) => [
          ' · ',
          foreign(key),
          ': ',
          foreign(typeof value === 'string' ? value : JSON.stringify(value)),
        ]),
    ),
  );

function factsOf({ media, findings, sha256, since }) {
  const [first] = media;
  return [
    ['Held since', when(since)],
    ['Kind', kinds[findings[0].kind]],
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
