/** Every mark that a fake can carry, on a clip. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { createSigner, signFake } from '../../src/export/c2pa-sign.ts';
import { probe } from '../../src/media/probe.ts';
import { mediaTools } from '../../src/media/tools.ts';
import { provenanceComment, readMark, writeProvenance } from '../../src/media/provenance.ts';
import type { Clip } from '../../src/types.ts';

/** The clip with the comment of a fake in its container, a C2PA manifest that says so too, our own beside it, and a description that says so; in `folder`. */
export async function marked(clip: Clip, folder: string): Promise<Clip> {
  const [tagged, path] = ['tagged', 'marked'].map((name) => join(folder, `${name}-${clip.id}.mp4`)) as [
    string,
    string,
  ];
  const comment = provenanceComment('puppetry@cpu-96');
  const args = [
    '-y',
    '-v',
    'error',
    '-i',
    clip.media.path,
    '-c',
    'copy',
    '-strict',
    '-2',
    '-metadata',
    `comment=${comment}`,
    tagged,
  ];
  await promisify(execFile)((await mediaTools()).ffmpeg, args);
  const source = 'compositeWithTrainedAlgorithmicMedia' as const;
  const signing = { generator: 'puppetry@cpu-96', source, signer: await createSigner() };
  await writeFile(path, await signFake(await readFile(tagged), signing));
  await writeProvenance(path, {
    generator: 'puppetry@cpu-96',
    options: {},
    model: {},
    sources: [],
    sourceFiles: [],
    licence: 'synthetic',
  });
  assert.equal(await readMark(path), 'puppetry@cpu-96');
  return {
    ...clip,
    id: `puppetry@cpu-96/${clip.id}`,
    origin: 'puppetry@cpu-96',
    labels: { video: 'fake', audio: 'fake', pairing: 'fake', spans: [{ start: 0, end: 1 }] },
    sources: ['somebody else', ...clip.sources],
    driving: 'other-person',
    media: await probe(path),
  };
}
