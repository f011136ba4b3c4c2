/** Every frame of a clip judged by an exported MesoInception4, in a worker process as the pipeline does it. */
import { readFile } from 'node:fs/promises';
import type { Network } from '../src/compute/model.ts';
import { defineJob } from '../src/pipeline/job.ts';

/** How many frames, and the processor's seconds for them. */
export type Judged = { frames: number; processor: number };

export const scoreEveryFrame = defineJob({
  name: 'bench-score',
  module: import.meta.url,
  threads: 1,
  async run({ model, clip, sizePx }: { model: string; clip: string; sizePx: number }): Promise<Judged> {
    const { decodeFrames } = await import('../src/media/decode.ts');
    const { judgeFrames } = await import('../detectors/meso-inception/judge.ts');
    async function* pixels(): AsyncGenerator<Uint8Array> {
      for await (const { data } of decodeFrames(clip)) yield data;
    }
    const before = await processorSeconds();
    const logits = await judgeFrames(await opened(model), pixels(), sizePx);
    return { frames: logits.length, processor: (await processorSeconds()) - before };
  },
});

/** Of this process and the decoders it started and saw end (Linux counts in hundredths; elsewhere decoders are left out). */
async function processorSeconds(): Promise<number> {
  const { user, system } = process.cpuUsage();
  const stat = await readFile('/proc/self/stat', 'utf8').catch(() => '');
  const [userTicks = '0', systemTicks = '0'] = stat.split(') ')[1]?.split(' ').slice(13, 15) ?? [];
  return (user + system) / 1e6 + (Number(userTicks) + Number(systemTicks)) / 100;
}

let network: Promise<Network> | undefined;

/** Opened once per worker, as a detector is. */
async function opened(model: string): Promise<Network> {
  const { openModel } = await import('../src/compute/model.ts');
  network ??= openModel(model, { threads: 1 });
  return network;
}
