/** Quarantine as an inbox. It shows neither status nor score: who reviews a file says first what they think of it. */
import { session } from './api.js';
import { el, seen, short, when } from './dom.js';
import { askedPage, filterForm, pageOf, pager, select } from './lists.js';
import { preview } from './preview.js';
import { states } from './words.js';

export async function inbox({ query, signal }) {
  const state = query.get('state') ?? 'held';
  const asked = askedPage(query, []);
  asked.set('state', state);
  const page = await pageOf('/v1/quarantine', asked, signal);
  return {
    title: 'Quarantine',
    body: [
      filters(state),
      page.items.length > 0 ? list(page) : empty(state),
      pager('quarantine', query, page),
    ],
  };
}

const filters = (state) =>
  filterForm(
    'quarantine',
    {},
    select('state', 'Show', Object.entries(states), state),
    el('p', {}, el('button', {}, 'Show')),
  );

const empty = (state) =>
  el(
    'p',
    { class: 'empty' },
    state === 'held' ? 'Nothing is waiting for a review.' : 'There is no such file.',
  );

const list = ({ items }) => el('ul', { class: 'inbox' }, items.map(entry));

function entry(item) {
  const { quarantineId, media, since, legalHold } = item;
  const name = media[0]?.name ?? item.sha256.slice(0, 16);
  return el(
    'li',
    {},
    preview(quarantineId, [], ` of ${seen(name)}`),
    el(
      'div',
      {},
      el('h2', {}, el('a', { href: `#/quarantine/${encodeURIComponent(quarantineId)}` }, short(name))),
      el(
        'p',
        { class: 'note' },
        'held since ',
        when(since),
        media.length > 1 && ` · received ${media.length} times`,
      ),
      el(
        'p',
        {},
        el('span', { class: 'badge off' }, progressOf(item)),
        legalHold && [' ', el('span', { class: 'badge off' }, 'Legal hold')],
      ),
      ownReview(item) && el('p', { class: 'note' }, 'You have decided on this file.'),
    ),
  );
}

/** Until it is decided, who released it before something more was said of it has to look again. */
const standing = ({ state, reviews, verdicts }) =>
  reviews.filter(({ seen: looked }) => state !== 'held' || looked === verdicts);

export const releasesOf = (item) => standing(item).filter(({ decision }) => decision === 'released');
/** What the reader has decided, as far as it stands. */
export const ownReview = (item) => standing(item).find(({ reviewer }) => reviewer === session().name);

/** How far the reviews are; what others decided sways as scores do, so that nobody is told before they have an opinion. */
export function progressOf(item) {
  const { state, opinion, releasesNeeded } = item;
  if (state !== 'held') return states[state];
  const releases = releasesOf(item).length;
  return releases === 0 || !opinion ? 'Needs a review' : `${releases} of ${releasesNeeded} releases`;
}
