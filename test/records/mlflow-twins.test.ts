/** A run that was made twice, and a server that fails when it is asked for that: the run is not over before. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { fillOutbox, sendOutbox } from '../../src/records/mlflow.ts';
import { countPending, entriesOf, readPlan } from '../../src/records/mlflow/outbox.ts';
import { workFolder } from '../media/tools.ts';
import { startFaults } from '../support/faults.ts';
import { differences, expectedIn, heldBy } from '../support/mlflow-held.ts';
import { few, makeRun } from '../support/mlflow-runs.ts';
import { startStub } from '../support/mlflow-stub.ts';

const at = workFolder();

test('a run is over when its twins have been looked for, and not before', async () => {
  const stub = await startStub();
  let twin: string;
  let creates = 0;
  let late: Promise<unknown> | undefined;
  let broken = true;
  const proxy = await startFaults(stub.address, (_, { url }) => {
    if (url.endsWith('runs/create') && creates++ === 0) return 'silent';
    // The first question to make the run is done when the second has been.
    if (url.endsWith('log-batch'))
      late ??= fetch(`${stub.address}/api/2.0/mlflow/runs/create`, { method: 'POST', body: twin });
    return broken && late && url.endsWith('runs/search') ? 500 : undefined;
  });
  const environment = { MLFLOW_TRACKING_URI: proxy.address };
  const outbox = join(at('.'), 'outbox');
  const { folder } = await makeRun(at('.'), 'twin', few('twin'));
  await fillOutbox(outbox, folder, [], environment);
  const [entry] = await entriesOf(outbox);
  const { experiment, rows } = await expectedIn(entry!.folder);
  const tags = (await readPlan(entry!.folder)).rows[0]!.identity;
  twin = JSON.stringify({ experiment_id: '1', run_name: 'twin', start_time: 1, tags });

  const brief = { firstMs: 20_000, thenMs: 3_000 };
  expect(await sendOutbox(outbox, { patience: brief, attemptMs: 1000 }, environment)).toMatchObject([
    { away: true },
  ]);
  await expect(heldBy(stub.address, experiment)).rejects.toThrow('twice');
  expect(await countPending(outbox)).toBe(1);
  broken = false;
  await sendOutbox(outbox, { patience: { firstMs: 20_000, thenMs: 20_000 } }, environment);
  expect(differences(rows, await heldBy(stub.address, experiment))).toEqual({
    missing: [],
    duplicate: [],
    other: [],
  });
  expect(readdirSync(outbox)).toEqual([]);
  await Promise.all([proxy.stop(), stub.stop()]);
});
