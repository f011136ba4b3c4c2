/** What no result may rest on: one file in two splits, a fake among the real clips. Told by content, never by name. */
import { UserError } from '../errors.ts';
import { readProvenance } from '../media/provenance.ts';
import type { Clip } from '../types.ts';
import { truthOf } from './items.ts';

/**
 * Compares the content of all clips of an experiment.
 * @throws UserError naming two clips that are the same file in different splits, or once real and once fake; or a clip called real
 * beside which lies the manifest of a fake with its content.
 */
export async function refuseOverlap(clips: readonly Clip[]): Promise<void> {
  const seen = new Map<string, Clip>();
  // What could not be read is a failure of its own, and empty files are all alike.
  for (const clip of clips.filter(({ media }) => media.video ?? media.audio)) {
    const { sha256 } = clip.media;
    const other = seen.get(sha256) ?? clip;
    seen.set(sha256, other);
    if (other.split !== clip.split)
      throw new UserError(
        `${clip.id} (split ${clip.split}) is the same file as ${other.id} (split ${other.split}): a detector would be asked about what it learned from. Leave one of them out`,
      );
    const [truth, otherTruth] = [truthOf(clip, 'any'), truthOf(other, 'any')];
    if (truth && otherTruth && truth !== otherTruth)
      throw new UserError(
        `${clip.id} (${truth}) is the same file as ${other.id} (${otherTruth}): one of the labels is wrong`,
      );
  }
  for (const clip of clips) {
    const made = truthOf(clip, 'any') === 'real' ? await manifestOf(clip) : undefined;
    if (made)
      throw new UserError(
        `${clip.id} is called real, but ${clip.media.path} is a fake made by ${made.generator}: its manifest lies beside it. Correct the label`,
      );
  }
}

/**
 * A remark where people or recordings of two data sets have the same names: where these are the same (the targets of DeeperForensics are videos
 * of FaceForensics++), the one was learned from and the other is asked about. Names alone do not tell, so it is no refusal.
 */
export function namesShared(learned: readonly Clip[], asked: readonly Clip[]): string | undefined {
  const known = new Set(learned.flatMap(({ sources }) => sources));
  const all = new Set(asked.flatMap(({ sources }) => sources));
  const shared = [...all].filter((source) => known.has(source));
  if (shared.length === 0) return undefined;
  return `${shared.length} of ${all.size} people or recordings asked about have the names of some that detectors learned from (first: ${shared[0]}): where they are the same, figures say less about those whom nobody has seen`;
}

/** A manifest that belongs to other content says nothing about this one. */
function manifestOf({ media }: Clip) {
  return readProvenance(media.path).catch(() => undefined);
}
