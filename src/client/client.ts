/**
 * A client of the screening service: files in, findings out, decisions about what is in quarantine. Whatever the service refuses is thrown as a ScreeningError with the service's
 * own code; what takes too long ends.
 */
import { openAsBlob } from 'node:fs';
import { basename } from 'node:path';
import type { Answer } from '../screening/http/schemas.ts';
import type { Action, Basis, Opinion, Status } from '../screening/types.ts';

export type Accepted = Answer<'Accepted'>;
/** Of a submitter's key: without scores. */
export type OwnMedia = Answer<'OwnMedia'>;
/** Of a reviewer's key. */
export type Media = Answer<'Media'>;
export type Quarantined = Answer<'Quarantined'>;
export type MediaPage = Answer<'MediaPage'> | Answer<'OwnMediaPage'>;
export type QuarantinePage = Answer<'QuarantinePage'>;

export type Filter = {
  /** From 0 on. */
  page?: number;
  /** 1 to 100. */
  size?: number;
  status?: Status;
  action?: Action;
  /** Part of the name. */
  name?: string;
  /** ISO 8601. */
  since?: string;
  until?: string;
};
export type Decide = {
  basis: Basis;
  reason: string;
  /** As stated by `opinion`, or stated now. */
  opinionBefore: Opinion;
  /** `verdicts` of what was looked at: a release is refused with 409 where there are more by now. */
  seen: number;
};

/** `code`: that of the service (`unauthorized`, `not_found`, `busy`, `file_too_large`, …), or `timeout`, `unreachable`, `not_understood`. */
export class ScreeningError extends Error {
  override readonly name = 'ScreeningError';
  readonly code: string;
  /** Of HTTP; undefined where no answer came. */
  readonly status: number | undefined;
  readonly retryAfterSeconds: number | undefined;
  /** For whoever runs the service to find it in the log. */
  readonly requestId: string | undefined;
  constructor(
    code: string,
    message: string,
    more: { status?: number; retryAfterSeconds?: number; requestId?: string; cause?: unknown } = {},
  ) {
    super(message, { cause: more.cause });
    this.code = code;
    this.status = more.status;
    this.retryAfterSeconds = more.retryAfterSeconds;
    this.requestId = more.requestId;
  }
}

export type ClientOptions = {
  /** As `http://127.0.0.1:8080`. */
  baseUrl: string;
  apiKey: string;
  /** Until an answer is there; sending a file may take ten times that. */
  timeoutMs?: number;
};

export function createClient({ baseUrl, apiKey, timeoutMs = 30_000 }: ClientOptions) {
  const ask = async <T>(
    path: string,
    init: RequestInit = {},
    limit = new Deadline(timeoutMs),
  ): Promise<T> => {
    const response = await reach(new URL(path, baseUrl), apiKey, init, limit);
    const text = await limit.keep(response.text());
    const answer = parse(text);
    if (!response.ok) throw refusal(response, answer);
    if (answer === undefined && response.status !== 204)
      throw new ScreeningError('not_understood', 'the answer is not JSON', { status: response.status });
    return answer as T;
  };
  const post = (body: unknown): RequestInit => ({
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify(body),
  });
  const result = (requestId: string, limit?: Deadline): Promise<OwnMedia | Media> =>
    ask(`/v1/media/${encodeURIComponent(requestId)}`, {}, limit);
  const at = (quarantineId: string, what = ''): string =>
    `/v1/quarantine/${encodeURIComponent(quarantineId)}${what}`;

  return {
    /** Sends a file as it lies there, or a Blob under a name. The service goes by the content, and holds what its name or type says to be something else. */
    async upload(file: string | { content: Blob; name: string }): Promise<Accepted> {
      const body = new FormData();
      const { content, name } =
        typeof file === 'string' ? { content: await openAsBlob(file), name: basename(file) } : file;
      body.append('file', content, name);
      return ask('/v1/media', { method: 'POST', body }, new Deadline(10 * timeoutMs));
    },
    /** What is known of a file now. */
    result: (requestId: string): Promise<OwnMedia | Media> => result(requestId),
    /**
     * What came of a file, once there is a verdict. @throws ScreeningError `timeout` after `timeoutMs`, whatever the service does meanwhile; while it is busy, it is asked again.
     */
    async waitFor(
      requestId: string,
      { timeoutMs: mostMs = 300_000, everyMs = 1000 }: { timeoutMs?: number; everyMs?: number } = {},
    ): Promise<OwnMedia | Media> {
      const limit = new Deadline(mostMs);
      for (;;) {
        const found = await result(requestId, limit).catch((error: unknown) => {
          if (error instanceof ScreeningError && error.retryAfterSeconds !== undefined)
            return error.retryAfterSeconds;
          throw error;
        });
        if (typeof found === 'object' && found.status !== 'QUEUED' && found.status !== 'ANALYZING')
          return found;
        await limit.pause(typeof found === 'number' ? Math.max(everyMs, 1000 * found) : everyMs);
      }
    },
    list: (filter: Filter = {}): Promise<MediaPage> => ask(`/v1/media${queryOf(filter)}`),
    quarantine: (
      filter: { page?: number; size?: number; state?: Quarantined['state'] } = {},
    ): Promise<QuarantinePage> => ask(`/v1/quarantine${queryOf(filter)}`),
    quarantined: (quarantineId: string): Promise<Quarantined> => ask(at(quarantineId)),
    /** What one thinks before one looks at scores; it cannot be changed. */
    opinion: (quarantineId: string, opinion: Opinion): Promise<Quarantined> =>
      ask(at(quarantineId, '/opinion'), post({ opinion })),
    release: (quarantineId: string, why: Decide): Promise<Quarantined> =>
      ask(at(quarantineId, '/release'), post(why)),
    confirm: (quarantineId: string, why: Decide): Promise<Quarantined> =>
      ask(at(quarantineId, '/confirm'), post(why)),
    hold: (quarantineId: string, hold: boolean): Promise<Quarantined> =>
      ask(at(quarantineId, '/hold'), post({ hold })),
    /** Deletes the bytes, and keeps their hash and what is known of them. For an administrator. */
    async erase(quarantineId: string, reason: string): Promise<void> {
      await ask(at(quarantineId, '/content'), { ...post({ reason }), method: 'DELETE' });
    },
    /** Newest first. */
    history: (
      quarantineId: string,
      filter: { page?: number; size?: number } = {},
    ): Promise<Answer<'HistoryPage'>> => ask(at(quarantineId, `/history${queryOf(filter)}`)),
    /** The bytes as they came in. */
    async content(quarantineId: string): Promise<Uint8Array> {
      const limit = new Deadline(10 * timeoutMs);
      const response = await reach(new URL(at(quarantineId, '/content'), baseUrl), apiKey, {}, limit);
      if (!response.ok) throw refusal(response, parse(await limit.keep(response.text())));
      return new Uint8Array(await limit.keep(response.arrayBuffer()));
    },
    health: (): Promise<Answer<'Health'>> => ask('/health'),
  };
}

/** One limit for all that belongs to one wish, so that it ends when it should also where each part of it is quick. */
class Deadline {
  readonly signal: AbortSignal;
  readonly #ms: number;
  constructor(ms: number) {
    this.#ms = ms;
    this.signal = AbortSignal.timeout(ms);
  }
  error(cause?: unknown): ScreeningError {
    return new ScreeningError('timeout', `there was no answer within ${this.#ms / 1000} s`, { cause });
  }
  async keep<T>(promise: Promise<T>): Promise<T> {
    return promise.catch((cause: unknown) => {
      if (this.signal.aborted) throw this.error(cause);
      throw new ScreeningError('unreachable', 'the connection to the service was lost', { cause });
    });
  }
  async pause(ms: number): Promise<void> {
    if (this.signal.aborted) throw this.error();
    await new Promise<void>((resolve, reject) => {
      const timer = setTimeout(() => {
        this.signal.removeEventListener('abort', late);
        resolve();
      }, ms);
      const late = (): void => {
        clearTimeout(timer);
        reject(this.error());
      };
      this.signal.addEventListener('abort', late, { once: true });
    });
  }
}

function reach(url: URL, apiKey: string, init: RequestInit, limit: Deadline): Promise<Response> {
  const headers = { ...(init.headers as Record<string, string> | undefined), 'X-API-KEY': apiKey };
  return limit.keep(fetch(url, { ...init, headers, redirect: 'error', signal: limit.signal }));
}

function refusal({ status, headers }: Response, answer: unknown): ScreeningError {
  const { code, message, requestId } = (answer ?? {}) as Partial<Answer<'Problem'>>;
  const after = Number(headers.get('Retry-After') ?? Number.NaN);
  return new ScreeningError(code ?? 'not_understood', message ?? `the service answered ${status}`, {
    status,
    ...(Number.isFinite(after) ? { retryAfterSeconds: after } : {}),
    ...(requestId === undefined ? {} : { requestId }),
  });
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function queryOf(filter: object): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(filter)) if (value !== undefined) query.set(name, String(value));
  return query.size > 0 ? `?${query.toString()}` : '';
}
