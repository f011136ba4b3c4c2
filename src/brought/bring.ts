/** What components that run a user's own network bring: its file and the manifest's entry, both checked. */
import { UserError } from '../errors.ts';
import { sha256OfFile } from '../files.ts';
import type { Context, Model } from '../types.ts';
import { readManifest, requireContent } from './manifest.ts';
import { tryModel } from './try.job.ts';

type Wanted = { model: string; manifest: string };

/**
 * The model named, whose content is the manifest's and which has been run once.
 * @throws UserError where the manifest does not hold it with all it must say, it gives something else than `gives`, its hash is another
 * one, or it does not run.
 */
export async function bringModel(
  { model: name, manifest }: Wanted,
  gives: 'score' | 'picture',
  context: Context,
): Promise<Model> {
  const { entry, path } = readManifest(manifest, name);
  if ((entry.output.meaning === 'picture') !== (gives === 'picture'))
    throw new UserError(
      `${manifest}: model "${name}" gives a ${entry.output.meaning}; here it must give a ${gives}`,
    );
  const sha256 = await sha256OfFile(path).catch((cause: NodeJS.ErrnoException) => {
    throw new UserError(`${path}: cannot be read (${cause.code}). Its source: ${entry.source}`, { cause });
  });
  requireContent(path, sha256, entry);
  const model: Model = { files: { network: { path, sha256 } }, info: { entry } };
  await context.run(tryModel, { model });
  return model;
}
