/** `masque serve` and `masque keys`: what they are asked on the command line. */
import { join, resolve } from 'node:path';
import type { Argv } from 'yargs';
import { bundleOption, policyOption, withoutSandboxOption } from './screen.ts';
import { UserError } from '../../src/errors.ts';
import { roles } from '../../src/screening/types.ts';
import { requireWhole, resultsOption } from './options.ts';

const folderOption = {
  type: 'string',
  requiresArg: true,
  default: 'screening',
  describe: 'where received files, verdicts and keys lie',
} as const;

/** Where the keys of a service lie; apart from its own files, so that keys can be made and revoked while it runs. */
const keyFileOf = (folder: string): string => join(resolve(folder), 'access', 'keys.json');

export const serveCommand = (parser: Argv): Argv =>
  parser.command(
    'serve',
    'screen files that come in over HTTP, with a page for reviewers; the first key from MASQUE_API_KEY',
    (command) =>
      command
        .option('port', {
          type: 'number',
          requiresArg: true,
          default: 8090,
          describe: '0: any that is free',
          coerce: (port: number): number => requireWhole('--port', port, 0, 65_535),
        })
        .option('host', {
          type: 'string',
          array: true,
          nargs: 1,
          default: ['127.0.0.1'],
          describe: 'the address to listen at, then further names that browsers may know the service by',
        })
        .option('folder', folderOption)
        .option('results', resultsOption)
        .option('policy', policyOption)
        .option('bundle', bundleOption)
        .option('webhook', {
          type: 'string',
          array: true,
          nargs: 1,
          default: [] as string[],
          describe: 'tell this address of each verdict and decision, signed with MASQUE_WEBHOOK_SECRET',
        })
        .option('without-sandbox', withoutSandboxOption)
        .example('npm run -s keys -- add ann --role reviewer', 'a key, shown once')
        .example('npm run serve -- --port 8090', 'then open http://127.0.0.1:8090'),
    async ({ port, host, folder, results, policy, bundle, webhook, withoutSandbox }) => {
      const { serve } = await import('../serve.ts');
      process.exitCode = await serve({
        port,
        hosts: host,
        folder: resolve(folder),
        results: resolve(results),
        keyFile: keyFileOf(folder),
        bundle: resolve(bundle),
        webhooks: webhook,
        withoutSandbox,
        ...(policy === undefined ? {} : { policy: resolve(policy) }),
      });
    },
  );

export const keysCommand = (parser: Argv): Argv =>
  parser.command(
    'keys <action> [which]',
    'make, list and revoke keys of the screening service: "add <name>", "list", "revoke <id>"',
    (command) =>
      command
        .positional('action', { choices: ['add', 'list', 'revoke'] as const, demandOption: true })
        .positional('which', {
          type: 'string',
          describe: 'the name of who gets the key, or the id of the key',
        })
        .option('role', {
          choices: roles,
          default: 'submitter' as const,
          describe:
            'submitters see their own files without scores; reviewers decide; administrators also hold and delete',
        })
        .option('folder', folderOption),
    async ({ action, which, role, folder }) => {
      const { addKey, readKeys, revokeKey } = await import('../../src/screening/http/keys.ts');
      const path = keyFileOf(folder);
      if (action === 'list') {
        for (const { id, name, role, createdAt, revokedAt } of readKeys(path))
          process.stdout.write(
            `${id}  ${role.padEnd(13)}  ${createdAt}  ${name}${revokedAt === null ? '' : `  (revoked ${revokedAt})`}\n`,
          );
        return;
      }
      if (which === undefined)
        throw new UserError(
          action === 'add'
            ? 'keys add: name who gets the key'
            : 'keys revoke: name the id, as "keys list" shows it',
        );
      if (action === 'revoke') return revokeKey(path, which);
      const { id, key } = await addKey(path, { name: which, role });
      process.stderr.write(`key ${id} of ${which}, ${role}; it is not shown again:\n`);
      process.stdout.write(`${key}\n`);
    },
  );
