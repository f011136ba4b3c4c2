/** Files on their way to the service, one after another. Queue and list outlive the views: who looks at another page ends nothing. */
import { pause, session, upload } from './api.js';
import { el, moveTo, say, seen, short, sizeOf } from './dom.js';
import { badge } from './files.js';
import { follow } from './follow.js';
import { isPending, statusOf } from './words.js';

const list = el('ul', { class: 'rows sent', 'aria-label': 'Files of this visit' });
let rows = [];
/** The first is being sent, or waits until the service has room. */
let queue = [];
/** Fires when the person goes whose files they are. */
let visit = new AbortController();
let owner;
/** Of the view that shows the list. */
let view;

export const isSending = () => queue.length > 0;

/** The list, for the view of that signal: files are followed while somebody looks at it. */
export function sentFiles(signal) {
  if (owner !== session().name) forgetFiles();
  owner = session().name;
  view = signal;
  for (const row of rows) void followRow(row);
  return list;
}

/** Ends what is being sent. */
export function forgetFiles() {
  visit.abort();
  visit = new AbortController();
  [rows, queue] = [[], []];
  list.replaceChildren();
  removeEventListener('beforeunload', askFirst);
}

/** A file that is alone is shown once it is there. */
export function take(files) {
  const isAlone = files.length === 1 && !isSending();
  const taken = [...files].map((file) => ({ ...rowOf(file), isAlone }));
  list.prepend(...taken.map(({ node }) => node));
  rows.push(...taken);
  enqueue(taken);
}

function enqueue(more) {
  for (const row of more) {
    row.state.classList.remove('bad');
    row.state.textContent = 'waits until the files before it are sent';
    row.button.hidden = true;
  }
  const isIdle = !isSending();
  queue.push(...more);
  if (isIdle) void sendAll(visit.signal);
}

const askFirst = (event) => event.preventDefault();

async function sendAll(signal) {
  addEventListener('beforeunload', askFirst);
  while (isSending()) {
    const [row] = queue;
    row.requestId = await sendOne(row, signal);
    if (signal.aborted) return;
    queue.shift();
    if (row.requestId) arrived(row);
  }
  removeEventListener('beforeunload', askFirst);
}

/** Goes to the file by itself only where the reader waits here and for nothing else. */
function arrived(row) {
  const href = `#/files/${encodeURIComponent(row.requestId)}`;
  row.name.replaceChildren(el('a', { href }, ...row.name.childNodes));
  if (view.aborted) return;
  if (row.isAlone && !isSending()) location.hash = href;
  else void followRow(row);
}

function rowOf(file) {
  const state = el('span', { class: 'note' });
  const bar = el('progress', { max: 1, value: 0, hidden: true, 'aria-label': `Sending ${seen(file.name)}` });
  const size = el('span', { class: 'note' }, ` ${sizeOf(file.size)}`);
  const name = el('span', { class: 'name' }, short(file.name), size);
  const button = el('button', { type: 'button', class: 'small', hidden: true });
  return { file, node: el('li', {}, name, bar, state, button), name, bar, state, button };
}

/** The number it got, or undefined: then the row says why and offers to try again. Where the service has no room, it waits as long as it was told to. */
async function sendOne(row, signal) {
  const { file, state, bar } = row;
  const cancel = new AbortController();
  signal.addEventListener('abort', () => cancel.abort());
  say(`Sending ${seen(file.name)}`);
  for (;;) {
    offer(row, 'Cancel', () => cancel.abort());
    bar.hidden = false;
    state.classList.remove('bad');
    try {
      const { requestId } = await upload(file, { onProgress: progressIn(row), signal: cancel.signal });
      bar.hidden = true;
      withdraw(row);
      state.textContent = 'received';
      say(`${seen(file.name)} was received`);
      return requestId;
    } catch (error) {
      if (signal.aborted) return undefined;
      bar.hidden = true;
      state.classList.add('bad');
      state.textContent = error.name === 'AbortError' ? cancelled : error.message;
      say(`${seen(file.name)}: ${state.textContent}`);
      if (error.retryAt) {
        offer(row, 'Cancel', () => cancel.abort());
        state.append(' This page will.');
        await pause(Math.max(0, error.retryAt - new Date()), cancel.signal);
        if (!cancel.signal.aborted) continue;
        state.textContent = cancelled;
      }
      offer(row, 'Try again', () => {
        row.isAlone = false;
        enqueue([row]);
      });
      return undefined;
    }
  }
}

const cancelled = 'cancelled; nothing was kept';

function offer({ button, file }, word, onClick) {
  button.replaceChildren(word, el('span', { class: 'hidden' }, ` ${seen(file.name)}`));
  button.onclick = onClick;
  button.hidden = false;
}

/** The focus stays in the row. */
function withdraw({ button, state }) {
  const wasFocused = document.activeElement === button;
  button.hidden = true;
  if (wasFocused) moveTo(state);
}

/** What has left as a whole may be kept already, so it cannot be cancelled any more. */
const progressIn = (row) => (share) => {
  row.bar.value = share;
  row.state.textContent =
    share < 1
      ? `sending: ${Math.floor(100 * share)} of 100 parts; leave this page open`
      : 'sent; the service takes it in';
  if (share === 1) withdraw(row);
};

/** Until there is a verdict, or the reader goes on. */
async function followRow(row) {
  if (!row.requestId || row.isJudged) return;
  for await (const { status, error } of follow(row.requestId, view)) {
    row.state.replaceChildren(error ? error.message : badge(status));
    if (error || isPending(status)) continue;
    row.isJudged = true;
    return say(`${row.name.textContent}: ${statusOf(status).headline}`);
  }
}
