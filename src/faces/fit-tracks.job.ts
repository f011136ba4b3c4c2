import { join } from 'node:path';
import { writeTrack } from '../head/track.ts';
import { defineJob } from '../pipeline/job.ts';
import { createRng } from '../random.ts';
import type { FileRef } from '../types.ts';
import type { FilmedMesh } from './fit-tracks.ts';
import { readMeshTrack } from './mesh-track.ts';

/** Films whose face is known in every frame; `mesh`: what `track-mesh` left. */
type Film = Pick<FilmedMesh, 'person' | 'teaches'> & { mesh: FileRef };

/** A track (`src/head/track.ts`) for each film, in their order: of all together, since they share a basis. */
export const fitTracksJob = defineJob<{ films: Film[]; seed: number }, FileRef[]>({
  name: 'fit-tracks',
  module: import.meta.url,
  threads: 1,
  urgent: true,
  async run({ films, seed }, work) {
    const { fitTracks } = await import('./fit-tracks.ts');
    const meshes: FilmedMesh[] = [];
    for (const { person, teaches, mesh } of films) {
      const { frames, ...rest } = await readMeshTrack(mesh.path);
      const whole = frames.filter((points) => points !== null);
      if (whole.length < frames.length) throw new Error(`${mesh.path}: its face is not known in every frame`);
      meshes.push({ ...rest, person, teaches, frames: whole });
    }
    const files: FileRef[] = [];
    for (const [i, track] of fitTracks(meshes, createRng(seed, 'fit-tracks')).entries()) {
      const name = `${String(i).padStart(4, '0')}.track`;
      await writeTrack(join(work.folder, name), track);
      files.push(await work.keep(name));
      work.progress((i + 1) / films.length);
    }
    return files;
  },
});
