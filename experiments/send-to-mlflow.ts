/** Copies a finished run with the networks it trained to an MLflow server, where `MLFLOW_TRACKING_URI` names one. */
import type { Model } from '../src/types.ts';
import type { BaselineResult } from './baseline.ts';
import { catalog } from './catalog.ts';

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
  const fakes = line.fakes.filter(({ name }) => !catalog.generators[name]!.bring);
  const learned = trained.filter(({ detector }) => !detector.bring);
  await sendRun(folder, [...files(fakes, true), ...files(learned, false)], say);
}
