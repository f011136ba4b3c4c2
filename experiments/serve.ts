/** `masque serve`: the screening service behind HTTP, until it is stopped. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { exitCodes } from '../src/errors.ts';
import { openKeys, readKeys } from '../src/screening/http/keys.ts';
import { hostnameOf, startHttp } from '../src/screening/http/server.ts';
import { checkWebhook, openWebhooks, type Webhooks } from '../src/screening/http/webhooks.ts';
import { researchIn } from './beside-screening.ts';
import { type OpenScreening, openScreening } from './open-screening.ts';

export type ServeOptions = {
  port: number;
  /** The first is listened at; browsers may know the service under all. */
  hosts: readonly string[];
  folder: string;
  /** Where the harness has its runs. */
  results: string;
  keyFile: string;
  bundle: string;
  /** A YAML file; the safe default unless given. */
  policy?: string;
  /** Addresses. */
  webhooks: readonly string[];
  withoutSandbox: boolean;
};

const page = join(import.meta.dirname, '../src/screening/page');
const note = (line: string): void => void process.stderr.write(`${line}\n`);

/**
 * Returns the exit code once a signal has come and all is closed: 0, because that is how a service ends. @throws UserError where something needed is missing: the sandbox, a key, the
 * bundle, a host that is none; a port that is taken is told as the system does.
 */
export async function serve(
  options: ServeOptions,
  open: (options: ServeOptions) => Promise<OpenScreening> = openScreening,
  environment: Record<string, string | undefined> = process.env,
): Promise<number> {
  const { keyFile, hosts, port, folder } = options;
  const first = environment['MASQUE_API_KEY'];
  const keys = openKeys(keyFile, first);
  const secret = environment['MASQUE_WEBHOOK_SECRET'] ?? '';
  const targets = options.webhooks.map((url) => checkWebhook({ url, secret }));
  hosts.forEach(hostnameOf);
  const stopped = untilSignal();
  const { service, beside, close } = await open(options);
  let webhooks: Webhooks | undefined;
  try {
    webhooks = await openWebhooks(join(folder, 'webhooks'), targets, note);
    service.on(webhooks.tell);
    const files = existsSync(join(page, 'index.html')) ? { page } : {};
    const http = await startHttp({
      service,
      keys,
      beside: { ...researchIn(options.results), ...beside },
      hosts,
      port,
      log: note,
      ...files,
    });
    note(`listening at ${http.address}`);
    if (first === undefined && !readKeys(keyFile).some(({ revokedAt }) => revokedAt === null))
      note('nobody has a key yet: npm run -s keys -- add <name> --role administrator');
    note(
      `${await stopped}: requests under way are answered, and what waits is analysed after the next start; once more ends at once`,
    );
    await http.close();
  } finally {
    // The service tells what it has not told yet when it is closed. Where it cannot be, what keeps this process alive ends all the same.
    try {
      await service.close();
    } finally {
      await webhooks?.close();
      await close();
    }
  }
  return exitCodes.done;
}

/** The first signal; the second leaves at once. */
function untilSignal(): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    let came = false;
    const stop = (signal: NodeJS.Signals): void => {
      if (came) process.exit(signal === 'SIGINT' ? 130 : 143);
      came = true;
      resolve(signal);
    };
    process.on('SIGINT', stop).on('SIGTERM', stop);
  });
}
