/**
 * The npm package `@vladmandic/human` (MIT), of which masque uses data alone: the weights of two networks and the shape of the face mesh that
 * one of them knows. Its program is never loaded.
 */
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { UserError } from '../errors.ts';

/** Path of one of its files. Throws UserError when it is not installed. */
export function humanFile(...parts: string[]): string {
  try {
    // Its export map lets through nothing but programs; the data lie beside them.
    const program = createRequire(import.meta.url).resolve('@vladmandic/human');
    return join(dirname(program), '..', ...parts);
  } catch (cause) {
    throw new UserError(
      'the package @vladmandic/human is not installed: faces cannot be found. Run `npm ci`',
      {
        cause,
      },
    );
  }
}
