/** The list of received files; filters and page stand in the address, so that a link shows the same. */
import { el, short, sizeOf, when } from './dom.js';
import { askedPage, filterForm, pageOf, pager, select } from './lists.js';
import { actions, statuses, statusOf } from './words.js';

const keys = ['status', 'action', 'name', 'size'];

export async function files({ query, signal }) {
  const asked = askedPage(query, keys);
  const page = await pageOf('/v1/media', asked, signal);
  const filtered = ['status', 'action', 'name'].some((key) => query.get(key));
  return {
    title: 'Files',
    body: [
      filters(query),
      page.items.length > 0 ? list(page) : nothing(filtered),
      pager('files', query, page),
    ],
  };
}

/** A status as a word with its mark and colour. */
export const badge = (status) => {
  const { name, tone, mark } = statusOf(status);
  return el('span', { class: `badge ${tone}` }, el('span', { 'aria-hidden': 'true' }, `${mark} `), name);
};

const list = ({ items }) =>
  el(
    'ul',
    { class: 'rows' },
    items.map((media) =>
      el(
        'li',
        {},
        el('a', { class: 'name', href: `#/files/${encodeURIComponent(media.requestId)}` }, short(media.name)),
        el('span', {}, badge(media.status)),
        el('span', { class: 'note' }, media.action ? actions[media.action] : 'not decided yet'),
        el('span', { class: 'note stamp' }, when(media.receivedAt), ` · ${sizeOf(media.bytes)}`),
      ),
    ),
  );

const nothing = (filtered) =>
  el(
    'p',
    { class: 'empty' },
    filtered ? 'No file is like that. ' : 'No files yet. ',
    filtered ? el('a', { href: '#/files' }, 'Show all files') : el('a', { href: '#/' }, 'Check a file'),
  );

function filters(query) {
  const named = (words) => Object.entries(words).map(([value, word]) => [value, word.name ?? word]);
  return filterForm(
    'files',
    { role: 'search', 'aria-label': 'Filter the files' },
    select('status', 'Status', [['', 'any'], ...named(statuses)], query.get('status')),
    select('action', 'What was done', [['', 'anything'], ...named(actions)], query.get('action')),
    el(
      'p',
      {},
      el('label', { for: 'name' }, 'Part of the name'),
      el('input', {
        id: 'name',
        name: 'name',
        type: 'search',
        maxlength: 200,
        value: query.get('name') ?? '',
      }),
    ),
    select(
      'size',
      'On a page',
      ['20', '50', '100'].map((n) => [n, n]),
      query.get('size') ?? '20',
    ),
    el('p', {}, el('button', {}, 'Filter')),
  );
}
