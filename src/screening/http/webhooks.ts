/**
 * Tells receivers what has happened: POST of a JSON event, signed, from an outbox on the disk that outlives the process. A receiver that is away is asked again, later and
 * later. An event may come twice, after a crash or an answer that was lost: its `id` stays the same.
 *
 * `X-Masque-Signature: t=<Unix seconds>,v1=<hex>`, where v1 is HMAC-SHA256, by the receiver's secret, of `<t>.<body>`. Whoever checks it also refuses a `t` that is old.
 */
import { createHmac, timingSafeEqual } from 'node:crypto';
import { UserError } from '../../errors.ts';
import type { Event } from '../types.ts';
import { type Delivery, openOutbox } from './webhook-outbox.ts';

export type Webhook = {
  /** http or https, from whoever runs the service; never from a request. */
  url: string;
  secret: string;
};
/** Of how long a receiver that does not answer well is left alone, twice as long each time. */
export type WebhookPatience = { firstMs: number; mostMs: number; attempts: number; answerMs: number };
const usualPatience: WebhookPatience = { firstMs: 1000, mostMs: 900_000, attempts: 50, answerMs: 10_000 };

export type Webhooks = {
  /** Writes the event down for each receiver; on the disk when it returns. Throws as `fs` does where it cannot be, and then it is to be told again. */
  tell(event: Event): void;
  /** How many deliveries have not arrived. */
  waiting(): number;
  /** Stops sending; what has not arrived is sent after the next start. */
  close(): Promise<void>;
};

/** @throws UserError where it is no address that events may be sent to. */
export function checkWebhook({ url, secret }: Webhook): Webhook {
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  if (!parsed || !['http:', 'https:'].includes(parsed.protocol) || parsed.username || parsed.password)
    throw new UserError(
      `webhook ${JSON.stringify(url)}: expected an http or https address without a password`,
    );
  if (secret.length < 32)
    throw new UserError('the secret that webhooks are signed with needs at least 32 characters');
  return { url: parsed.href, secret };
}

/** The signature header of a body that is sent at `seconds` since 1970. */
export const signatureOf = (body: string, secret: string, seconds: number): string =>
  `t=${seconds},v1=${createHmac('sha256', secret).update(`${seconds}.${body}`).digest('hex')}`;

/** For receivers: whether the header is that of the body, and at most `tolerance` seconds from `now`. */
export function isSigned(
  body: string,
  header: string,
  secret: string,
  now: number,
  tolerance = 300,
): boolean {
  const seconds = Number(/^t=(\d+),v1=[0-9a-f]{64}$/.exec(header)?.[1] ?? Number.NaN);
  if (!(Math.abs(now - seconds) <= tolerance)) return false;
  return timingSafeEqual(Buffer.from(signatureOf(body, secret, seconds)), Buffer.from(header));
}

/** Sends to `targets` what lies in the outbox of `folder`, and what is told. `log` hears of receivers that do not answer, without the body. */
export async function openWebhooks(
  folder: string,
  targets: readonly Webhook[],
  log: (line: string) => void,
  patience: WebhookPatience = usualPatience,
): Promise<Webhooks> {
  // One address twice is one receiver.
  const checked = [...new Map(targets.map(checkWebhook).map((target) => [target.url, target])).values()];
  const say = (what: object): void => log(JSON.stringify({ at: new Date().toISOString(), ...what }));
  const outbox = await openOutbox(
    folder,
    checked.map(({ url }) => url),
    (trouble) => say({ outbox: trouble }),
  );
  const closing = new AbortController();
  const wakers = new Map<string, () => void>();
  const loops = checked.map((target) => deliver(target));

  async function deliver({ url, secret }: Webhook): Promise<void> {
    let waitMs = 0;
    while (!closing.signal.aborted) {
      const delivery = outbox.next(url);
      if (!delivery) await sleep(url, undefined);
      else if (waitMs > 0 && (await sleep(url, waitMs)) === 'closing') return;
      if (!delivery) continue;
      const trouble = await post(url, secret, delivery, patience.answerMs, closing.signal);
      if (closing.signal.aborted && trouble !== undefined) return;
      if (trouble === undefined) {
        outbox.arrived(delivery, url);
        waitMs = 0;
        continue;
      }
      const left = outbox.failed(delivery, url, patience.attempts);
      say({ webhook: new URL(url).host, event: delivery.id, trouble, givenUp: !left });
      waitMs = Math.min(patience.mostMs, Math.max(patience.firstMs, 2 * waitMs));
    }
  }

  /** Until the time is over, or the door closes; without a time until there is something to send. */
  function sleep(url: string, ms: number | undefined): Promise<'closing' | 'awake'> {
    return new Promise((resolve) => {
      const done = (): void => {
        clearTimeout(timer);
        wakers.delete(url);
        closing.signal.removeEventListener('abort', done);
        resolve(closing.signal.aborted ? 'closing' : 'awake');
      };
      const timer = ms === undefined ? undefined : setTimeout(done, ms);
      if (ms === undefined) wakers.set(url, done);
      if (closing.signal.aborted) done();
      else closing.signal.addEventListener('abort', done);
    });
  }

  return {
    tell(event) {
      outbox.add({ id: event.id, body: JSON.stringify(event) });
      for (const wake of wakers.values()) wake();
    },
    waiting: () => outbox.waiting(),
    async close() {
      closing.abort();
      await Promise.all(loops);
      outbox.close();
    },
  };
}

/** What went wrong, or undefined where the receiver has it. Redirects are not followed, and the answer's body is not read. */
async function post(
  url: string,
  secret: string,
  { id, body }: Delivery,
  answerMs: number,
  closing: AbortSignal,
): Promise<string | undefined> {
  const seconds = Math.floor(new Date().getTime() / 1000);
  try {
    const response = await fetch(url, {
      method: 'POST',
      redirect: 'manual',
      headers: {
        'Content-Type': 'application/json',
        'User-Agent': 'masque',
        'X-Masque-Event-Id': id,
        'X-Masque-Signature': signatureOf(body, secret, seconds),
      },
      body,
      signal: AbortSignal.any([closing, AbortSignal.timeout(answerMs)]),
    });
    await response.body?.cancel();
    return response.ok ? undefined : `answered ${response.status}`;
  } catch (error) {
    const { name, cause } = error as { name: string; cause?: { code?: string } };
    return cause?.code ?? name;
  }
}
