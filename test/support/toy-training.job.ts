/** A training of seconds on the engine, which a test can have killed in the middle. */
import { existsSync, writeFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { defineJob } from '../../src/pipeline/job.ts';
import { createRng } from '../../src/random.ts';
import { writeTensors } from '../../src/tensors.ts';
import type { FileRef } from '../../src/types.ts';
import { networks } from '../compute/networks.ts';

type Input = { network: number; backend: 'onnx' | 'cpu'; kill?: { atStep: number; onceMarkedBy: string } };

/** `kill`: the process kills itself at that step, unless the file is there already, which it makes. */
export const toyTraining = defineJob({
  name: 'toy-training',
  module: import.meta.url,
  threads: 1,
  async run(
    { network, backend, kill }: Input,
    work,
  ): Promise<{ weights: FileRef; info: unknown; stepsMade: number }> {
    const { openEngine } = await import('../../src/compute/engine.ts');
    const { createParameters } = await import('../../src/compute/parameters.ts');
    const { trainLoop } = await import('../../src/compute/train-loop.ts');
    const { inputs, batch, loss } = networks[network]!;
    const { tf, compile } = await openEngine({ threads: 1, backend });
    const parameters = createParameters(tf, createRng(1, 'toy', 'weights'));
    const [images, noise] = [createRng(1, 'toy', 'images'), createRng(1, 'toy', 'noise')];
    const trainer = await compile({
      parameters,
      inputs,
      loss(given) {
        const value = loss(tf, parameters, given);
        return { loss: value, metrics: { doubled: tf.mul(2, value) } };
      },
      optimizer: { kind: 'adam' },
    });
    let stepsMade = 0;
    const info = await trainLoop({
      name: 'toy',
      work,
      trainer,
      parameters,
      steps: 14,
      rngs: [images, noise],
      batch(step) {
        if (step === kill?.atStep && !existsSync(kill.onceMarkedBy)) {
          writeFileSync(kill.onceMarkedBy, '');
          process.kill(process.pid, 'SIGKILL');
        }
        stepsMade++;
        // One normal number a step leaves the second of its pair behind: that must be kept too.
        return { ...batch(images), learningRate: 1e-2 * Math.exp(noise.normal(0, 0.1)) };
      },
      // Falls and rises again, so that the best weights are those of step 6 and must survive the kill as well.
      validation: { everySteps: 3, error: async () => Math.abs(stepsLeft() - 8) },
    });
    function stepsLeft(): number {
      return 14 - Number(trainer.save()['steps']!.data[0]);
    }
    await writeTensors(join(work.folder, 'weights.safetensors'), parameters.toTensors());
    await writeFile(join(work.folder, 'info.json'), JSON.stringify(info));
    return { weights: await work.keep('weights.safetensors'), info, stepsMade };
  },
});
