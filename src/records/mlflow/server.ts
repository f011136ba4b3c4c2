/**
 * The tracking server as `MLFLOW_TRACKING_URI` names it, and one way to ask it. Whatever goes wrong becomes a short sentence
 * without headers and credentials. Nothing is asked twice here (`patience.ts` does that), and nothing waits for long.
 */
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import axios from 'axios';
import { z } from 'zod';
import { UserError } from '../../errors.ts';

export type Server = {
  /** Where it is, without credentials; fit to be printed. */
  address: string;
  /** Asks the REST API (`runs/create`, …). Throws an Error to be shown when there is no good answer. */
  call<T>(method: 'GET' | 'POST', endpoint: string, content: object, answer: z.ZodType<T>): Promise<T>;
  /** Uploads a file, in pieces as it is read, to `path` below the server's artifacts. */
  upload(path: string, file: string): Promise<void>;
  version(): Promise<string>;
};
type Environment = Record<string, string | undefined>;
type Question = {
  method: 'GET' | 'POST' | 'PUT';
  url: string;
  params?: object;
  data?: unknown;
  headers?: Record<string, string | number>;
};
type Reply = { status: number; text: string; retryAfter: unknown };

/** An answer is not waited for longer. */
const longestAttemptMs = 10_000;
/** An upload may take this much longer for each byte: 1 MB/s. */
const uploadMsPerByte = 1e-3;
const maxReplyBytes = 64e6;

/**
 * Why there is no good answer. `code`: MLflow's own (`RESOURCE_DOES_NOT_EXIST`), where the server gave one. `again`: it may be another time, and what was asked
 * may have been done all the same. `afterMs`: not sooner. `absent`: nothing is there that could have done it.
 */
export type Refusal = Error & { code?: string; again?: boolean; afterMs?: number; absent?: boolean };

/** Where runs are sent, without credentials; undefined where `MLFLOW_TRACKING_URI` is not set. @throws UserError when the address is none. */
export function addressOf(environment: Environment): string | undefined {
  const uri = environment['MLFLOW_TRACKING_URI']?.trim();
  return uri ? withoutCredentials(parseAddress(uri)) : undefined;
}

/**
 * The server of this environment; undefined where `MLFLOW_TRACKING_URI` is not set. An answer is waited for `attemptMs` at most; `limit` ends whatever is
 * under way. Credentials as in MLflow's own client: `MLFLOW_TRACKING_USERNAME` with `MLFLOW_TRACKING_PASSWORD`, or
 * `MLFLOW_TRACKING_TOKEN`, or in the address. @throws UserError when the address is none.
 */
export function openServer(
  environment: Environment,
  { attemptMs = longestAttemptMs, limit }: { attemptMs?: number; limit?: AbortSignal } = {},
): Server | undefined {
  const uri = environment['MLFLOW_TRACKING_URI']?.trim();
  if (!uri) return undefined;
  const url = parseAddress(uri);
  const address = withoutCredentials(url);
  const authorization = credentials(environment, url);
  const { MLFLOW_TRACKING_PASSWORD: password, MLFLOW_TRACKING_TOKEN: token } = environment;
  const secrets = [password, token, decodeURIComponent(url.password), authorization?.split(' ')[1]].flatMap(
    (secret) => secret || [],
  );

  const ask = async (question: Question, moreMs = 0): Promise<Reply> => {
    const withinMs = attemptMs + moreMs;
    const limits = [AbortSignal.timeout(withinMs), ...(limit ? [limit] : [])];
    try {
      const { status, data, headers } = await axios.request<string>({
        ...question,
        url: `${address}${question.url}`,
        headers: { ...question.headers, ...(authorization ? { Authorization: authorization } : {}) },
        signal: AbortSignal.any(limits),
        // A redirect would carry the credentials on, and a body that is followed up is held in memory.
        maxRedirects: 0,
        maxBodyLength: Infinity,
        maxContentLength: maxReplyBytes,
        responseType: 'text',
        transformResponse: (text: unknown) => text,
        validateStatus: () => true,
      });
      // What it says is shown, and some servers repeat what they were asked with.
      const text = secrets.reduce((said, secret) => said.replaceAll(secret, '…'), String(data ?? ''));
      return { status, text, retryAfter: headers['retry-after'] as unknown };
    } catch (error) {
      // Not as `cause`: an AxiosError holds the headers.
      throw limit?.aborted ? new Error('it is too slow') : unreachable(error, withinMs);
    }
  };
  const accept = (reply: Reply): string => {
    if (reply.status >= 200 && reply.status < 300) return reply.text;
    throw refusal(reply, url.host);
  };

  return {
    address,
    async call(method, endpoint, content, answer) {
      const sent = method === 'GET' ? { params: content } : { data: content };
      const text = accept(await ask({ method, url: `/api/2.0/mlflow/${endpoint}`, ...sent }));
      return readAnswer(text, answer, endpoint);
    },
    async upload(path, file) {
      const { size } = await stat(file);
      const url = `/api/2.0/mlflow-artifacts/artifacts/${path.split('/').map(encodeURIComponent).join('/')}`;
      const headers = { 'Content-Type': 'application/octet-stream', 'Content-Length': size };
      const data = createReadStream(file);
      try {
        const text = accept(
          await ask({ method: 'PUT', url, data, headers }, Math.ceil(size * uploadMsPerByte)),
        );
        // MLflow says nothing; what says something else is a page of another program.
        if (text !== '') readAnswer(text, z.object({}), 'upload');
      } finally {
        data.destroy();
      }
    },
    async version() {
      return printable(accept(await ask({ method: 'GET', url: '/version' })));
    },
  };
}

function withoutCredentials(url: URL): string {
  return `${url.origin}${url.pathname}`.replace(/\/+$/, '');
}

function parseAddress(uri: string): URL {
  const scheme = /^([a-z][a-z0-9+.-]*):/i.exec(uri)?.[1]?.toLowerCase();
  const url = tryUrl(uri);
  if (url && isEncoded(url) && (scheme === 'http' || scheme === 'https')) return url;
  // The rest of it may hold a password.
  throw new UserError(
    `MLFLOW_TRACKING_URI ${scheme && !/^https?$/.test(scheme) ? `begins with "${scheme}:"` : 'is no address (a % in a password is written %25)'}; masque sends to a tracking server, at http:// or https://. ` +
      'Start one with "mlflow server" and set MLFLOW_TRACKING_URI=http://127.0.0.1:5000',
  );
}

/** Whether its credentials can be read: a `%` in them must be written as `%25`. */
function isEncoded({ username, password }: URL): boolean {
  try {
    decodeURIComponent(username + password);
    return true;
  } catch {
    return false;
  }
}

function tryUrl(uri: string): URL | undefined {
  try {
    return new URL(uri);
  } catch {
    return undefined;
  }
}

function credentials(environment: Environment, url: URL): string | undefined {
  const basic = (user: string, password: string): string =>
    `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;
  const user = environment['MLFLOW_TRACKING_USERNAME'];
  const password = environment['MLFLOW_TRACKING_PASSWORD'];
  const token = environment['MLFLOW_TRACKING_TOKEN'];
  if (user && password) return basic(user, password);
  if (token) return `Bearer ${token}`;
  return url.username ? basic(decodeURIComponent(url.username), decodeURIComponent(url.password)) : undefined;
}

function readAnswer<T>(text: string, answer: z.ZodType<T>, endpoint: string): T {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    json = undefined;
  }
  const parsed = answer.safeParse(json);
  if (parsed.success) return parsed.data;
  throw Object.assign(new Error(`what answers there is no MLflow server (${endpoint}: ${printable(text)})`), {
    again: true, // a proxy before it says so too while it starts
  });
}

const nobody = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EHOSTUNREACH']);

function unreachable(error: unknown, withinMs: number): Refusal {
  const code = axios.isAxiosError(error) ? error.code : undefined;
  if (axios.isCancel(error))
    return Object.assign(new Error(`no answer within ${Math.round(withinMs / 1000)} s`), { again: true });
  if (code !== undefined && nobody.has(code))
    return Object.assign(new Error(`nothing answers there (${code}); is the server running?`), {
      again: true,
      absent: true,
    });
  return Object.assign(new Error(`the connection failed (${code ?? (error as Error).name})`), {
    again: true,
  });
}

/** They pass, as MLflow's own client has them (`mlflow/utils/request_utils.py`). */
const passing = new Set([408, 429, 500, 502, 503, 504]);

function refusal({ status, text, retryAfter }: Reply, host: string): Refusal {
  const { error_code: code, message } = readRefusal(text);
  const said = message ? `: ${printable(message)}` : '';
  const told = (): string => {
    if (status === 401)
      return 'it asks who you are; set MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD, or MLFLOW_TRACKING_TOKEN';
    if (status === 403 && text.includes('Invalid Host header'))
      return `it does not accept the host name "${host}"; start it with --allowed-hosts "${host}" (the port counts), or use a name that it knows`;
    if (status === 403) return `it refuses (403)${said}; may this user write to the experiment?`;
    if (status === 404 && !code) return 'what answers there has no MLflow API (404); is the path right?';
    if (status >= 300 && status < 400)
      return `it redirects (${status}); set MLFLOW_TRACKING_URI to where it leads`;
    return `it answered ${status}${said || (text ? `: ${printable(text)}` : '')}`;
  };
  const seconds = Number(retryAfter);
  return Object.assign(
    new Error(told()),
    code ? { code } : {},
    passing.has(status) ? { again: true } : {},
    seconds > 0 ? { afterMs: 1000 * seconds } : {},
  );
}

const refusalShape = z.object({ error_code: z.string().optional(), message: z.string().optional() });

function readRefusal(text: string): z.infer<typeof refusalShape> {
  try {
    return refusalShape.parse(JSON.parse(text));
  } catch {
    return {};
  }
}

/** The first words of what a server says, without characters that could steer a terminal. */
function printable(text: string): string {
  const line = text.replaceAll(/[\p{C}\s]+/gu, ' ').trim();
  return line.length > 160 ? `${line.slice(0, 160)}…` : line;
}
