/** A file looked at before it is taken in: what it is, and whether that is what its sender says. */
import { isMedia } from './file-types.ts';
import { kindOfFile } from './kind-of-file.ts';
import { type Reason, Refused } from './types.ts';

/**
 * `held`: why nobody may judge it, which is that its name or the type `declared` with it say what it is not, or that it is two things at once. `extension`, with its dot: what its
 * content agrees with, where it is media and one thing. @throws Refused `unfit` for markup that does not pretend to be anything else; as `fs` does.
 */
export async function atTheDoor(
  path: string,
  name: string,
  declared: string | undefined,
): Promise<{ held: Reason[]; extension: string | undefined }> {
  const { type, held } = await kindOfFile(path, name, declared);
  const [markup] = held.filter(({ code }) => code === 'E_MARKUP');
  if (markup && held.length === 1) throw new Refused('unfit', markup.message);
  const isOne = isMedia(type) && !held.some(({ code }) => code === 'E_TWO_TYPES');
  return { held, extension: isOne ? `.${type}` : undefined };
}
