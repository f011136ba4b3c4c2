/** `masque serve` over a service in memory, as a process of its own: folder, webhook address or nothing. */
import { join } from 'node:path';
import { register } from 'tsx/esm/api';

register();
const { serve } = await import('../../experiments/serve.ts');
const { memoryService } = await import('./memory-service.ts');
const [folder, webhook] = process.argv.slice(2);
const options = {
  port: 0,
  hosts: ['127.0.0.1'],
  folder,
  results: join(folder, 'results'),
  keyFile: join(folder, 'access', 'keys.json'),
  bundle: 'none',
  webhooks: webhook ? [webhook] : [],
  withoutSandbox: true,
};
/** As the real one it keeps the process alive until it is closed. */
const open = async () => {
  const sweeping = setInterval(() => {}, 1000);
  return { service: memoryService(folder), beside: {}, close: async () => clearInterval(sweeping) };
};
process.exitCode = await serve(options, open);
