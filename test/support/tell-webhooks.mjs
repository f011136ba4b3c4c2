/** Tells ten events and is killed at once: folder, address, secret, event. */
import { randomUUID } from 'node:crypto';
import { register } from 'tsx/esm/api';

register();
const { openWebhooks } = await import('../../src/screening/http/webhooks.ts');
const [folder, url, secret, event] = process.argv.slice(2);
const webhooks = await openWebhooks(folder, [{ url, secret }], () => {});
for (let i = 0; i < 10; i++) webhooks.tell({ ...JSON.parse(event), id: randomUUID() });
process.kill(process.pid, 'SIGKILL');
