/** Where screening's parts are joined for the doors that stay open: the bundle's detectors, the policy, the store. */
import { UserError } from '../src/errors.ts';
import type { Beside } from '../src/screening/http/routes.ts';
import type { Service } from '../src/screening/types.ts';
import type { ServeOptions } from './serve.ts';

export type OpenScreening = {
  service: Service;
  beside: Beside;
  /** After the service is closed: workers and what else was opened for it. */
  close(): Promise<void>;
};

/** To be joined: `analyseWith` of the bundle, `readPolicy`, `openService`, and beside them card, audit head, evidence and preview. */
export function openScreening({ bundle }: ServeOptions): Promise<OpenScreening> {
  return Promise.reject(new UserError(`${bundle}: there is no bundle of detectors yet`));
}
