/** The outbox by itself, whatever other processes do in it at the same time. */
import { mkdirSync, readdirSync, renameSync, writeFileSync } from 'node:fs';
import * as fs from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, expect, test, vi } from 'vitest';
import { sync } from '../../experiments/sync.ts';
import { ownTag } from '../../src/process-tag.ts';
import {
  claim,
  countPending,
  entriesOf,
  type Plan,
  putEntry,
  release,
  sweepOutbox,
} from '../../src/records/mlflow/outbox.ts';
import { workFolder } from '../media/tools.ts';

vi.mock('node:fs/promises', async (original) => {
  const real = await original<typeof fs>();
  return { ...real, rename: vi.fn<typeof real.rename>(real.rename) };
});

const at = workFolder();
afterEach(() => vi.unstubAllEnvs());
const plan: Omit<Plan, 'version' | 'count'> = {
  run: 'r',
  server: 'http://127.0.0.1:9',
  experiment: 'e',
  identity: [],
  rows: [],
  remarks: [],
};
const put = (name = 'r-1'): Promise<void> =>
  putEntry(at('.'), name, plan, [{ item: { kind: 'file', to: 'a.txt' }, content: { text: 'a' } }]);
const path = (name: string): string => join(at('.'), name);
/** A process of another machine, which may be alive. */
const someone = '99-00000000-00000000';
/** One of this process's number, but begun at another time. */
const dead = `${process.pid}-00000000-${ownTag().slice(-8)}`;

/** Does something at the moment when everything has been looked at and the next folder is about to be renamed. */
function beforeRename(act: () => void): void {
  const { rename } = fs;
  vi.mocked(rename).mockImplementationOnce((from, to) => {
    act();
    return rename(from, to);
  });
}

test('a run that somebody is sending is not put there a second time', async () => {
  await put();
  renameSync(path('r-1'), path(`r-1.${someone}`));
  await put();
  expect(readdirSync(at('.'))).toEqual([`r-1.${someone}`]);
  expect(await countPending(at('.'))).toBe(1);
});

test('what a dead process was sending is left for the next to go on with, and not put there anew', async () => {
  await put();
  renameSync(path('r-1'), path(`r-1.${dead}`));
  await put();
  const [entry] = await entriesOf(at('.'));
  const own = await claim(at('.'), entry!);
  expect(readdirSync(at('.'))).toEqual([`r-1.${ownTag()}`]);
  await release(at('.'), own!);
  expect(readdirSync(at('.'))).toEqual(['r-1']);
});

test('of two of one name, nobody takes one while another process has the other', async () => {
  await put();
  await put('other');
  renameSync(path('other'), path(`r-1.${someone}`));
  const [fresh] = await entriesOf(at('.'));
  expect(await claim(at('.'), fresh!)).toBeUndefined();
  expect(readdirSync(at('.'))).toEqual(['r-1', `r-1.${someone}`]);
});

test.each(['r-1', `r-1.${dead}`])('where two take two of one name at once, %s goes back', async (name) => {
  const alsoDead = dead.replace('00000000', '00000001');
  for (const left of [name, `r-1.${alsoDead}`]) mkdirSync(path(left));
  const entry = (await entriesOf(at('.'))).find(({ folder }) => folder === path(name))!;
  beforeRename(() => renameSync(path(`r-1.${alsoDead}`), path(`r-1.${someone}`)));
  expect(await claim(at('.'), entry)).toBeUndefined();
  expect(readdirSync(at('.')).toSorted()).toEqual([name, `r-1.${someone}`].toSorted());
});

test('a file that somebody laid there is no run', async () => {
  await put();
  writeFileSync(path('notes.txt'), 'x');
  expect((await entriesOf(at('.'))).map(({ name }) => name)).toEqual(['r-1']);
  expect(await countPending(at('.'))).toBe(1);
});

/** `masque sync` over this outbox. */
async function synced(server: string): Promise<{ code: number; told: string }> {
  vi.stubEnv('MLFLOW_TRACKING_URI', server);
  const printed = vi.spyOn(process.stdout, 'write').mockReturnValue(true);
  try {
    const code = await sync({ results: at('results'), json: false });
    return { code, told: printed.mock.calls.map(([text]) => String(text)).join('') };
  } finally {
    printed.mockRestore();
  }
}
const inResults = (name: string): string => join(at('results'), 'outbox', name);

test.each(['r-1', `r-1.${dead}`])(
  'a run of which all has arrived is gone with the next sync, without a server (%s)',
  async (name) => {
    mkdirSync(inResults(name), { recursive: true });
    for (const left of ['plan.json', '000003.content']) writeFileSync(join(inResults(name), left), '');
    mkdirSync(inResults(`r-2.${someone}`));
    expect(await synced('')).toEqual({ code: 0, told: expect.stringContaining('nothing pending') });
    expect(readdirSync(inResults('.'))).toEqual([`r-2.${someone}`]);
  },
);

test('where trouble is told the command says so, though nothing is pending', async () => {
  mkdirSync(inResults('r-1'), { recursive: true });
  writeFileSync(join(inResults('r-1'), 'notes.txt'), '');
  expect(await synced('http://127.0.0.1:9')).toEqual({
    code: 4,
    told: expect.stringContaining('plan.json is damaged'),
  });
  expect(readdirSync(inResults('r-1'))).toEqual(['notes.txt']);
});

test('what has arrived is put there anew, and what has come under its name is not removed', async () => {
  mkdirSync(path('r-1'));
  writeFileSync(join(path('r-1'), 'plan.json'), '{}');
  await put();
  expect(await countPending(at('.'))).toBe(1);
  // Looked at when nothing was left in it, and taken when it was another.
  mkdirSync(path('r-0'));
  beforeRename(() => {
    renameSync(path('r-0'), path('.gone'));
    renameSync(path('r-1'), path('r-0'));
  });
  await sweepOutbox(at('.'));
  expect(readdirSync(at('.'))).toEqual(['.gone', 'r-0']);
  expect(await countPending(at('.'))).toBe(1);
});
