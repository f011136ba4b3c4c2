/** A small corpus in the published layout. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createRng } from '../../src/random.ts';

export const [rows, columns, coefficients] = [16, 29, 76] as const;

/** As `numpy.save` writes it, version 1. */
export function npy(
  values: ArrayLike<number>,
  { descr = '<f8', fortran = false, shape = [rows, columns] as readonly number[] } = {},
): Buffer {
  const dictionary = `{'descr': '${descr}', 'fortran_order': ${fortran ? 'True' : 'False'}, 'shape': (${shape.join(', ')}), }`;
  const header = dictionary.padEnd(Math.ceil((10 + dictionary.length + 1) / 64) * 64 - 11) + '\n';
  const start = Buffer.from('\u0093NUMPY\u0001\0??', 'latin1');
  start.writeUInt16LE(header.length, 8);
  const data = Buffer.alloc(values.length * 8);
  for (let i = 0; i < values.length; i++) data.writeDoubleLE(values[i]!, i * 8);
  return Buffer.concat([start, Buffer.from(header, 'latin1'), data]);
}

export const expressionText = (table: readonly (readonly number[])[]): string =>
  `${table.map((row) => row.map((value) => value.toFixed(6)).join(' ')).join('\n')}\n`;

export async function writeTarget(
  root: string,
  name: string,
  windows: readonly ArrayLike<number>[],
  expressions: readonly (readonly number[])[],
): Promise<string> {
  const folder = join(root, 'TARGETS', name);
  await mkdir(join(folder, 'audio_feature'), { recursive: true });
  for (const [frame, window] of windows.entries())
    await writeFile(join(folder, 'audio_feature', `${frame}.deepspeech.npy`), npy(window));
  await writeFile(join(folder, 'expression.txt'), expressionText(expressions));
  return folder;
}

/**
 * Targets whose mouths follow their sound by a known rule: every few frames another of 29 phones, heard as logits of a loudness that
 * changes, is shown as 6 values of that phone, blurred over five frames, times a matrix of the target's own. Loudness is not shown,
 * so that no linear map from logits to coefficients exists.
 */
export async function writeCorpus(
  root: string,
  { targets, frames, seed }: { targets: number; frames: number; seed: number },
): Promise<void> {
  const rng = createRng(seed, 'nvp-corpus');
  const shapes = Array.from({ length: columns }, () => Array.from({ length: 6 }, () => rng.normal()));
  for (let target = 0; target < targets; target++) {
    const own = rng.fork(`target ${target}`);
    const map = Array.from({ length: 6 * coefficients }, () => own.normal(0, 0.3));
    const spoken: number[] = [];
    const logits: number[][] = [];
    while (spoken.length < frames) {
      const [phone, length, loudness] = [own.int(columns), 3 + own.int(5), 3 * 4 ** own.uniform()];
      for (let i = 0; i < length; i++) {
        spoken.push(phone);
        logits.push(
          Array.from({ length: columns }, (_, c) => (c === phone ? loudness : 0) + own.normal(0, 0.5)),
        );
      }
    }
    const at = (t: number): number => spoken[Math.max(0, Math.min(frames - 1, t))]!;
    const expressions = Array.from({ length: frames }, (_, t) =>
      Array.from({ length: coefficients }, (__, k) => {
        let value = 0;
        for (let j = 0; j < 6; j++)
          for (let near = -2; near <= 2; near++)
            value += (shapes[at(t + near)]![j]! / 5) * map[j * coefficients + k]!;
        return value;
      }),
    );
    const windows = Array.from({ length: frames }, (_, t) =>
      Array.from({ length: rows }, (__, r) => {
        const row = t - rows / 2 + r;
        return row < 0 || row >= frames ? Array.from({ length: columns }, () => 0) : logits[row]!;
      }).flat(),
    );
    await writeTarget(root, `Sequence_${target}`, windows, expressions);
  }
}
