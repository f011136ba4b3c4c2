import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { defineJob } from '../pipeline/job.ts';
import type { Model } from '../types.ts';

/** The networks that find faces, as ONNX files `detector` and `mesh`. Throws UserError where `@vladmandic/human` is not installed. */
export const convertFaceNetworksJob = defineJob({
  name: 'convert-face-networks',
  module: import.meta.url,
  threads: 1,
  async run(_input: Record<string, never>, work): Promise<Model> {
    const { convertFaceNetworks } = await import('./convert-networks.ts');
    const networks = await convertFaceNetworks();
    const files: Model['files'] = {};
    for (const [name, bytes] of Object.entries(networks)) {
      await writeFile(join(work.folder, `${name}.onnx`), bytes);
      files[name] = await work.keep(`${name}.onnx`);
    }
    return { files, info: {} };
  },
});
