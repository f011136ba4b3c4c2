/** Files are dropped or chosen, sent one after another, and followed until there is a verdict. */
import { call, pause, upload } from './api.js';
import { el, say, seen, short, sizeOf } from './dom.js';
import { badge } from './files.js';
import { isPending, statusOf } from './words.js';

export async function check({ signal }) {
  const input = el('input', {
    id: 'file',
    type: 'file',
    multiple: true,
    accept: 'video/*,image/*,audio/*',
    'aria-describedby': 'file-help',
  });
  const zone = el(
    'div',
    { class: 'drop' },
    el('label', { for: 'file' }, 'Drop a file here, or choose one'),
    input,
    el(
      'p',
      { id: 'file-help', class: 'note' },
      'Video, photo or sound. It is kept on this service as it is and shown to its reviewers; nothing is sent elsewhere.',
    ),
  );
  const sent = el('ul', { class: 'rows sent', 'aria-label': 'Files of this visit' });
  const take = (files) => void sendAll([...files], sent, signal);
  input.addEventListener('change', () => (take(input.files), (input.value = '')));
  const over = (on) => (event) => (event.preventDefault(), zone.classList.toggle('over', on));
  zone.addEventListener('dragover', over(true));
  zone.addEventListener('dragleave', over(false));
  zone.addEventListener('drop', (event) => (over(false)(event), take(event.dataTransfer.files)));
  const promise = el(
    'p',
    { class: 'lead' },
    'The detectors look for traces of face swapping, animated faces and made voices. What they find is a reason to look closer, never a proof; finding nothing is none either.',
  );
  return { title: 'Check a file', body: [promise, zone, sent] };
}

async function sendAll(files, list, signal) {
  const rows = files.map((file) => ({ file, row: rowOf(file) }));
  list.prepend(...rows.map(({ row }) => row.node));
  for (const { file, row } of rows) {
    if (signal.aborted) return;
    const requestId = await sendOne(file, row, signal);
    if (!requestId || signal.aborted) continue;
    if (files.length === 1) return void (location.hash = `#/files/${encodeURIComponent(requestId)}`);
    void followRow(requestId, row, signal);
  }
}

function rowOf(file) {
  const state = el('span', { class: 'note' }, 'waits until the files before it are sent');
  const bar = el('progress', { max: 1, value: 0, hidden: true, 'aria-label': `Sending ${seen(file.name)}` });
  const name = el(
    'span',
    { class: 'name' },
    short(file.name),
    el('span', { class: 'note' }, ` ${sizeOf(file.size)}`),
  );
  const button = el('button', { type: 'button', class: 'small', hidden: true });
  return { node: el('li', {}, name, bar, state, button), name, bar, state, button };
}

/** The number it got, or undefined: then the row says why and offers to try again. Where the service has no room, it waits as long as it was told to. */
async function sendOne(file, row, signal) {
  const cancel = new AbortController();
  signal.addEventListener('abort', () => cancel.abort());
  setButton(row, 'Cancel', file, () => cancel.abort());
  say(`Sending ${seen(file.name)}`);
  for (;;) {
    row.bar.hidden = false;
    row.state.classList.remove('bad');
    try {
      const { requestId } = await upload(file, { onProgress: progressIn(row), signal: cancel.signal });
      say(`${seen(file.name)} was received`);
      row.bar.remove();
      row.button.remove();
      row.state.textContent = 'received';
      return requestId;
    } catch (error) {
      row.bar.hidden = true;
      row.state.classList.add('bad');
      row.state.textContent = error.name === 'AbortError' ? 'cancelled; nothing was kept' : error.message;
      say(`${seen(file.name)}: ${row.state.textContent}`);
      if (error.retryAt) {
        row.state.append(' This page will.');
        await pause(Math.max(0, error.retryAt - new Date()), cancel.signal);
        if (!cancel.signal.aborted) continue;
        row.state.textContent = 'cancelled; nothing was kept';
      }
      setButton(row, 'Try again', file, () => void tryAgain(file, row, signal));
      return undefined;
    }
  }
}

const setButton = ({ button }, word, file, onClick) => {
  button.replaceChildren(word, el('span', { class: 'hidden' }, ` ${seen(file.name)}`));
  button.onclick = onClick;
  button.hidden = false;
};

const progressIn = (row) => (share) => {
  row.bar.value = share;
  row.state.textContent =
    share < 1
      ? `sending: ${Math.floor(100 * share)} of 100 parts; stay on this page`
      : 'sent; the service takes it in';
};

async function tryAgain(file, row, signal) {
  const requestId = await sendOne(file, row, signal);
  if (requestId) await followRow(requestId, row, signal);
}

async function followRow(requestId, row, signal) {
  row.name.replaceChildren(
    el('a', { href: `#/files/${encodeURIComponent(requestId)}` }, ...row.name.childNodes),
  );
  for (let wait = 500; !signal.aborted; wait = Math.min(5000, wait * 1.3)) {
    try {
      const { status } = await call(`/v1/media/${encodeURIComponent(requestId)}`, { signal });
      row.state.replaceChildren(badge(status));
      if (!isPending(status)) return say(`${row.name.textContent}: ${statusOf(status).headline}`);
    } catch (error) {
      if (signal.aborted || error.status === 401) return;
      row.state.textContent = error.message;
      if (error.retryAt) await pause(Math.max(0, error.retryAt - new Date()), signal);
    }
    await pause(wait, signal);
  }
}
