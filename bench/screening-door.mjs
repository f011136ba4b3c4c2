/** `masque serve` with its database and vault, over an analysis that takes a second a file, as a process of its own: folder. */
import { join } from 'node:path';
import { register } from 'tsx/esm/api';

register();
const { serve } = await import('../experiments/serve.ts');
const { openService } = await import('../src/screening/service.ts');
const { defaultPolicy } = await import('../src/screening/policy.ts');
const { toyAnalyse } = await import('../test/support/toy-analyse.ts');
const folder = process.argv[2];
const options = {
  port: 0,
  hosts: ['127.0.0.1'],
  folder: join(folder, 'service'),
  results: join(folder, 'results'),
  keyFile: join(folder, 'access', 'keys.json'),
  bundle: 'none',
  webhooks: [],
  withoutSandbox: true,
};
const open = async () => {
  const service = await openService({
    folder: options.folder,
    analyse: toyAnalyse({ delayMs: 1000 }),
    policy: defaultPolicy,
    bundle: 'toy-1',
    parallel: 1,
    mostWaiting: 300,
  });
  return { service, beside: {}, close: async () => {} };
};
process.exitCode = await serve(options, open);
