import type * as Tf from '@tensorflow/tfjs';
import { lower } from './lower.ts';
import { encodeModel } from './onnx.ts';
import type { Parameters } from './parameters.ts';
import { note, placeholder, record, type TfNamespace } from './record.ts';
import { type InputSpecs, specOf, type TensorsOf } from './trainer.ts';

export type ExportOptions<I extends InputSpecs> = {
  inputs: I;
  outputs(inputs: TensorsOf<I>): Record<string, Tf.Tensor>;
  /** Where the weights come from; they must exist already (trained or loaded). */
  parameters?: Parameters;
};

/** Bytes of a plain `.onnx` file that computes `outputs` from `inputs`: fixed shapes, the tensors' own axis order, weights inside. */
export async function exportModel<I extends InputSpecs>(
  tf: TfNamespace,
  options: ExportOptions<I>,
): Promise<Uint8Array> {
  const before = options.parameters?.trainable().size ?? 0;
  const { tape, result } = await record(tf, (tape) => {
    const places = Object.fromEntries(
      Object.entries(options.inputs).map(([name, spec]) => [name, placeholder(tf, specOf(spec))]),
    );
    const inputs = Object.entries(places).map(([name, tensor]) => ({ ...note(tf, tape, tensor), name }));
    const outputs = Object.entries(options.outputs(places as TensorsOf<I>)).map(([name, tensor]) => ({
      ...note(tf, tape, tensor),
      name,
    }));
    return { inputs, outputs };
  });
  const after = options.parameters?.trainable().size ?? 0;
  if (after !== before)
    throw new Error(
      `export: ${after - before} parameters did not exist yet: the model would hold untrained weights`,
    );
  return encodeModel(lower(tape, result.inputs, [], result.outputs).graph);
}
