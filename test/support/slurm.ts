/** A Slurm cluster of one node on loopback, from Debian's packages, without systemd. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { freePort } from './free-port.ts';
import { endWithUs, until } from './queue.ts';

const programs = ['munged', 'slurmctld', 'slurmd', 'sbatch', 'scontrol'];

/** Whether Slurm is installed; where not, that is said aloud. It must run as root, as its daemons do. */
export function hasSlurm(): boolean {
  const missing = programs.filter((program) => {
    try {
      execFileSync('/bin/sh', ['-c', `command -v ${program}`]);
      return false;
    } catch {
      return true;
    }
  });
  const root = process.getuid?.() === 0;
  if (missing.length === 0 && root) return true;
  const why = root
    ? `${missing.join(', ')} not installed (Debian: slurmctld slurmd slurm-client munge)`
    : 'not root';
  process.stderr.write(`skipped: Slurm, ${why}\n`);
  return false;
}

/** Starts it in `folder`; `environment` lets sbatch find it. */
export async function startSlurm(
  folder: string,
): Promise<{ environment: Record<string, string>; stop(): Promise<void> }> {
  const children: ChildProcess[] = [];
  const start = (program: string, ...args: string[]): void => {
    const env = { ...process.env, SLURM_CONF: conf };
    children.push(endWithUs(spawn(program, args, { stdio: 'ignore', env })));
  };
  const [conf, key, socket] = ['slurm.conf', 'munge.key', 'munge.socket'].map((name) =>
    join(folder, name),
  ) as [string, string, string];
  for (const name of ['state', 'spool']) mkdirSync(join(folder, name));
  writeFileSync(key, randomBytes(128), { mode: 0o400 });
  const node = hostname().split('.')[0]!;
  const settings = {
    ClusterName: 'test',
    SlurmctldHost: `${node}(127.0.0.1)`,
    SlurmctldPort: await freePort(),
    SlurmdPort: await freePort(),
    SlurmUser: 'root',
    AuthType: 'auth/munge',
    AuthInfo: `socket=${socket}`,
    StateSaveLocation: join(folder, 'state'),
    SlurmdSpoolDir: join(folder, 'spool'),
    SlurmctldPidFile: join(folder, 'slurmctld.pid'),
    SlurmdPidFile: join(folder, 'slurmd.pid'),
    SlurmctldLogFile: join(folder, 'slurmctld.log'),
    SlurmdLogFile: join(folder, 'slurmd.log'),
    ProctrackType: 'proctrack/linuxproc',
    TaskPlugin: 'task/none',
    SelectType: 'select/cons_tres',
    SelectTypeParameters: 'CR_CPU',
    ReturnToService: 2,
  };
  writeFileSync(
    conf,
    [
      ...Object.entries(settings).map(([name, value]) => `${name}=${value}`),
      `NodeName=${node} NodeAddr=127.0.0.1 CPUs=2 State=UNKNOWN`,
      `PartitionName=all Nodes=${node} Default=YES MaxTime=INFINITE State=UP`,
      '',
    ].join('\n'),
  );
  start(
    'munged',
    '--foreground',
    '--force',
    `--key-file=${key}`,
    `--socket=${socket}`,
    `--pid-file=${join(folder, 'munged.pid')}`,
    `--log-file=${join(folder, 'munged.log')}`,
    `--seed-file=${join(folder, 'munged.seed')}`,
  );
  const environment = { SLURM_CONF: conf };
  const told = (...args: string[]): string => {
    try {
      return execFileSync('scontrol', args, {
        env: { ...process.env, ...environment },
        stdio: 'pipe',
      }).toString();
    } catch {
      return '';
    }
  };
  start('slurmctld', '-D', '-f', conf);
  start('slurmd', '-D', '-f', conf, '-N', node);
  await until(() => /State=(IDLE|MIXED)/.test(told('show', 'node', node))).catch((cause: unknown) => {
    const logs = ['slurmctld.log', 'slurmd.log'].map((name) => readFileSync(join(folder, name), 'utf8'));
    throw new Error(`Slurm did not start:\n${logs.join('\n')}`, { cause });
  });
  return {
    environment,
    async stop() {
      for (const child of children.toReversed()) {
        child.kill('SIGTERM');
        if (child.exitCode === null && child.signalCode === null)
          await new Promise((gone) => child.on('exit', gone));
      }
    },
  };
}
