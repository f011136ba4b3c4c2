/** What `doctor` says of a screening service: whether its folder is what it should be. */
import { resolve } from 'node:path';
import { UserError } from '../src/errors.ts';
import { type Checked, checkService } from '../src/screening/check.ts';
import { isServiceFolder, requireServiceFolder } from '../src/screening/service-folder.ts';
import { serviceOption } from './commands/options.ts';
import type { Finding } from './requirements.ts';

const what = 'screening';
/** Problems that are told one by one; of more there is one cause. */
const mostTold = 20;

/** `folder`: all of it is checked. Without one, that of `serve` by default, where it is there; reading its originals may take hours, so they are not. @throws UserError where `folder` is none of a service. */
export async function screeningFindings(folder?: string): Promise<Finding[]> {
  const there = folder ?? resolve(serviceOption.default);
  if (folder !== undefined) requireServiceFolder(folder);
  else if (!isServiceFolder(there)) return [];
  const bytes = folder !== undefined;
  const checked = await checkService(there, { bytes }).catch((error: unknown) => {
    if (!(error instanceof UserError)) throw error;
    return error;
  });
  if (checked instanceof UserError)
    return [{ what, found: checked.message, needed: true, remedy: 'mend that, then ask again' }];
  const { problems } = checked;
  if (problems.length === 0) return [{ what, found: inWords(there, checked, bytes), needed: true }];
  const told = problems.slice(0, mostTold).map((problem) => ({ what, needed: true, ...problem }));
  const more = problems.length - told.length;
  if (more > 0) told.push({ ...told.at(-1)!, found: `${more} more like these` });
  return told;
}

function inWords(folder: string, { receipts, contents, waiting }: Checked, bytes: boolean): string {
  const read = bytes ? '' : '; originals not read (--service reads them)';
  return `${folder}: ${contents} contents of ${receipts} receipts, ${waiting} waiting, each in one state${read}`;
}
