import { openModel } from '../../src/compute/model.ts';
import type { NamedTensors } from '../../src/tensors.ts';
import { type Footage, middleOf } from './footage.ts';
import { encode } from './swapper.ts';

/** The mean code of each person over all of their footage, by name. @param encoder An exported encoder. */
export async function meanCodes(
  encoder: Uint8Array,
  footage: Footage,
  facePx: number,
): Promise<NamedTensors> {
  const network = await openModel(encoder, { threads: 1 });
  const means: NamedTensors = {};
  for (const [i, person] of footage.people.entries()) {
    const examples = footage.examples[i]!;
    let sum: Float64Array | undefined;
    for (const example of examples) {
      const { data } = await encode(network, middleOf(example, footage.sidePx, facePx));
      sum ??= new Float64Array(data.length);
      for (const [k, value] of data.entries()) sum[k]! += value;
    }
    const data = Float32Array.from(sum!, (value) => value / examples.length);
    means[person] = { shape: [data.length], data };
  }
  network.close();
  return means;
}
