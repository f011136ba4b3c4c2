/**
 * The engine: networks are written in TensorFlow.js; a training step is recorded once and runs as one compiled ONNX graph.
 * For worker processes only: loading TensorFlow.js and every step block the event loop.
 */
import { type Backend, type BackendName, chooseBackend, loadTensorFlow } from './backends.ts';
import { compileTrainer } from './compiled-trainer.ts';
import { sessionDevice } from './device.ts';
import { eagerTrainer } from './eager-trainer.ts';
import { registerMissingGradients } from './missing-gradients.ts';
import { exportModel, type ExportOptions } from './export.ts';
import { registerRecorder, type TfNamespace } from './record.ts';
import type { Threads } from './session.ts';
import type { InputSpecs, StepOptions, Trainer } from './trainer.ts';

export type Engine = {
  /** TensorFlow.js, to write networks and losses with. */
  tf: TfNamespace;
  backend: Backend;
  /** Prepares training. The loss is recorded twice with tensors that have no values yet; see `StepOptions`. */
  compile<const I extends InputSpecs>(options: StepOptions<I>): Promise<Trainer>;
  export<const I extends InputSpecs>(options: ExportOptions<I>): Promise<Uint8Array>;
};

/**
 * Opens the engine on the best backend, or on `backend` if one is forced (then its loading errors are thrown).
 * `threads`: of ONNX Runtime; results depend on it. `profile`: prefix of ONNX Runtime's profile of compiled steps, written on dispose.
 */
export async function openEngine(
  options: Threads & { backend?: BackendName; profile?: string },
): Promise<Engine> {
  const { threads, profile, device = sessionDevice() } = options;
  const backend: Backend = options.backend
    ? { name: options.backend, device, reason: 'asked for' }
    : await chooseBackend();
  const session = { threads, device: backend.device === 'unknown' ? device : backend.device };
  const tf = await loadTensorFlow(backend.name);
  registerRecorder(tf);
  registerMissingGradients(tf);
  return {
    tf,
    backend,
    compile: async (step) =>
      backend.name === 'onnx'
        ? compileTrainer(tf, step, { ...session, ...(profile ? { profile } : {}) })
        : eagerTrainer(tf, step),
    export: (model) => exportModel(tf, model),
  };
}
