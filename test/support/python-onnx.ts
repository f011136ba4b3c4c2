/** Exported networks beside Python's ONNX Runtime, which others run them with. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openModel } from '../../src/compute/model.ts';

type Tensor = { name: string; shape: number[]; dtype: string; file: string };
type Run = { path: string; inputs: Tensor[]; outputs: Tensor[] };

/** Every `.onnx` file below a folder. */
export function networksIn(folder: string): string[] {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile() && entry.name.endsWith('.onnx'))
    .map((entry) => join(entry.parentPath, entry.name))
    .toSorted();
}

/**
 * The largest difference of any output of each model between Python's runtime and ours on the same random inputs, in units of the output's
 * largest magnitude where that is above 1.
 */
export async function differencesFromPython(
  python: string,
  models: string[],
): Promise<{ path: string; difference: number; values: number }[]> {
  const folder = mkdtempSync(join(tmpdir(), 'masque-python-'));
  try {
    const script = join(import.meta.dirname, 'run-onnx.py');
    const options = { input: JSON.stringify({ models, folder }), maxBuffer: 1 << 26 };
    const runs = JSON.parse(execFileSync(python, [script], options).toString()) as Run[];
    const found: { path: string; difference: number; values: number }[] = [];
    for (const run of runs) found.push({ path: run.path, ...(await compare(run)) });
    return found;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

async function compare({ path, inputs, outputs }: Run): Promise<{ difference: number; values: number }> {
  const network = await openModel(path, { threads: 1 });
  const ours = await network.run(Object.fromEntries(inputs.map((input) => [input.name, read(input)])));
  network.close();
  let [difference, values] = [0, 0];
  for (const output of outputs) {
    const theirs = [...read(output).data];
    const scale = theirs.reduce((largest, value) => Math.max(largest, Math.abs(value)), 1);
    theirs.forEach((value, i) => {
      const apart = Math.abs(value - ours[output.name]!.data[i]!) / scale;
      // A number that is none is no agreement.
      difference = apart <= difference ? difference : Number.isNaN(apart) ? Number.POSITIVE_INFINITY : apart;
    });
    values += theirs.length;
  }
  return { difference, values };
}

function read({ shape, dtype, file }: Tensor): { shape: number[]; data: Float32Array | Int32Array } {
  const { buffer } = new Uint8Array(readFileSync(file));
  return { shape, data: dtype === 'int32' ? new Int32Array(buffer) : new Float32Array(buffer) };
}
