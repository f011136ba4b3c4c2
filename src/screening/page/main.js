/** Finds the way: one view for each address behind the #, a heading that is focused, and signing in where it is needed. */
import { ApiError, session, signIn, signOut } from './api.js';
import { card } from './card.js';
import { check } from './check.js';
import { el, foreign, moveTo, say, seen, short } from './dom.js';
import { file } from './file.js';
import { files } from './files.js';
import { inbox } from './inbox.js';
import { leaderboard, runs } from './research.js';
import { review } from './review.js';
import { roles } from './words.js';

/** Each view gets `{id, query, signal}` and resolves with `{title, name?, body}`; `signal` fires when the reader goes on. */
const views = { '': check, files, quarantine: inbox, card, leaderboard, runs };
const details = { files: file, quarantine: review };
const links = [
  ['', 'Check a file'],
  ['files', 'Files'],
  ['quarantine', 'Quarantine'],
  ['card', 'Detectors'],
  ['leaderboard', 'Leaderboard'],
  ['runs', 'Runs'],
];
const forReviewers = new Set(['quarantine', 'leaderboard', 'runs']);
const at = (id) => document.getElementById(id);

let leave = new AbortController();

function address() {
  const [path, query] = location.hash.replace(/^#\/?/, '').split('?');
  const [name, id] = path.split('/');
  return {
    name,
    id: id === undefined ? undefined : decodeURIComponent(id),
    query: new URLSearchParams(query),
  };
}

/** `quietly`: the reader did not ask for it, so the focus stays. */
async function show(quietly = false) {
  leave.abort();
  leave = new AbortController();
  const { signal } = leave;
  const { name, id, query } = address();
  showTop(name);
  if (!session()) return showSignIn();
  const view = id === undefined ? views[name] : details[name];
  if (!view)
    return settle(
      { title: 'There is no such page', body: [el('p', {}, el('a', { href: '#/' }, 'Check a file'))] },
      quietly,
    );
  at('view').setAttribute('aria-busy', 'true');
  const slow = setTimeout(() => {
    at('title').textContent = 'Loading…';
    at('view').replaceChildren(el('p', { class: 'muted' }, 'One moment.'));
    say('Loading');
  }, 200);
  try {
    const shown = await view({ id, query, signal });
    if (!signal.aborted) settle(shown, quietly);
  } catch (error) {
    if (signal.aborted || error.name === 'AbortError') return;
    if (!(error instanceof ApiError)) console.error(error);
    if (error.status !== 401) settle(failed(error), quietly);
  } finally {
    clearTimeout(slow);
    if (!signal.aborted) at('view').removeAttribute('aria-busy');
  }
}

function settle({ title, name, body }, quietly = false) {
  document.title = `${title}${name ? `: ${seen(name)}` : ''} · masque`;
  at('title').replaceChildren(title, ...(name ? [': ', short(name)] : []));
  at('view').replaceChildren(...body.flat(Infinity).filter(Boolean));
  if (quietly) return;
  scrollTo(0, 0);
  moveTo(at('title'));
}

const failed = (error) => ({
  title: 'That did not work',
  body: [
    el(
      'p',
      { class: 'panel bad', role: 'alert' },
      error instanceof ApiError ? error.message : 'This page has a fault; the console says which.',
    ),
    el('p', {}, el('button', { type: 'button', onclick: () => show() }, 'Try again')),
  ],
});

function showTop(current) {
  const who = session();
  at('nav').hidden = at('who').hidden = !who;
  if (!who) return;
  const own = links.filter(([name]) => who.role !== 'submitter' || !forReviewers.has(name));
  at('nav').replaceChildren(
    ...own.map(([name, text]) =>
      el('a', { href: `#/${name}`, 'aria-current': name === current ? 'page' : null }, text),
    ),
  );
  const leaveButton = el(
    'button',
    { type: 'button', class: 'quiet', onclick: () => void leaveSession() },
    'Sign out',
  );
  at('who').replaceChildren(
    el('span', {}, foreign(who.name), ` (${roles[who.role] ?? who.role})`),
    leaveButton,
  );
}

async function leaveSession() {
  await signOut().catch(() => {});
  location.hash = '#/';
  await show();
  say('Signed out');
}

function showSignIn(told) {
  const key = el('input', {
    id: 'key',
    type: 'password',
    autocomplete: 'current-password',
    required: true,
    spellcheck: 'false',
    'aria-describedby': 'key-help',
  });
  const wrong = el('p', { class: 'panel bad', role: 'alert', hidden: !told }, told ?? '');
  const button = el('button', { class: 'main' }, 'Sign in');
  const form = el(
    'form',
    { class: 'signin' },
    el('label', { for: 'key' }, 'Key'),
    key,
    el(
      'p',
      { id: 'key-help', class: 'note' },
      'The key that the operator of this service gave you. It is sent once and not kept in the browser.',
    ),
    button,
  );
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    button.disabled = true;
    signIn(key.value).then(
      () => show(),
      (error) => {
        button.disabled = false;
        wrong.textContent = error.message;
        wrong.hidden = false;
        key.focus();
        key.select();
      },
    );
  });
  settle({
    title: 'Sign in',
    body: [
      wrong,
      el(
        'p',
        { class: 'lead' },
        'Screen videos, photos and sound recordings for signs of manipulation, and review what is held in quarantine.',
      ),
      form,
    ],
  });
}

// A file that misses the field must not take the place of the page.
for (const event of ['dragover', 'drop']) addEventListener(event, (dropped) => dropped.preventDefault());
addEventListener('hashchange', () => void show());
addEventListener('show-again', () => void show(true));
addEventListener('signed-out', () => {
  leave.abort();
  showTop(address().name);
  showSignIn('You are not signed in any more. Sign in again to go on where you were.');
});
void show();
