/** How far a file is: asked again and again, less often with time. */
import { call, pause } from './api.js';

/** Each answer as `{status}`, and what stood in the way of one as `{error}`. Ends where `signal` fires, nobody is signed in any more, or the file is not there. */
export async function* follow(requestId, signal) {
  const path = `/v1/media/${encodeURIComponent(requestId)}`;
  for (let wait = 500; ; wait = Math.min(5000, wait * 1.3)) {
    await pause(wait, signal);
    const { status, error } = await call(path, { signal }).catch((error) => ({ error }));
    if (signal.aborted || error?.status === 401) return;
    yield { status, error };
    if (error?.status === 404) return;
    if (error?.retryAt) await pause(Math.max(0, error.retryAt - new Date()), signal);
  }
}
