/** Parts of lists: choices, pages, and the address that gives a list again. */
import { call } from './api.js';
import { el, showAgain } from './dom.js';

/** `#/name?…` of what is chosen; empty choices are left out. */
function toHash(name, choices) {
  const query = new URLSearchParams([...choices].filter(([, value]) => value !== '' && value !== null));
  return `#/${name}${query.size > 0 ? `?${query}` : ''}`;
}

/** What the service is asked for: the given keys of the address, and the page, which people count from 1 and the service from 0. */
export function askedPage(query, keys) {
  const asked = new URLSearchParams(keys.filter((key) => query.get(key)).map((key) => [key, query.get(key)]));
  asked.set('size', asked.get('size') ?? '20');
  const page = Number(query.get('page') ?? 1);
  asked.set('page', String(Number.isInteger(page) && page > 0 ? page - 1 : 0));
  return asked;
}

/** What the service answers; of a list that has become shorter than the page that is asked for, its last. */
export async function pageOf(path, asked, signal) {
  const page = await call(`${path}?${asked}`, { signal });
  if (page.items.length > 0 || page.totalItems === 0) return page;
  asked.set('page', String(page.totalPages - 1));
  return call(`${path}?${asked}`, { signal });
}

/** Goes to an address, also to that which is shown. */
function goTo(hash) {
  if (location.hash === hash) showAgain();
  else location.hash = hash;
}

/** A form whose choices become the address of the list of that name; `attributes` beside its class. */
export function filterForm(name, attributes, ...fields) {
  const form = el('form', { class: 'filters', ...attributes }, ...fields);
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    goTo(toHash(name, new FormData(form)));
  });
  return form;
}

/** `options`: pairs of value and word. */
export const select = (name, label, options, chosen) =>
  el(
    'p',
    {},
    el('label', { for: name }, label),
    el(
      'select',
      { id: name, name },
      options.map(([value, word]) => el('option', { value, selected: value === (chosen ?? '') }, word)),
    ),
  );

/** Ways to the pages before and after; nothing where there is one page. */
export function pager(name, query, { currentPage, totalPages, totalItems }) {
  const to = (page) =>
    toHash(name, [...query].filter(([key]) => key !== 'page').concat([['page', String(page)]]));
  const way = (page, text, there) =>
    there ? el('a', { href: to(page) }, text) : el('span', { class: 'muted' }, text);
  if (totalItems === 0) return null;
  const shown = currentPage + 1;
  const where = `Page ${shown} of ${totalPages}, ${totalItems} in all`;
  if (totalPages <= 1) return el('p', { class: 'note' }, `${totalItems} in all`);
  return el(
    'nav',
    { class: 'pager', 'aria-label': 'Pages' },
    way(shown - 1, '← Before', shown > 1),
    el('span', {}, where),
    way(shown + 1, 'After →', shown < totalPages),
  );
}
