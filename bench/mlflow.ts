/**
 * What a tracking server costs a run that does not answer well: a small experiment without a server, then with one that has each fault. `npx tsx bench/mlflow.ts [rounds]`.
 * `items`: seconds until the record is written; `all`: until the command ends; `attempt`: the longest time that one request was waited for.
 */
import { execFile } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { watchSystemLoad } from '../src/records/system-load.ts';
import { type Fault, startFaults } from '../test/support/faults.ts';
import { startStub } from '../test/support/mlflow-stub.ts';
import { median } from './median.ts';

const rounds = Number(process.argv[2] ?? 3);
const project = resolve(import.meta.dirname, '..');
const root = mkdtempSync(join(tmpdir(), 'masque-bench-mlflow-'));
const clips = join(root, 'clips');
mkdirSync(clips);
for (const name of ['clip.mp4', 'clip.webm']) cpSync(join(project, 'test/golden', name), join(clips, name));
const config = join(root, 'tiny.yaml');
writeFileSync(
  config,
  `name: tiny\ndataset: { name: folder, path: ${clips}, licence: CC-BY-4.0 }\ndetectors:\n  - name: random\n`,
);

type Cost = { items: number; all: number; told: string };

function run(address: string): Promise<Cost> {
  const results = mkdtempSync(join(root, 'results-'));
  const command = ['experiments/masque.mjs', 'experiment', config, '--json', '--results', results];
  const env = { ...process.env, MLFLOW_TRACKING_URI: address };
  const started = performance.now();
  return new Promise((settle, fail) => {
    execFile(process.execPath, command, { cwd: project, env }, (error, stdout, stderr) => {
      if (error) return fail(error);
      const all = (performance.now() - started) / 1000;
      const { dir } = JSON.parse(stdout.trim().split('\n').at(-1)!) as { dir: string };
      const record = JSON.parse(readFileSync(join(project, dir, 'record.json'), 'utf8')) as {
        seconds: number;
      };
      settle({ items: record.seconds, all, told: stderr.trim().split('\n').at(-1)! });
    });
  });
}

const stub = await startStub();
const cases: [string, Fault | 'none' | 'absent' | 'well'][] = [
  ['no server named', 'none'],
  ['nobody there', 'absent'],
  ['answers well', 'well'],
  ...(['silent', 'drip', 'html', 'deaf', 'cut', 'lost', 429, 500, 502, 503] as const).map(
    (fault): [string, Fault] => [String(fault), fault],
  ),
];
const figures = new Map<string, Cost[]>();
const longest = new Map<string, number>();
// Case after case in each round, so that what else the machine does falls on all of them.
for (let round = 0; round < rounds; round++)
  for (const [name, fault] of cases) {
    const proxy = await startFaults(stub.address, () =>
      fault === 'well' || fault === 'none' || fault === 'absent' ? undefined : fault,
    );
    const cost = await run(fault === 'none' ? '' : fault === 'absent' ? 'http://127.0.0.1:1' : proxy.address);
    figures.set(name, [...(figures.get(name) ?? []), cost]);
    const waits = proxy.asked.map(({ startMs, endMs = performance.now() }) => (endMs - startMs) / 1000);
    longest.set(name, Math.max(longest.get(name) ?? 0, ...waits));
    await proxy.stop();
  }
const first = figures.get('no server named')!;
const usual = { items: median(first.map(({ items }) => items)), all: median(first.map(({ all }) => all)) };
for (const [name, costs] of figures) {
  const items = median(costs.map((cost) => cost.items));
  const all = median(costs.map((cost) => cost.all));
  const most = Math.max(...costs.map((cost) => cost.all)) - usual.all;
  process.stdout.write(
    `${name.padEnd(16)} items ${items.toFixed(2)} s (${(items - usual.items).toFixed(2)}), all ${all.toFixed(2)} s (${(all - usual.all).toFixed(2)}, at most ${most.toFixed(2)}), attempt ${(longest.get(name) ?? 0).toFixed(2)} s  ${costs[0]!.told}\n`,
  );
}
await stub.stop();

const before = process.cpuUsage();
const load = watchSystemLoad(5);
await new Promise((resolve) => setTimeout(resolve, 3000));
const count = load.stop().length;
const { user, system } = process.cpuUsage(before);
process.stdout.write(
  `one sample of the load: ${((user + system) / 1000 / count).toFixed(2)} ms of processor time\n`,
);
rmSync(root, { recursive: true });
