/** Copies a finished run with its trained networks to an MLflow server, where `MLFLOW_TRACKING_URI` names one. */
import type { Model } from '../src/types.ts';
import type { BaselineResult } from './baseline.ts';

/** `say` gets one line. Nothing is thrown and nothing of the run is changed, whatever the server does. */
export async function sendToMlflow(
  folder: string,
  { line, trained }: BaselineResult,
  say: (text: string) => void,
): Promise<void> {
  if (!process.env['MLFLOW_TRACKING_URI']) return;
  const { sendRun } = await import('../src/records/mlflow.ts'); // axios takes a tenth of a second to load
  const files = (networks: { label: string; model?: Model }[], showsPeople: boolean) =>
    networks.flatMap(({ label, model }) => (model ? [{ label, files: model.files, showsPeople }] : []));
  await sendRun(folder, [...files(line.fakes, true), ...files(trained, false)], say);
}
