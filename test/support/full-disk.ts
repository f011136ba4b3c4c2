/** Disks of a size of one's choice, to be full. */
import { execFileSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';

let disks = 0;

/** A disk of so many KiB below `folder`; undefined where nothing may be mounted. */
export function mountDisk(
  folder: string,
  kib: number,
): { path: string; enlarge(): void; unmount(): void } | undefined {
  const path = join(folder, `disk-${disks++}`);
  mkdirSync(path);
  const mount = (...options: string[]): void =>
    void execFileSync('mount', [...options, path], { stdio: 'pipe', env: {} });
  try {
    mount('-t', 'tmpfs', '-o', `size=${kib}k`, 'tmpfs');
  } catch {
    return undefined;
  }
  return {
    path,
    enlarge: () => mount('-o', 'remount,size=64m'),
    // At once, though a database that was closed keeps its files open until its memory is collected.
    unmount: () => void execFileSync('umount', ['-l', path], { env: {} }),
  };
}
