/** Every frame of a clip judged by an exported MesoInception4, in a worker process as the pipeline does it. */
import { readdir, readFile } from 'node:fs/promises';
import type { Network } from '../src/compute/model.ts';
import { defineJob } from '../src/pipeline/job.ts';
import type { FileRef } from '../src/types.ts';

/** How many frames, and the processor's seconds for them. */
export type Judged = { frames: number; processor: number };

export const scoreEveryFrame = defineJob({
  name: 'bench-score',
  module: import.meta.url,
  threads: 1,
  async run({ model, clip, sizePx }: { model: string; clip: string; sizePx: number }): Promise<Judged> {
    const { decodeFrames } = await import('../src/media/decode.ts');
    const { judgeFrames } = await import('../src/frame-net/judge.ts');
    async function* pixels(): AsyncGenerator<Uint8Array> {
      for await (const { data } of decodeFrames(clip)) yield data;
    }
    const before = await processorSeconds();
    const logits = await judgeFrames(await opened(model), pixels(), sizePx);
    return { frames: logits.length, processor: (await processorSeconds()) - before };
  },
});

/** As `scoreEveryFrame`, of files that a worker of another machine is sent. `round`: asked anew each time. */
export const scoreSentFrames = defineJob({
  name: 'bench-score-sent',
  module: import.meta.url,
  threads: 1,
  async run(
    { model, clip, sizePx }: { model: FileRef; clip: FileRef; sizePx: number; round: string },
    work,
  ): Promise<Judged> {
    return scoreEveryFrame.run({ model: model.path, clip: clip.path, sizePx }, work);
  },
});

/** Of this process, of the launcher that it starts decoders from, and of the decoders that ended (Linux counts in hundredths; elsewhere this process alone). */
async function processorSeconds(): Promise<number> {
  const { user, system } = process.cpuUsage();
  const pids = (await readdir('/proc').catch(() => [])).filter((name) => /^\d+$/.test(name));
  let ticks = 0;
  for (const pid of pids) {
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
    // After the name: state, parent, …; from the twelfth on user and system time, its own and of its children.
    const fields = stat
      .slice(stat.lastIndexOf(')') + 2)
      .split(' ')
      .map(Number);
    if (fields[1] === process.pid) for (const own of fields.slice(11, 15)) ticks += own;
  }
  return (user + system) / 1e6 + ticks / 100;
}

let network: Promise<Network> | undefined;

/** Opened once per worker, as a detector is. */
async function opened(model: string): Promise<Network> {
  const { openModel } = await import('../src/compute/model.ts');
  network ??= openModel(model, { threads: 1 });
  return network;
}
