/** MLflow's own server on loopback, with its SQL store in a folder of its own. */
import { type ChildProcess, spawn } from 'node:child_process';
import { openSync, readFileSync } from 'node:fs';
import { freePort } from './free-port.ts';
import { join } from 'node:path';

/** Starts a server in `folder` and waits until it answers; `stop` ends all its processes. */
export async function startMlflow(
  mlflow: string,
  folder: string,
): Promise<{ address: string; stop(): Promise<void> }> {
  const port = await freePort();
  const address = `http://127.0.0.1:${port}`;
  const log = openSync(join(folder, 'server.log'), 'a');
  const child = spawn(
    mlflow,
    [
      'server',
      '--host=127.0.0.1',
      `--port=${port}`,
      '--workers=1',
      `--backend-store-uri=sqlite:///${join(folder, 'mlflow.db')}`,
      `--artifacts-destination=${join(folder, 'artifacts')}`,
    ],
    {
      cwd: folder,
      detached: true,
      stdio: ['ignore', log, log],
      env: { ...process.env, MLFLOW_DISABLE_TELEMETRY: 'true', MLFLOW_SERVER_ENABLE_JOB_EXECUTION: 'false' },
    },
  );
  const ended = new Promise<void>((settle) => child.on('exit', () => settle()));
  const stop = async (): Promise<void> => {
    signalGroup(child);
    await ended;
  };
  process.on('exit', () => signalGroup(child));
  // The first question to the store is the slowest; it is asked here.
  const search = {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: '{"max_results":1}',
  };
  const answers = (): Promise<boolean> =>
    fetch(`${address}/api/2.0/mlflow/experiments/search`, search).then(
      ({ ok }) => ok,
      () => false,
    );
  for (let attempt = 0; attempt < 600 && child.exitCode === null; attempt++) {
    if (await answers()) return { address, stop };
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  await stop();
  throw new Error(`mlflow server did not start:\n${readFileSync(join(folder, 'server.log'), 'utf8')}`);
}

/** The server's workers are in its process group. */
function signalGroup({ pid, exitCode, signalCode }: ChildProcess): void {
  // Once it has ended, by whatever way, its number may be another's.
  if (pid === undefined || exitCode !== null || signalCode !== null) return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // it is gone
  }
}
