/**
 * Whose a temporary file or a lock is. The number of a process is given to another one some day, so a tag also holds when it began, and on
 * which machine: a folder may be shared.
 */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';

const short = (text: string): string => createHash('sha256').update(text).digest('hex').slice(0, 8);
const inName = /(?:^|[.-])(\d{1,10})-([0-9a-f]{8})-([0-9a-f]{8})(?=[.-]|$)/;
let own: string | undefined;

/** The tag of this process, fit for a file's name: its number, a hash of when it began, and one of the machine's name. */
export function ownTag(): string {
  own ??= `${process.pid}-${short(beginningOf(process.pid) ?? '')}-${short(hostname())}`;
  return own;
}

/** Whether `name` carries the tag of a process of this machine that is gone. Of another machine's processes nothing is known here: false. */
export function isLeftBehind(name: string): boolean {
  const [, pid, began, host] = inName.exec(name) ?? [];
  return pid !== undefined && host === short(hostname()) && !lives(Number(pid), began!);
}

function lives(pid: number, began: string): boolean {
  const beginning = beginningOf(pid);
  return beginning !== undefined && short(beginning) === began;
}

/** When a process began, in no unit but one that tells two processes of one number apart; undefined of one that is not there, or dead and not yet waited for. */
function beginningOf(pid: number): string | undefined {
  try {
    if (process.platform !== 'linux')
      return execFileSync('ps', ['-o', 'lstart=', '-p', String(pid)], {
        env: { LC_ALL: 'C', PATH: '/bin:/usr/bin' },
      }).toString();
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    if (fields[0] === 'Z' || fields[0] === 'X') return undefined;
    // Clock ticks since this boot.
    return `${fields[19]} of ${readFileSync('/proc/sys/kernel/random/boot_id', 'latin1')}`;
  } catch {
    return undefined;
  }
}
