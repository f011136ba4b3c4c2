/** A clip's face in every frame, by masque and by the library whose networks it uses; in worker processes, as the pipeline does it. */
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { FaceNetworks } from '../src/faces/networks.ts';
import { defineJob } from '../src/pipeline/job.ts';
import type { Frame, Model } from '../src/types.ts';

/** In how many frames there was a face, and what the processor spent on them in this process, seconds. */
export type Tracked = { frames: number; found: number; processor: number };

const cropSidePx = 128;

/** Decodes, follows, smooths, and brings the face of every frame to one place and size. */
export const trackWithMasque = defineJob({
  name: 'bench-track',
  module: import.meta.url,
  threads: 1,
  async run({ clip, networks }: { clip: string; networks: Model['files'] }): Promise<Tracked> {
    const { decodeFrames } = await import('../src/media/decode.ts');
    const { trackMesh } = await import('../src/faces/track-mesh.ts');
    const { cropFace, cropMap } = await import('../src/faces/crop.ts');
    const { innerLandmarks } = await import('../src/faces/mesh-topology.ts');
    const opened = await openOnce(networks);
    const before = process.cpuUsage();
    const frames: Frame[] = [];
    async function* kept(): AsyncGenerator<Frame> {
      for await (const frame of decodeFrames(clip)) {
        frames.push(frame);
        yield frame;
      }
    }
    const track = await trackMesh(kept(), 25, opened);
    frames.forEach((frame, i) => {
      const points = track.frames[i];
      if (points) cropFace(frame, cropMap(innerLandmarks(points), cropSidePx), cropSidePx);
    });
    return { frames: frames.length, found: track.found, processor: seconds(process.cpuUsage(before)) };
  },
});

let networksOpened: Promise<FaceNetworks> | undefined;

async function openOnce(files: Model['files']): Promise<FaceNetworks> {
  const { openFaceNetworks } = await import('../src/faces/networks.ts');
  networksOpened ??= openFaceNetworks({ detector: files['detector']!.path, mesh: files['mesh']!.path });
  return networksOpened;
}

/**
 * Decodes and gives each frame to the library. `follows`: it looks for the face again only when the picture has changed much or 2.5 s of the clock
 * have passed, as it does by itself; else in every frame, as its manual has it for pictures that have nothing to do with each other.
 */
export const trackWithHuman = defineJob({
  name: 'bench-human',
  module: import.meta.url,
  threads: 1,
  async run({ clip, follows }: { clip: string; follows: boolean }): Promise<Tracked> {
    const { decodeFrames } = await import('../src/media/decode.ts');
    human ??= openHuman(follows ? {} : { cacheSensitivity: 0 });
    const library = await human;
    const before = process.cpuUsage();
    let [frames, found] = [0, 0];
    for await (const { width, height, data } of decodeFrames(clip)) {
      const picture = library.tf.tensor(data, [height, width, 3], 'int32');
      const { face } = await library.detect(picture);
      picture.dispose();
      frames++;
      if (face[0]?.mesh.length === 468) found++;
    }
    return { frames, found, processor: seconds(process.cpuUsage(before)) };
  },
});

type Picture = { dispose(): void };
type Human = {
  tf: { tensor(data: Uint8Array, shape: number[], dtype: 'int32'): Picture };
  load(): Promise<void>;
  detect(picture: Picture): Promise<{ face: { mesh: unknown[] }[] }>;
};
let human: Promise<Human> | undefined;

/**
 * Its build for Node on WebAssembly (that on tfjs-node needs a library from outside npm), as it comes but for what is not asked: iris,
 * emotion, description, gestures, bodies, hands, and filters are off.
 */
async function openHuman(options: { cacheSensitivity?: number }): Promise<Human> {
  const require = createRequire(import.meta.url);
  const folder = dirname(dirname(require.resolve('@vladmandic/human')));
  // It fetches its models, and Node's fetch does not read files.
  const fetchRemote = globalThis.fetch;
  globalThis.fetch = async (input, init) =>
    typeof input === 'string' && input.startsWith('file:')
      ? new Response(await readFile(new URL(input)))
      : fetchRemote(input, init);
  const { Human: Library } = require(`${folder}/dist/human.node-wasm.js`) as {
    Human: new (config: object) => Human;
  };
  const off = { enabled: false };
  const library = new Library({
    backend: 'wasm',
    wasmPath: `${dirname(require.resolve('@tensorflow/tfjs-backend-wasm'))}/`,
    modelBasePath: `${pathToFileURL(folder).href}/models/`,
    warmup: 'none',
    ...options,
    filter: off,
    gesture: off,
    body: off,
    hand: off,
    object: off,
    segmentation: off,
    face: { iris: off, emotion: off, description: off },
  });
  await library.load();
  return library;
}

const seconds = ({ user, system }: NodeJS.CpuUsage): number => (user + system) / 1e6;
