/** Texts as names of artifacts and experiments, that no server reads as anything but a name. */
import { createHash } from 'node:crypto';
import { UserError } from '../../errors.ts';

const longest = 91;

/**
 * A file's name of `[A-Za-z0-9._-]{1,100}`, without two dots in a row or one before it: `puppetry@cpu-96` → `puppetry_at_cpu-96`, `spectrum~recomposite` →
 * `spectrum_on_recomposite`. Where more than that had to be replaced, a hash keeps different texts apart.
 */
export function artifactName(text: string): string {
  const told = text.replaceAll('@', '_at_').replaceAll('~', '_on_');
  const plain = told
    .replaceAll(/[^\w.-]+/g, '_')
    .replaceAll(/^\.+|\.{2,}/g, '_')
    .slice(0, longest);
  if (plain === told && plain !== '' && !/_(?:at|on)_/.test(text)) return plain;
  return `${plain}-${createHash('sha256').update(text).digest('hex').slice(0, 8)}`;
}

/**
 * The name of an experiment as the user gave it, which other tools know it by. @throws UserError when it could be taken for a path, or no server
 * takes it.
 */
export function checkExperimentName(name: string): string {
  const trimmed = name.trim();
  if (trimmed.length <= 500 && !/\p{C}|\.\.|%2e/iu.test(trimmed)) return trimmed;
  throw new UserError(
    'MLFLOW_EXPERIMENT_NAME is longer than 500 characters, or holds "..", "%2e" or characters that are not shown; choose another name',
  );
}
