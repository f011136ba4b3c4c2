/** The files of a run that go beside its numbers. */
import { existsSync } from 'node:fs';
import { extname, join } from 'node:path';
import type { FileRef } from '../../types.ts';
import type { RunRecord } from '../record.ts';
import { artifactName } from './names.ts';
import type { Content } from './outbox.ts';

/** The files of one trained network by name; `showsPeople`: somebody's face or voice can be made from them. */
export type ModelFiles = { label: string; files: Record<string, FileRef>; showsPeople: boolean };

const always = ['record.json', 'config.yaml', 'outcomes.csv', 'failures.csv'];

/**
 * What `folder` holds and the models, with their paths among the artifacts, and what the user should know of it. A server is a place where many look: without
 * their owners' consent no faces go there, neither in the report nor in a generator, nor what is known of each person (`items.csv`).
 */
export function filesOf(
  folder: string,
  models: readonly ModelFiles[],
  shareable: RunRecord['data']['shareable'],
): { files: { to: string; content: Content }[]; remarks: string[] } {
  const names = [...always, ...(shareable.value ? ['report.html', 'items.csv'] : [])];
  const own = names
    .map((name) => ({ to: name, content: { path: join(folder, name) } }))
    .filter(({ content }) => existsSync(content.path));
  const learned = models
    .filter(({ showsPeople }) => shareable.value || !showsPeople)
    .flatMap(({ label, files }) =>
      Object.entries(files).map(([name, { path }]) => {
        const full = name.endsWith(extname(path)) ? name : `${name}${extname(path)}`;
        return { to: `models/${artifactName(label)}/${artifactName(full)}`, content: { path } };
      }),
    );
  return {
    files: [...own, ...learned],
    remarks: shareable.value
      ? []
      : [`without report.html and generators, because they show faces: ${shareable.reason}`],
  };
}
