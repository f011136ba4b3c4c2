/** `masque evidence`: what it is asked on the command line. */
import { resolve } from 'node:path';
import type { Argv } from 'yargs';
import { UserError } from '../../src/errors.ts';
import { serviceOption } from './options.ts';

export const evidenceCommand = (parser: Argv): Argv =>
  parser.command(
    'evidence <action> [what]',
    'all that the screening service knows of a file, signed, in one .tar: "pack <sha256 or request id>", "verify <file>", "key"',
    (command) =>
      command
        .positional('action', { choices: ['pack', 'verify', 'key'] as const, demandOption: true })
        .positional('what', {
          type: 'string',
          describe: 'pack: the SHA-256 of the file, or the id of a receipt; verify: the .tar',
        })
        .option('service', serviceOption)
        .option('to', {
          type: 'string',
          requiresArg: true,
          describe: 'pack: where to; evidence-<what>.tar unless given',
        })
        .option('public-key', {
          type: 'string',
          requiresArg: true,
          describe:
            'verify: the key of the service in PEM, as "evidence key" shows it; without it only integrity is checked, not who signed',
        })
        .example('npm run -s evidence -- verify case.tar --public-key newsroom.pem', 'needs no service')
        .epilogue(
          'verify: exit 0 where the file holds, 1 where not, with the first thing that is broken. It needs neither service nor network.',
        ),
    async ({ action, what, service, to, publicKey }) => {
      const { pack, showKey, verify } = await import('../evidence.ts');
      if (action === 'key') return showKey(resolve(service));
      if (what === undefined || what === '')
        throw new UserError(
          action === 'pack'
            ? 'evidence pack: name the SHA-256 of a file, or the id of a receipt'
            : 'evidence verify: name a file, as case.tar',
        );
      process.exitCode =
        action === 'pack'
          ? await pack(resolve(service), what, to ?? `evidence-${what}.tar`)
          : await verify(what, publicKey);
    },
  );
