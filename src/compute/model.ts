/** Exported networks: ONNX files run by ONNX Runtime, without TensorFlow.js. */
import { readFile } from 'node:fs/promises';
import { UserError } from '../errors.ts';
import { decodeModel } from './onnx.ts';
import { type Feed, openSession, type Threads } from './session.ts';

/** Channels that ONNX Runtime computes together where it lays images out in blocks (NCHWc, with AVX-512). */
const blockWidth = 16;

export type Network = {
  inputNames: readonly string[];
  outputNames: readonly string[];
  /** Feeds by input name; outputs by name. Images in and out are NHWC where masque exported the model. */
  run(
    feeds: Record<string, Feed>,
  ): Promise<Record<string, { shape: number[]; data: Float32Array | Int32Array | Uint8Array }>>;
  close(): void;
};

/**
 * Opens a model from a file or from bytes, which messages call `where`. Throws UserError when it cannot be read, is no ONNX model,
 * has operators of somebody's own, or weights outside the file: such a model would read files named by whoever wrote it.
 */
export async function openModel(
  source: string | Uint8Array,
  threads: Threads,
  where = typeof source === 'string' ? source : 'the model',
): Promise<Network> {
  const given = typeof source === 'string' ? await readModel(source) : source;
  const { bytes, convolutionWidths } = await decodeModel(given).catch((cause: unknown) => {
    throw new UserError(`${where}: refused: ${(cause as Error).message}`, { cause });
  });
  const narrow =
    convolutionWidths.filter((width) => width < blockWidth).length > convolutionWidths.length / 2;
  const session = await openSession(bytes, { ...threads, narrow }).catch((cause: unknown) => {
    throw new UserError(`${where}: ONNX Runtime cannot open it: ${(cause as Error).message}`, { cause });
  });
  return { ...session, close: () => void session.close() };
}

async function readModel(path: string): Promise<Uint8Array> {
  return readFile(path).catch((cause: unknown) => {
    throw new UserError(`${path}: cannot be read: ${(cause as Error).message}`, { cause });
  });
}
