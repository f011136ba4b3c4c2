/** Elements without markup: every text becomes a text node, so nothing that a file or the service says is ever read as HTML. */

/** `on…` are listeners, `true` is an empty attribute, `false`, null and undefined are none; children that are null or false are left out. */
export function el(tag, attributes = {}, ...children) {
  return fill(document.createElement(tag), attributes, children);
}

/** The same for SVG. */
export function svg(tag, attributes = {}, ...children) {
  return fill(document.createElementNS('http://www.w3.org/2000/svg', tag), attributes, children);
}

function fill(node, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith('on')) node.addEventListener(name.slice(2), value);
    else node.setAttribute(name, value === true ? '' : value);
  }
  node.append(
    ...children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false),
  );
  return node;
}

/** Emoji hold together by signs that cannot be seen; those of no emoji are matched alone. */
const unseen = /(\p{RGI_Emoji})|[\p{Cc}\p{Cf}\p{Default_Ignorable_Code_Point}\u2028\u2029]/gv;

/** Words of others as plain text: what cannot be seen is written out, so that no two names look the same by it. */
export const seen = (text) => String(text).replace(unseen, (c, emoji) => emoji ?? writtenOut(c));

function writtenOut(c) {
  const hex = c.codePointAt(0).toString(16);
  return hex.length > 4 ? `\\u{${hex}}` : `\\u${hex.padStart(4, '0')}`;
}

/** Words of others on one line; their direction ends where they end. */
export const foreign = (text) => el('bdi', { dir: 'auto' }, seen(text));

/** A name in a list: of a long one the beginning and the end, which tells what it pretends to be. */
export const short = (name) => foreign(name.length > 80 ? `${name.slice(0, 50)} … ${name.slice(-20)}` : name);

const toSay = [];
/** How long a sentence stands before the next takes its place: who listens hears each. */
const standsMs = 1000;

/** Reads a sentence to people who listen, after those before it; said again even where it is the same. */
export function say(sentence) {
  if (toSay.push(sentence) === 1) sayNext();
}

function sayNext() {
  const said = document.getElementById('said');
  said.textContent = '';
  setTimeout(() => (said.textContent = toSay[0]), 50);
  setTimeout(() => {
    toSay.shift();
    if (toSay.length > 0) sayNext();
  }, standsMs);
}

/** Moves on to what has just appeared. */
export function moveTo(heading) {
  heading.setAttribute('tabindex', '-1');
  heading.focus();
}

/** Asks for the view of this address anew. `quietly`: the reader did not ask for it, so the focus stays. `told`: stands above it, as what went wrong. */
export const showAgain = (how = {}) => dispatchEvent(new CustomEvent('show-again', { detail: how }));

export const when = (iso) =>
  el(
    'time',
    { datetime: iso },
    new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeStyle: 'short' }).format(new Date(iso)),
  );

export function sizeOf(bytes) {
  const units = ['B', 'KB', 'MB', 'GB'];
  const power = Math.min(3, Math.floor(Math.log10(Math.max(1, bytes)) / 3));
  return `${(bytes / 1000 ** power).toFixed(power === 0 || bytes / 1000 ** power >= 100 ? 0 : 1)} ${units[power]}`;
}

/** Terms with what they mean; pairs without a value are left out. */
export const facts = (pairs) =>
  el(
    'dl',
    { class: 'pairs' },
    pairs
      .filter(([, value]) => value !== null && value !== undefined)
      .map(([term, value]) => [el('dt', {}, term), el('dd', {}, value)]),
  );

/** A table that becomes cards on a narrow screen. `columns`: names; `rows`: cells, the first of which names the row. */
export const table = (caption, columns, rows) =>
  el(
    'table',
    { class: 'stack' },
    el('caption', {}, caption),
    el(
      'thead',
      {},
      el(
        'tr',
        {},
        columns.map((column) => el('th', { scope: 'col' }, column)),
      ),
    ),
    el(
      'tbody',
      {},
      rows.map(([head, ...cells]) =>
        el(
          'tr',
          {},
          el('th', { scope: 'row' }, head),
          cells.map((cell, i) => el('td', { 'data-label': columns[i + 1] }, cell ?? '–')),
        ),
      ),
    ),
  );
