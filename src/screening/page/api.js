/** The service's HTTP interface as the page uses it: cookie and token of a session, errors in plain words, uploads with progress. */

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

export async function signIn(key) {
  const answer = await call('/v1/session', { method: 'POST', body: { key } });
  const { name, role, token } = answer;
  sessionStorage.setItem(where, JSON.stringify({ name, role, token }));
}

/** Opinions and session of this tab are forgotten, also where the service cannot be reached. */
export async function signOut() {
  try {
    await call('/v1/session', { method: 'DELETE' });
  } finally {
    sessionStorage.clear();
  }
}

/** The JSON that a path answers with. @throws ApiError; at 401 the session is forgotten first. */
export async function call(path, { method = 'GET', body, signal } = {}) {
  const headers = { accept: 'application/json' };
  if (body !== undefined) headers['content-type'] = 'application/json';
  if (method !== 'GET' && session()) headers['X-CSRF-TOKEN'] = session().token;
  const options = { method, headers, credentials: 'same-origin', signal };
  if (body !== undefined) options.body = JSON.stringify(body);
  let response;
  try {
    response = await fetch(path, options);
  } catch (error) {
    if (error.name === 'AbortError') throw error;
    throw new ApiError(0, sentences[0]);
  }
  const text = await response.text();
  if (!response.ok) throw refused(response.status, text, response.headers.get('retry-after'), path);
  try {
    return text === '' ? null : JSON.parse(text);
  } catch {
    throw new ApiError(response.status, 'The service gave an answer that this page cannot read.');
  }
}

/** Sends a file; `onProgress` is told the share that has left, in [0, 1]. Gives `{requestId, status}`. @throws ApiError, AbortError. */
export function upload(file, { onProgress, signal }) {
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
      if (status >= 200 && status < 300) resolve(JSON.parse(responseText));
      else reject(refused(status, responseText, request.getResponseHeader('retry-after'), '/v1/media'));
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
  409: 'This was decided in the meantime, or you have decided already.',
  410: 'The file itself has been deleted; its hash and its history remain.',
  413: 'The file is larger than this service takes.',
  415: 'This kind of file is not taken.',
  429: 'Too many requests from this key.',
  503: 'The service is busy.',
};

/** Where the service has nothing to add. */
const saysAll = new Set([401, 404, 410]);

function refused(status, text, retryAfter, path) {
  if (status === 401 && path !== '/v1/session') {
    sessionStorage.removeItem(where);
    dispatchEvent(new Event('signed-out'));
  }
  if (status === 401 && path === '/v1/session')
    return new ApiError(401, 'This key is not known here, or no longer valid.');
  const own = sentences[status] ?? `The service answered with error ${status}.`;
  const retryAt = retryTime(retryAfter);
  const detail = saysAll.has(status) ? null : detailOf(text);
  const sentence = detail ? `${own.replace(/\.$/, '')}: ${detail.replace(/\.$/, '')}.` : own;
  return new ApiError(status, retryAt ? `${sentence} Try again at ${clock(retryAt)}.` : sentence, retryAt);
}

/** `Retry-After` counts seconds or names a time (RFC 9110, section 10.2.3). */
function retryTime(text) {
  if (text === null) return null;
  const seconds = Number(text);
  const time = Number.isFinite(seconds) ? new Date(new Date().getTime() + 1000 * seconds) : new Date(text);
  return Number.isNaN(time.getTime()) ? null : time;
}

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
