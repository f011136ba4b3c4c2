/** `masque audit`: whether the log of a screening service is the chain that it wrote. */
import { auditPath, verifyAudit } from '../src/screening/audit.ts';
import { verifyCodes } from './evidence.ts';

/** Returns 0 where it holds, 1 where not. @throws UserError where there is no service's folder, or `head` is no hash. */
export async function audit(service: string, head?: string): Promise<number> {
  const found = await verifyAudit(service, head);
  const say = (line: string): void => void process.stdout.write(`${line}\n`);
  if ('broken' in found) {
    say(`broken: ${found.broken}`);
    return verifyCodes.broken;
  }
  const among = head === undefined ? '' : '; the hash that was kept elsewhere is among them';
  say(`${auditPath(service)}: ${found.number} entries, each in its place${among}`);
  if (found.torn) say('the last line is torn, as a kill leaves it; the next start mends it');
  if (found.waiting > 0) say(`${found.waiting} more are in the database; the service writes them`);
  say(`last hash, to keep elsewhere: ${found.head}`);
  return verifyCodes.holds;
}
