/** Where screening's parts are joined for the door that stays open: the bundle's detectors, the policy, the store. */
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { sha256OfFile } from '../src/files.ts';
import { verifyLog } from '../src/records/audit-log.ts';
import { auditPath } from '../src/screening/audit.ts';
import type { Beside } from '../src/screening/http/routes.ts';
import { previewsBy } from '../src/screening/http/preview.ts';
import { defaultPolicy, readPolicy } from '../src/screening/policy.ts';
import { sweepRegularly } from '../src/screening/retention.ts';
import { openService } from '../src/screening/service.ts';
import type { Service } from '../src/screening/types.ts';
import { openAnalysis } from './open-analysis.ts';
import type { ServeOptions } from './serve.ts';

export type OpenScreening = {
  service: Service;
  beside: Beside;
  /** After the service is closed: workers and what else was opened for it. */
  close(): Promise<void>;
};

/** Receipts that may wait. At a few seconds each, whoever sends more is better told to come back. */
const mostWaiting = 1000;
const sweepEveryMs = 3_600_000;

/** @throws UserError where the bundle, the policy, or the service's folder cannot be used. */
export async function openScreening({
  bundle: path,
  policy: file,
  folder,
  withoutSandbox,
}: ServeOptions): Promise<OpenScreening> {
  const policy = file === undefined ? defaultPolicy : readPolicy(file);
  const { bundle, analyse, pool, scratch, close } = await openAnalysis({ bundle: path, withoutSandbox });
  try {
    const service = await openService({
      folder,
      analyse,
      policy,
      bundle: bundle.id,
      bundleCard: await sha256OfFile(join(path, 'card.md')),
      parallel: availableParallelism(),
      mostWaiting,
    });
    const endSweeping = await sweepRegularly(
      service.sweepOld,
      sweepEveryMs,
      (message) => void process.stderr.write(`${message}\n`),
    );
    return {
      service,
      beside: {
        card: () => ({
          id: bundle.id,
          ...bundle.content,
          domain: undefined,
          members: labelsOf(bundle.members),
        }),
        auditHead: async () => {
          // The service may be writing the next entry.
          const found = await verifyLog(auditPath(folder), undefined, { mayBeTorn: true });
          if ('broken' in found) throw new Error(`audit log: ${found.broken}`);
          return found;
        },
        evidence: service.evidence,
        preview: previewsBy(pool, scratch, service.fileOf),
      },
      async close() {
        endSweeping();
        await close();
      },
    };
  } catch (error) {
    await close();
    throw error;
  }
}

const labelsOf = (members: readonly { label: string }[]): { label: string }[] =>
  members.map(({ label }) => ({ label }));
