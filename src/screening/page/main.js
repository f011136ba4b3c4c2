/** Finds the way: one view for each address behind the #, a heading that is focused, and signing in where it is needed. */
import { ApiError, resume, session, signIn, signOut } from './api.js';
import { card } from './card.js';
import { check } from './check.js';
import { forgetDrafts } from './decide.js';
import { el, foreign, moveTo, say, seen, short, showAgain } from './dom.js';
import { file } from './file.js';
import { files } from './files.js';
import { inbox } from './inbox.js';
import { leaderboard, runs } from './research.js';
import { review } from './review.js';
import { forgetFiles, isSending } from './uploads.js';

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
/** Why the tab was signed out, where its reader did not ask for it. */
let why;

/** `view` is undefined where there is none of that name, or the number is none. */
function address() {
  const [path, query] = location.hash.replace(/^#\/?/, '').split('?');
  const [name, id] = path.split('/');
  const among = id === undefined ? views : details;
  const view = Object.hasOwn(among, name) ? among[name] : undefined;
  const asked = { name, query: new URLSearchParams(query) };
  try {
    return { ...asked, view, id: id && decodeURIComponent(id) };
  } catch {
    return asked;
  }
}

/** `quietly` and `told`: as `showAgain` says. */
async function show({ quietly = false, told } = {}) {
  leave.abort();
  leave = new AbortController();
  const { signal } = leave;
  const { name, id, query, view } = address();
  showTop(name);
  if (!session()) return showSignIn();
  why = undefined;
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
    if (!signal.aborted) settle({ ...shown, body: [told && refusal(told), shown.body] }, quietly);
  } catch (error) {
    if (signal.aborted || error.name === 'AbortError') return;
    if (!(error instanceof ApiError)) console.error(error);
    if (error.status !== 401) settle(failed(error), quietly);
  } finally {
    clearTimeout(slow);
  }
}

function settle({ title, name, body }, quietly = false) {
  document.title = `${title}${name ? `: ${seen(name)}` : ''} · masque`;
  at('title').replaceChildren(title, ...(name ? [': ', short(name)] : []));
  at('view').replaceChildren(...body.flat(Infinity).filter(Boolean));
  at('view').removeAttribute('aria-busy');
  if (quietly) return;
  scrollTo(0, 0);
  moveTo(at('title'));
}

const refusal = (words) => el('p', { class: 'panel bad', role: 'alert' }, words);

const failed = (error) => ({
  title: 'That did not work',
  body: [
    refusal(error instanceof ApiError ? error.message : 'This page has a fault; the console says which.'),
    el('p', {}, el('button', { type: 'button', onclick: () => show() }, 'Try again')),
  ],
});

function showTop(current) {
  const who = session();
  at('nav').hidden = at('who').hidden = !who;
  if (!who) return;
  const own = links.filter(([name]) => who.role !== 'submitter' || !forReviewers.has(name));
  at('nav').replaceChildren(...own.map(([name, text]) => wayTo(`#/${name}`, name === current, text)));
  const leaveButton = el(
    'button',
    { type: 'button', class: 'quiet', onclick: () => void leaveSession() },
    'Sign out',
  );
  at('who').replaceChildren(el('span', {}, foreign(who.name), ` (${who.role})`), leaveButton);
}

/** The address that is shown is no way for the browser: there is nothing to go to. */
function wayTo(href, isCurrent, text) {
  const onclick = () => location.hash === href && showAgain();
  return el('a', { href, 'aria-current': isCurrent ? 'page' : null, onclick }, text);
}

async function leaveSession() {
  if (isSending() && !confirm('Files are still being sent. Sign out all the same?')) return;
  forgetFiles();
  forgetDrafts();
  try {
    await signOut();
    say('Signed out');
  } catch (error) {
    why = `You are signed out here, but the service was not told: in this browser its page still opens under your name. ${error.message}`;
  }
  location.hash = '#/';
  await show();
}

function showSignIn() {
  const key = el('input', {
    id: 'key',
    type: 'password',
    autocomplete: 'current-password',
    required: true,
    spellcheck: 'false',
    'aria-describedby': 'key-help',
  });
  const wrong = el('p', { class: 'panel bad', role: 'alert', hidden: !why }, why ?? '');
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

// The fragment of a link is an address here: followed, it would be another page.
document.querySelector('.skip').addEventListener('click', (event) => {
  event.preventDefault();
  moveTo(at('title'));
});
// A file that misses the field must not take the place of the page.
for (const event of ['dragover', 'drop']) addEventListener(event, (dropped) => dropped.preventDefault());
addEventListener('hashchange', () => void show());
addEventListener('show-again', ({ detail }) => void show(detail));
addEventListener('signed-out', ({ detail }) => {
  why = detail;
  void show();
});
// What fails here fails in the view too, and is told there.
void resume()
  .catch(() => {})
  .then(() => show());
