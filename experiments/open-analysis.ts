/** What every door of the screening service judges by: a bundle, workers of this machine, and a sandbox for decoding. */
import { mkdtemp, rm } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { exitCodes, UserError } from '../src/errors.ts';
import { mediaTools, sandboxRemedy } from '../src/media/tools.ts';
import { createPool, type Pool } from '../src/queue/pool.ts';
import { analyseWith } from '../src/screening/analyse.ts';
import { type Bundle, openBundle } from '../src/screening/bundle.ts';
import type { Analyse } from '../src/screening/types.ts';
import { detectorCode } from './catalog.ts';

/** `pool`: for what else must be done with a file in a worker. `scratch`: a folder that `close` removes. */
export type Analysis = {
  bundle: Bundle;
  analyse: Analyse;
  pool: Pool;
  scratch: string;
  close(): Promise<void>;
};

/**
 * Networks are asked on the processor: so small, they are quicker there.
 * @throws UserError where there is no bundle (exit 2), or where decoding could not be shut in and nobody allowed that (exit 4).
 */
export async function openAnalysis(options: {
  bundle: string;
  withoutSandbox: boolean;
  workers?: number;
}): Promise<Analysis> {
  if (!options.withoutSandbox) await requireSandbox();
  const bundle = await openBundle(options.bundle, detectorCode);
  const scratch = await mkdtemp(join(tmpdir(), 'masque-screening-'));
  const pool = createPool(options.workers ?? availableParallelism(), { MASQUE_DEVICE: 'cpu' });
  return {
    bundle,
    analyse: analyseWith(bundle, pool, scratch),
    pool,
    scratch,
    async close() {
      await pool.close();
      await rm(scratch, { recursive: true, force: true });
    },
  };
}

async function requireSandbox(): Promise<void> {
  const { missing } = await mediaTools();
  if (missing.length > 0)
    throw new UserError(
      `files of strangers are decoded in a sandbox alone, and here ${missing.join('; ')}. ${sandboxRemedy}, or take the risk with --without-sandbox`,
      { exitCode: exitCodes.environment },
    );
}
