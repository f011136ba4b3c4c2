/** Networks that a user brings along as ONNX files, run as their manifest says. For worker processes only: the files count as hostile. */
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { Network } from '../compute/model.ts';
import { ItemError, UserError } from '../errors.ts';
import type { Model } from '../types.ts';
import { type ModelEntry, type PictureInput, requireContent, type ScoreOutput } from './manifest.ts';
import { inputShape, outputToSquare, squareToInput } from './squares.ts';

type Opened = { network: Network; entry: ModelEntry };
/** `square`: what part of a frame it is shown, and how large. `id`: of the clip, for messages. */
export type SquareScorer = { square: Square; score(rgb: Uint8Array, id: string): Promise<number> };
export type SquarePainter = {
  square: Square;
  licence: string;
  paint(rgb: Uint8Array, id: string): Promise<Uint8Array>;
  close(): void;
};
type Square = Pick<PictureInput, 'sizePx' | 'shown'>;

/**
 * Opens the file that `bringModel` described.
 * @throws UserError naming the file where its content is not the one in the manifest, or it is no model that can be run here.
 */
async function open(model: Model | undefined): Promise<Opened> {
  const file = model?.files['network'];
  if (!file) throw new Error('onnx: the model was not looked for');
  const entry = model.info['entry'] as ModelEntry;
  const bytes = await readFile(file.path).catch((cause: NodeJS.ErrnoException) => {
    throw new UserError(`${file.path}: cannot be read (${cause.code})`, { cause });
  });
  requireContent(file.path, createHash('sha256').update(bytes).digest('hex'), entry);
  const { openModel } = await import('../compute/model.ts');
  const network = await openModel(bytes, { threads: 1 }, file.path);
  const lacks = [
    ...(network.inputNames.join() === entry.input.name
      ? []
      : [`the input "${entry.input.name}" alone, but ${list(network.inputNames)}`]),
    ...(network.outputNames.includes(entry.output.name)
      ? []
      : [`an output "${entry.output.name}", but ${list(network.outputNames)}`]),
  ];
  if (lacks.length > 0)
    throw new UserError(`${file.path}: has not ${lacks.join(', and not ')}. Mend the manifest`);
  return { network, entry };
}

const list = (names: readonly string[]): string => names.map((name) => `"${name}"`).join(', ');

async function run({ network, entry }: Opened, rgb: Uint8Array): Promise<Float32Array> {
  const { input, output } = entry;
  const feeds = { [input.name]: { shape: inputShape(input), data: squareToInput(rgb, input) } };
  return (await network.run(feeds))[output.name]!.data as Float32Array;
}

/** Judges squares of RGB bytes of the side that the manifest names: the logit or probability of being fake. @throws as `open`. */
export async function openScorer(model: Model | undefined): Promise<SquareScorer> {
  const opened = await open(model);
  const { input, output, name } = opened.entry;
  if (output.meaning === 'picture') throw new Error(`${name} gives pictures`);
  return {
    square: input,
    async score(rgb, id) {
      const score = fakeness(await run(opened, rgb), output);
      if (Number.isFinite(score) && (output.meaning === 'logit' || (score >= 0 && score <= 1))) return score;
      throw new ItemError(
        'E_MODEL_OUTPUT',
        `${id}: model "${name}" gave ${score}, which is no ${output.meaning}`,
      );
    },
  };
}

/** Higher means fake, whatever the model's own order. */
export function fakeness(values: ArrayLike<number>, { meaning, fakeIs }: ScoreOutput): number {
  const [first, second] = [values[0]!, values[1]];
  if (second === undefined) {
    if (fakeIs === 1) return first;
    return meaning === 'logit' ? -first : 1 - first;
  }
  const [fake, real] = fakeIs === 1 ? [second, first] : [first, second];
  return meaning === 'logit' ? fake - real : fake;
}

/** Repaints squares of RGB bytes of the side that the manifest names. @throws as `open`. */
export async function openPainter(model: Model | undefined): Promise<SquarePainter> {
  const opened = await open(model);
  const { input, output, name, licence } = opened.entry;
  if (output.meaning !== 'picture') throw new Error(`${name} gives scores`);
  return {
    square: input,
    licence,
    close: opened.network.close,
    async paint(rgb, id) {
      const values = await run(opened, rgb);
      if (values.every(Number.isFinite)) return outputToSquare(values, input, output);
      throw new ItemError('E_MODEL_OUTPUT', `${id}: model "${name}" gave values that are no numbers`);
    },
  };
}

/** Runs it once on grey. @throws UserError where shape or kind of its output is not what the manifest says. */
export async function tryOut(model: Model): Promise<void> {
  const { path } = model.files['network']!;
  const opened = await open(model);
  const { input, output } = opened.entry;
  const values = await run(opened, new Uint8Array(3 * input.sizePx ** 2).fill(128)).catch((cause: Error) => {
    throw new UserError(
      `${path}: does not run on a square of ${input.sizePx} px: ${cause.message}. Mend the manifest`,
      { cause },
    );
  });
  opened.network.close();
  const expected = output.meaning === 'picture' ? [3 * input.sizePx ** 2] : [1, 2];
  if (!(values instanceof Float32Array) || !expected.includes(values.length))
    throw new UserError(
      `${path}: output "${output.name}" has ${values.length} values${values instanceof Float32Array ? '' : ' that are no 32-bit floats'}; a ${output.meaning} has ${expected.join(' or ')}`,
    );
}
