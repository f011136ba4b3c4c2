/** One file in quarantine: the reviewer's own opinion, then what the detectors say, then the decision. */
import { administering } from './administer.js';
import { call, session } from './api.js';
import { decisionForm, opinionForm } from './decide.js';
import { el, foreign, moveTo, sizeOf, when } from './dom.js';
import { finding, received } from './finding.js';
import { progressOf } from './inbox.js';
import { measuredFor } from './measured.js';
import { opinionOf } from './opinion.js';
import { preview } from './preview.js';
import { bases, decided, kinds, opinions } from './words.js';

export async function review({ id, signal }) {
  const path = `/v1/quarantine/${encodeURIComponent(id)}`;
  const [item, history] = await Promise.all([call(path, { signal }), call(`${path}/history`, { signal })]);
  const measured = await measuredFor(item.media[0], signal);
  return {
    title: 'Review',
    name: item.media[0]?.name ?? item.sha256.slice(0, 16),
    body: [
      el(
        'p',
        {},
        el('span', { class: 'badge off' }, progressOf(item)),
        item.legalHold && [' ', el('span', { class: 'badge off' }, 'Legal hold: nothing of it is deleted')],
      ),
      item.kept
        ? el('p', {}, el('a', { href: `${path}/content`, download: true }, 'Download the file as it came in'))
        : el('p', { class: 'panel' }, 'The file itself has been deleted; its hash and its history remain.'),
      judging({ item, history, measured }, path),
    ],
  };
}

/** What the reviewer reads and does; it becomes another once an opinion is stated. */
function judging(about, path) {
  const part = el('div', { class: 'judging' });
  const show = () => part.replaceChildren(...partsOf(about, path, stated).flat(Infinity).filter(Boolean));
  const stated = () => {
    show();
    moveTo(part.querySelector('h2'));
  };
  show();
  return part;
}

/** Scores stand in the history and in the evidence too, and what others decided sways as they do. */
function partsOf({ item, history, measured }, path, stated) {
  const [media] = item.media;
  const picture = item.kept && preview(item.quarantineId);
  const mine = item.reviews.find(({ reviewer }) => reviewer === session().name);
  const opinion = opinionOf(item.quarantineId);
  const isOpen = item.state === 'held' && !mine;
  const about = [received(factsOf(item)), session().role === 'administrator' && administering(item, path)];
  if (isOpen && !opinion)
    return [
      picture,
      opinionForm(item, stated),
      about,
      el('p', { class: 'note' }, 'Reviews of others, history and evidence are shown after your opinion too.'),
    ];
  const hasBoxes = media?.localisation?.some(({ box }) => box);
  const shown = { ...media, quarantineId: item.kept ? item.quarantineId : null };
  const says = media && finding(shown, measured);
  return [
    isOpen &&
      el(
        'p',
        { class: 'done' },
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
    isOpen && decisionForm(item, path),
    reviewsOf(item),
    about,
    historyOf(history),
    evidence(path),
  ];
}

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

const historyOf = (entries) => [
  el('h2', {}, 'History'),
  entries.length === 0
    ? el('p', { class: 'empty' }, 'Nothing is written about it.')
    : el('ol', { class: 'history' }, entries.map(entryOf)),
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
