/** The service's HTTP interface as the page uses it: cookie and token of a session, errors in plain words, uploads with progress. */

import { seen } from './dom.js';

/** What went wrong, for people. `retryAt`: when the service will have room, as it says. */
export class ApiError extends Error {
  constructor(status, message, retryAt = null) {
    super(message);
    this.status = status;
    this.retryAt = retryAt;
  }
}

const where = 'masque-session';

/** `{name, role, token}` of this tab, or null. The key itself is not kept. */
export function session() {
  return JSON.parse(sessionStorage.getItem(where) ?? 'null');
}

const keep = ({ name, role, token }) => sessionStorage.setItem(where, JSON.stringify({ name, role, token }));

/** This tab is signed out, and told why. */
function end(why) {
  if (!session()) return;
  sessionStorage.removeItem(where);
  dispatchEvent(new CustomEvent('signed-out', { detail: `${why} Sign in again to go on where you were.` }));
}
const isOver = 'You are not signed in any more.';

export async function signIn(key) {
  keep(await once('/v1/session', { method: 'POST', body: { key } }));
}

/** Takes over the session of the browser's cookie, which another tab may have begun. Where there is none, or it is another person's than this tab's, the tab is signed out. @throws ApiError */
export async function resume() {
  const known = session();
  try {
    const found = await once('/v1/session');
    if (known && known.name !== found.name) end(`${seen(found.name)} has signed in in another tab.`);
    else keep(found);
  } catch (error) {
    if (error.status !== 401) throw error;
    end(isOver);
  }
}

/** The session of this tab is forgotten. @throws ApiError where the service was not told: the browser's cookie is still good then. */
export async function signOut() {
  try {
    await call('/v1/session', { method: 'DELETE' });
  } catch (error) {
    if (error.status !== 401) throw error;
  } finally {
    sessionStorage.clear();
  }
}

/** The JSON that a path answers with. @throws ApiError; at 401 the session is forgotten first. */
export const call = (path, options) => withToken(() => once(path, options));

/** Asks once more where the token of this tab was no longer that of the browser's session. */
async function withToken(ask) {
  const token = session()?.token;
  try {
    return await ask();
  } catch (error) {
    if (error.status !== 403) throw error;
    await resume();
    if (!session()) throw new ApiError(401, sentences[401]);
    if (session().token === token) throw error;
    return ask();
  }
}

async function once(path, { method = 'GET', body, signal } = {}) {
  const headers = { accept: 'application/json' };
  if (body !== undefined) headers['content-type'] = 'application/json';
  if (method !== 'GET' && session()) headers['X-CSRF-TOKEN'] = session().token;
  const options = { method, headers, credentials: 'same-origin', signal };
  if (body !== undefined) options.body = JSON.stringify(body);
  const { status, text, retryAfter } = await ask(path, options);
  return answered(status, text, retryAfter, path);
}

/** @throws ApiError where the connection is lost, also within the answer; AbortError. */
async function ask(path, options) {
  try {
    const response = await fetch(path, options);
    const { status, headers } = response;
    return { status, text: await response.text(), retryAfter: headers.get('retry-after') };
  } catch (error) {
    if (error.name === 'AbortError') throw error;
    throw new ApiError(0, sentences[0]);
  }
}

/** What a body says. @throws ApiError where it is a refusal, or unreadable. */
function answered(status, text, retryAfter, path) {
  if (status < 200 || status >= 300) throw refused(status, text, retryAfter, path);
  try {
    return text === '' ? null : JSON.parse(text);
  } catch {
    throw new ApiError(status, 'The service gave an answer that this page cannot read.');
  }
}

/** Sends a file; `onProgress` is told the share that has left, in [0, 1]. Gives `{requestId, status}`. @throws ApiError, AbortError. */
export async function upload(file, options) {
  if (!session()) throw new ApiError(401, sentences[401]);
  return withToken(() => send(file, options));
}

function send(file, { onProgress, signal }) {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open('POST', '/v1/media');
    request.setRequestHeader('X-CSRF-TOKEN', session()?.token ?? '');
    request.setRequestHeader('accept', 'application/json');
    request.upload.addEventListener('progress', ({ loaded, total }) =>
      onProgress(total > 0 ? loaded / total : 0),
    );
    request.addEventListener('load', () => {
      const { status, responseText } = request;
      try {
        resolve(answered(status, responseText, request.getResponseHeader('retry-after'), '/v1/media'));
      } catch (error) {
        reject(error);
      }
    });
    request.addEventListener('error', () => reject(new ApiError(0, sentences[0])));
    request.addEventListener('abort', () => reject(new DOMException('cancelled', 'AbortError')));
    signal.addEventListener('abort', () => request.abort());
    const form = new FormData();
    form.append('file', file);
    request.send(form);
  });
}

const sentences = {
  0: 'The service cannot be reached. Is the network there, and the service running?',
  401: 'You are not signed in any more. Sign in again; what you wrote is still here.',
  403: 'Your key does not allow this.',
  404: 'There is nothing under this number, or it is not yours to see.',
  409: 'Something else was decided in the meantime.',
  410: 'The file itself has been deleted; its hash and its history remain.',
  413: 'The file is larger than this service takes.',
  415: 'This kind of file is not taken.',
  429: 'Too many requests from this key.',
  503: 'The service is busy.',
};

/** Where the service has nothing to add, and where it says all. */
const saysAll = new Set([401, 404, 410]);
const isSaid = new Set([409]);

function refused(status, text, retryAfter, path) {
  if (status === 401 && path !== '/v1/session') end(isOver);
  if (status === 401 && path === '/v1/session')
    return new ApiError(401, 'This key is not known here, or no longer valid.');
  const own = sentences[status] ?? `The service answered with error ${status}.`;
  const retryAt = retryTime(retryAfter);
  const detail = saysAll.has(status) ? null : detailOf(text)?.replace(/\.$/, '');
  const both = isSaid.has(status) ? capital(detail ?? '') : `${own.replace(/\.$/, '')}: ${detail}`;
  const sentence = detail ? `${both}.` : own;
  return new ApiError(status, retryAt ? `${sentence} Try again at ${clock(retryAt)}.` : sentence, retryAt);
}

/** `Retry-After` counts seconds or names a time (RFC 9110, section 10.2.3). */
function retryTime(text) {
  if (text === null) return null;
  const seconds = Number(text);
  const time = Number.isFinite(seconds) ? new Date(new Date().getTime() + 1000 * seconds) : new Date(text);
  return Number.isNaN(time.getTime()) ? null : time;
}

const capital = (text) => text.charAt(0).toUpperCase() + text.slice(1);

const clock = (time) => new Intl.DateTimeFormat('en-GB', { timeStyle: 'medium' }).format(time);

function detailOf(text) {
  try {
    const { message, error } = JSON.parse(text);
    const said = message ?? error?.message;
    return typeof said === 'string' ? said : null;
  } catch {
    return null;
  }
}

/** Resolves after the time, sooner when `signal` fires. */
export const pause = (milliseconds, signal) =>
  new Promise((resolve) => {
    const timer = setTimeout(resolve, milliseconds);
    signal?.addEventListener('abort', () => (clearTimeout(timer), resolve()));
  });
