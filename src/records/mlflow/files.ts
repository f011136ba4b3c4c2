/** The files of a run, uploaded beside its numbers. */
import { existsSync } from 'node:fs';
import { extname, join } from 'node:path';
import { fileName } from '../../file-name.ts';
import type { FileRef } from '../../types.ts';
import type { Server } from './server.ts';

/** The files of one trained network by name; `showsPeople`: somebody's face or voice can be made from them. */
export type ModelFiles = { label: string; files: Record<string, FileRef>; showsPeople: boolean };
type Shareable = { value: boolean; reason: string };

const always = ['record.json', 'config.yaml', 'outcomes.csv', 'failures.csv'];

/**
 * Uploads what `folder` holds and the models to the artifacts at `artifactUri`, and returns what the user should know of it.
 * A server is a place where many look: without their owners' consent no faces go there, neither in the report nor in a
 * generator, nor what is known of each person (`items.csv`).
 */
export async function uploadFiles(
  server: Server,
  artifactUri: string,
  folder: string,
  models: readonly ModelFiles[],
  shareable: Shareable,
): Promise<string[]> {
  const root = /^mlflow-artifacts:(?:\/\/[^/]+)?\/+(.+)$/.exec(artifactUri)?.[1];
  if (root === undefined)
    return [
      `without files, because the server does not take them itself (they belong at ${artifactUri.split(':')[0]}:…; start it with --serve-artifacts)`,
    ];
  const names = [...always, ...(shareable.value ? ['report.html', 'items.csv'] : [])];
  for (const name of names.filter((each) => existsSync(join(folder, each))))
    await server.upload(`${root}/${name}`, join(folder, name));
  for (const { label, files } of models.filter(({ showsPeople }) => shareable.value || !showsPeople))
    for (const [name, { path }] of Object.entries(files)) {
      const full = name.endsWith(extname(path)) ? name : `${name}${extname(path)}`;
      await server.upload(`${root}/models/${fileName(label)}/${fileName(full)}`, path);
    }
  return shareable.value
    ? []
    : [`without report.html and generators, because they show faces: ${shareable.reason}`];
}
