/** Every frame of a clip judged by an exported MesoInception4, in a worker process as the pipeline does it. */
import type { Network } from '../src/compute/model.ts';
import { defineJob } from '../src/pipeline/job.ts';

export const scoreEveryFrame = defineJob({
  name: 'bench-score',
  module: import.meta.url,
  threads: 1,
  async run({ model, clip, sizePx }: { model: string; clip: string; sizePx: number }): Promise<number[]> {
    const { decodeFrames } = await import('../src/media/decode.ts');
    const { judgeFrames } = await import('../detectors/meso-inception/judge.ts');
    async function* pixels(): AsyncGenerator<Uint8Array> {
      for await (const { data } of decodeFrames(clip)) yield data;
    }
    return judgeFrames(await opened(model), pixels(), sizePx);
  },
});

let network: Promise<Network> | undefined;

/** Opened once per worker, as a detector is. */
async function opened(model: string): Promise<Network> {
  const { openModel } = await import('../src/compute/model.ts');
  network ??= openModel(model, { threads: 1 });
  return network;
}
