/** Why nothing is known of a file, where opening it would not tell: its disk cannot read it, or its pictures make no film. */
import type { ItemError } from '../errors.ts';
import type { FileRef, Media } from '../types.ts';

/** Beside media and not in them: what is in them goes into cache keys. */
const reasons = new WeakMap<Media, ItemError>();

/** The file alone, for a clip that fails with `reason`. */
export function failing({ path, sha256 }: FileRef, reason: ItemError): Media {
  const media = { path, sha256 };
  reasons.set(media, reason);
  return media;
}

/** The reason where there is one; else opening the file tells. */
export const reasonOf = (media: Media): ItemError | undefined => reasons.get(media);
