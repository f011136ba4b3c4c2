/**
 * DeeperForensics-1.0 as published: `manipulated_videos/<variant>/<target>_<actor>.mp4` and `lists/splits/{train,val,test}.txt`, a name a line.
 * Its `source_videos` show the actors who lent their faces and are **not** the real class: that are the target videos, which belong to
 * FaceForensics++ (`original_sequences/youtube/c23`) and must be brought along (`targets`); each stands in the part of its fake.
 */
import { z } from 'zod';
import { UserError } from '../src/errors.ts';
import { listedDataset } from '../src/listed/dataset.ts';
import type { Entry } from '../src/listed/entry.ts';
import { linesIn } from '../src/listed/lines.ts';
import { deeperSources, partNames } from '../src/listed/names.ts';
import { eachOnce, listedOptions } from '../src/listed/options.ts';
import { findFolder, openTree, requireFile, type Tree } from '../src/listed/tree.ts';
import type { Split } from '../src/types.ts';

const variants = [
  'end_to_end',
  'reenact_postprocess',
  ...[1, 2, 3, 4, 5].map((level) => `end_to_end_level_${level}`),
  'end_to_end_random_level',
  ...[2, 3, 4].map((count) => `end_to_end_mix_${count}_distortions`),
] as const;

const options = z.strictObject({
  ...listedOptions('DeeperForensics-1.0'),
  variants: eachOnce(variants).default(['end_to_end']),
  /** FaceForensics++, for the real class. Without it there are fakes alone, and no AUC. */
  targets: z
    .strictObject({ path: z.string().min(1), compression: z.enum(['raw', 'c23', 'c40']).default('c23') })
    .optional(),
});
type Options = z.infer<typeof options>;

const name = 'deeperforensics';
const targetVideos = 'original_sequences/youtube/<compression>/videos/<target>.mp4 of FaceForensics++';
const layout = `lists/splits/{train,val,test}.txt, manipulated_videos/<variant>/<target>_<actor>.mp4, and below dataset.targets.path ${targetVideos}`;

export const deeperforensics = listedDataset<Options>({
  name,
  cite: 'Jiang, Li, Wu, Qian, Loy: DeeperForensics-1.0, CVPR 2020',
  options,
  layout,
  async *entries(tree, { splits, targets, variants: chosen }, remark) {
    if (!targets)
      remark(
        'the real class of DeeperForensics are target videos of FaceForensics++, whose folder dataset.targets names',
      );
    const youtube = targets && (await openTargets(targets.path));
    for (const split of splits) {
      const told = new Set<string>();
      for await (const { id, target, actor, listed } of namesIn(tree, split)) {
        for (const variant of chosen)
          yield {
            id: `${variant}/${id}`,
            file: `manipulated_videos/${variant}/${id}.mp4`,
            sources: [target, actor],
            labels: { video: 'fake' },
            origin: variant,
            split,
            listed,
            attributes: { gender: actor.startsWith('M') ? 'man' : 'woman' },
          };
        if (youtube && !told.has(target)) yield targetOf(target, youtube, targets.compression, split);
        told.add(target);
      }
    }
  },
});

const openTargets = async (path: string): Promise<Tree> =>
  openTree(name, await findFolder(name, path, targetVideos, 'dataset.targets.path'));

async function* namesIn(
  tree: Tree,
  split: Split,
): AsyncGenerator<{ id: string; target: string; actor: string; listed: string }> {
  const path = await requireFile({ name, layout }, tree, `lists/splits/${partNames[split]}.txt`);
  for await (const { line, text } of linesIn(path)) {
    const id = text.trim().replace(/\.mp4$/, '');
    const [target, actor] = deeperSources(id) ?? [];
    if (!target || !actor) throw new UserError(`${path}:${line}: expected a name like 000_M101.mp4`);
    yield { id, target, actor, listed: `${path}:${line}` };
  }
}

const targetOf = (target: string, tree: Tree, compression: string, split: Split): Entry => ({
  id: `target/${target.replace('youtube/', '')}`,
  file: `original_sequences/youtube/${compression}/videos/${target.replace('youtube/', '')}.mp4`,
  tree,
  sources: [target],
  labels: { video: 'real' },
  origin: name,
  split,
});
