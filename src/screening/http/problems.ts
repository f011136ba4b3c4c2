/** How the service says no: a status, a code for machines, a sentence for people. */
import type { FastifyReply } from 'fastify';
import type { UserError } from '../../errors.ts';
import { troubleOf } from '../trouble.ts';
import { Refused } from '../types.ts';

const codes: Record<number, string> = {
  400: 'invalid_request',
  401: 'unauthorized',
  403: 'forbidden',
  404: 'not_found',
  406: 'invalid_request',
  409: 'conflict',
  410: 'gone',
  413: 'file_too_large',
  415: 'invalid_file',
  421: 'wrong_host',
  429: 'too_many_requests',
  431: 'invalid_request',
  503: 'busy',
};

/** Thrown by handlers and hooks; answered as it says. `cause`: what whoever runs the service must mend, with its place: for the log alone. */
export class Problem extends Error {
  override readonly name = 'Problem';
  readonly status: number;
  readonly retryAfterSeconds: number | undefined;
  constructor(status: number, message: string, retryAfterSeconds?: number, cause?: UserError) {
    super(message, { cause });
    this.status = status;
    this.retryAfterSeconds = retryAfterSeconds;
  }
}

export const notFound = (): Problem => new Problem(404, 'there is nothing under this number');

const ofRefusal = { busy: 503, gone: 410, conflict: 409, unfit: 415 } as const;

/** Any error as a problem. What is no refusal, no bad request and no trouble of the machine is a bug: 500, and its words stay in the log. */
export function asProblem(error: unknown): Problem {
  if (error instanceof Problem) return error;
  if (error instanceof Refused)
    return new Problem(
      ofRefusal[error.why],
      error.message,
      error.why === 'busy' ? (error.retryAfterSeconds ?? 5) : undefined,
    );
  const { statusCode, message } = error as { statusCode?: number; message?: string };
  if (statusCode !== undefined && statusCode >= 400 && statusCode < 500)
    return new Problem(statusCode === 406 ? 415 : statusCode, message ?? '');
  const trouble = troubleOf(error);
  if (trouble)
    return new Problem(
      503,
      trouble.message.startsWith('E_DISK_FULL')
        ? 'the service has no room at the moment'
        : 'the service cannot work at the moment; whoever runs it finds more under this request id',
      60,
      trouble,
    );
  return new Problem(500, 'the service has failed; whoever runs it finds more under this request id');
}

export function sendProblem(reply: FastifyReply, { status, message, retryAfterSeconds }: Problem) {
  if (retryAfterSeconds !== undefined)
    void reply.header('Retry-After', Math.max(1, Math.ceil(retryAfterSeconds)));
  return reply
    .code(status)
    .type('application/json; charset=utf-8')
    .send(JSON.stringify({ code: codes[status] ?? 'server_error', message, requestId: reply.request.id }));
}
