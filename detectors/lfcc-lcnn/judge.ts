import type { Network } from '../../src/compute/model.ts';
import { mapsOver } from './maps.ts';
import { type LcnnShape, mapShape } from './network.ts';

/** The mean of the logits of a clip's maps, one map per run. */
export async function judgeRows(network: Network, rows: Float32Array, shape: LcnnShape): Promise<number> {
  const maps = mapsOver(rows, shape.rows);
  let sum = 0;
  for (const data of maps) {
    const { logit } = await network.run({ maps: { shape: mapShape(shape, 1), data } });
    sum += logit!.data[0]!;
  }
  return sum / maps.length;
}
