/**
 * The tracking server as `MLFLOW_TRACKING_URI` names it, and one way to ask it. Whatever goes wrong becomes a short sentence
 * without headers and credentials. Nothing is asked twice, and nothing waits for long.
 */
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import axios from 'axios';
import { z } from 'zod';

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
type Reply = { status: number; text: string };

/** A server that never answered is given up soon; one that has answered may be busy. */
const patience = { firstMs: 5_000, thenMs: 20_000 };
/** An upload may take this much longer for each byte: 1 MB/s. */
const uploadMsPerByte = 1e-3;
const maxReplyBytes = 64e6;

/** A code of MLflow's in an Error (`RESOURCE_DOES_NOT_EXIST`), where the server gave one. */
export type Refusal = Error & { code?: string };

/**
 * The server of this environment; undefined where `MLFLOW_TRACKING_URI` is not set. `limit` ends whatever is under way.
 * Credentials as in MLflow's own client: `MLFLOW_TRACKING_USERNAME` with `MLFLOW_TRACKING_PASSWORD`, or
 * `MLFLOW_TRACKING_TOKEN`, or in the address. @throws Error to be shown, when the address is none.
 */
export function openServer(environment: Environment, limit?: AbortSignal): Server | undefined {
  const uri = environment['MLFLOW_TRACKING_URI']?.trim();
  if (!uri) return undefined;
  const url = parseAddress(uri);
  const address = `${url.origin}${url.pathname}`.replace(/\/+$/, '');
  const authorization = credentials(environment, url);

  let answerWithinMs = patience.firstMs;
  const ask = async (question: Question, moreMs = 0): Promise<Reply> => {
    const withinMs = answerWithinMs + moreMs;
    const limits = [AbortSignal.timeout(withinMs), ...(limit ? [limit] : [])];
    try {
      const { status, data } = await axios.request<string>({
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
      answerWithinMs = patience.thenMs;
      return { status, text: String(data ?? '') };
    } catch (error) {
      // Not as `cause`: an AxiosError holds the headers.
      throw new Error(limit?.aborted ? 'it is too slow' : unreachable(error, withinMs));
    }
  };
  const accept = ({ status, text }: Reply): string => {
    if (status >= 200 && status < 300) return text;
    throw refusal(status, text, url.host);
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
      const url = `/api/2.0/mlflow-artifacts/artifacts/${path.split('/').map(escapeName).join('/')}`;
      const headers = { 'Content-Type': 'application/octet-stream', 'Content-Length': size };
      const data = createReadStream(file);
      try {
        accept(await ask({ method: 'PUT', url, data, headers }, Math.ceil(size * uploadMsPerByte)));
      } finally {
        data.destroy();
      }
    },
    async version() {
      return printable(accept(await ask({ method: 'GET', url: '/version' })));
    },
  };
}

function parseAddress(uri: string): URL {
  const scheme = /^([a-z][a-z0-9+.-]*):/i.exec(uri)?.[1]?.toLowerCase();
  const url = tryUrl(uri);
  if (url && (scheme === 'http' || scheme === 'https')) return url;
  // The rest of it may hold a password.
  throw new Error(
    `MLFLOW_TRACKING_URI ${scheme ? `begins with "${scheme}:"` : 'is no address'}; masque sends to a tracking server, at http:// or https://. ` +
      'Start one with "mlflow server" and set MLFLOW_TRACKING_URI=http://127.0.0.1:5000',
  );
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

/** `@` and `~` may stand in a path as they are; MLflow looks twice at whatever is percent-encoded. */
function escapeName(name: string): string {
  return encodeURIComponent(name).replaceAll('%40', '@');
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
  throw new Error(`what answers there is no MLflow server (${endpoint}: ${printable(text)})`);
}

function unreachable(error: unknown, withinMs: number): string {
  if (axios.isCancel(error)) return `no answer within ${Math.round(withinMs / 1000)} s`;
  const code = axios.isAxiosError(error) ? error.code : undefined;
  if (code === 'ECONNREFUSED' || code === 'ENOTFOUND' || code === 'EHOSTUNREACH')
    return `nothing answers there (${code}); is the server running?`;
  return `the connection failed (${code ?? (error as Error).name})`;
}

function refusal(status: number, text: string, host: string): Refusal {
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
  return Object.assign(new Error(told()), code ? { code } : {});
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
