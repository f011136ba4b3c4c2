import { join } from 'node:path';
import { ItemError } from '../errors.ts';
import { decodeFrames } from '../media/decode.ts';
import { defineJob } from '../pipeline/job.ts';
import type { FileRef, Media, Model } from '../types.ts';
import { writeMeshTrack } from './mesh-track.ts';

/** `networks`: what `convert-face-networks` left. */
type TrackInput = { media: Media; networks: Model['files'] };
/** `track`: a file for `readMeshTrack`; the counts are as in `MeshTrack`. */
export type TrackedMesh = {
  track: FileRef;
  frameCount: number;
  found: number;
  bridged: number;
  faces: number;
};

/** Follows the main face of a clip. Throws ItemError E_STREAM_MISSING where there is no picture, and as `decodeFrames`. */
export const trackMeshJob = defineJob({
  name: 'track-mesh',
  module: import.meta.url,
  threads: 1,
  async run({ media, networks }: TrackInput, work): Promise<TrackedMesh> {
    const { video, path } = media;
    if (!video) throw new ItemError('E_STREAM_MISSING', `${path}: has no picture to find a face in`);
    const { openFaceNetworks } = await import('./networks.ts');
    const { trackMesh } = await import('./track-mesh.ts');
    const opened = await openFaceNetworks({
      detector: networks['detector']!.path,
      mesh: networks['mesh']!.path,
    });
    try {
      const frames = decodeFrames(path, { frameCount: video.frameCount });
      const track = await trackMesh(frames, video.fps, opened);
      await writeMeshTrack(join(work.folder, 'mesh.track'), track);
      const { found, bridged, faces } = track;
      return { track: await work.keep('mesh.track'), frameCount: track.frames.length, found, bridged, faces };
    } finally {
      opened.close();
    }
  },
});
