/** What goes through a store between who asks and who answers; here both are this process, but with disks of their own. */
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { maskPath } from '../../src/media/mask.ts';
import { provenancePath } from '../../src/media/provenance.ts';
import { jobKey } from '../../src/pipeline/key.ts';
import { answer, type Bench } from '../../src/queue/answer.ts';
import { askThrough, type Handout } from '../../src/queue/ask.ts';
import { names } from '../../src/queue/asked.ts';
import { createPool, type Engine } from '../../src/queue/pool.ts';
import { openScratch } from '../../src/queue/scratch.ts';
import { openStore } from '../../src/queue/store/open.ts';
import { spread, type Store } from '../../src/queue/store/store.ts';
import type { FileRef } from '../../src/types.ts';
import { benchOn, contextOver, temporary, toyJobs, toyRun } from '../support/queue.ts';
import { film, look, moody, poison, sum } from '../support/queue.job.ts';
import { double, misbehave } from '../support/toy.job.ts';

const pool = createPool(2);
afterAll(() => pool.close());

type World = { store: Store; bench: Bench; engine: Engine; asked: string[] };

/** `by`: who answers; by default one machine. */
async function world(
  by?: (id: string, bench: Bench) => Promise<void>,
  tools: Record<string, string> = {},
  shared?: Store,
): Promise<World> {
  const store = shared ?? (await openStore(temporary('store'), () => {}));
  const bench = benchOn(store, pool, tools);
  const asked: string[] = [];
  const handout: Handout = {
    submit: (id) => {
      asked.push(id);
      return by ? by(id, bench) : answer(id, bench);
    },
    close: async () => {},
  };
  return { store, bench, asked, engine: askThrough(handout, { store, run: 'toy', tools }) };
}
const here = (name: string): string => join(temporary('files'), name);

test('many machines give what this one gives, and leave nothing but results and files in the store', async () => {
  const { engine, store } = await world();
  const context = contextOver(engine);
  expect(await toyRun(context, { count: 10, ms: 1 })).toBe(
    await toyRun(contextOver(pool), { count: 10, ms: 1 }),
  );
  expect(context.counts).toEqual({ cached: 0, computed: toyJobs(10), failed: 0 });
  for (const left of ['asked', 'said', 'tmp']) expect(readdirSync(join(store.address, left))).toEqual([]);
  expect(readdirSync(store.address).toSorted()).toEqual(['asked', 'files', 'results', 'said', 'tmp']);
});

test('what the store keeps is not asked for again, by whichever run', async () => {
  const { engine, asked } = await world();
  const first = await contextOver(engine).run(double, { value: 21 });
  const again = contextOver(engine);
  const second = await again.run(double, { value: 21 });
  expect(readFileSync(second.file.path, 'utf8')).toBe('42');
  expect(second.file.path).not.toBe(first.file.path);
  expect(again.counts).toEqual({ cached: 1, computed: 0, failed: 0 });
  expect(asked).toHaveLength(1);
});

test('what an interrupted start has asked is cleared away once its result is found', async () => {
  const { engine, bench, store } = await world();
  const { engine: killed } = await world(() => Promise.reject(new Error('killed')), {}, store);
  await expect(contextOver(killed).run(double, { value: 22 })).rejects.toThrow('killed');
  await answer(readdirSync(join(store.address, 'asked'))[0]!.replace('.json', ''), bench);
  await contextOver(engine).run(double, { value: 22 });
  for (const left of ['asked', 'said']) expect(readdirSync(join(store.address, left))).toEqual([]);
});

test('an answer that another coordinator of the same run has read and removed is not waited for', async () => {
  const { engine } = await world(async (id, bench) => {
    await answer(id, bench);
    await bench.store.remove(names.answer(id));
  });
  const { file } = await contextOver(engine).run(double, { value: 23 });
  expect(readFileSync(file.path, 'utf8')).toBe('46');
});

test('files go both ways with what lies beside them, and one that is given on stays where it was', async () => {
  const { engine } = await world();
  const context = contextOver(engine);
  const { media } = await context.run(film, { text: 'one' });
  expect(readFileSync(provenancePath(media.path), 'utf8')).toBe('provenance of one');
  expect(readFileSync(maskPath(media.path), 'utf8')).toBe('mask of one');
  // On the machine that answers, the file lies elsewhere.
  const moved = { ...media, path: here('clip.mp4') };
  writeFileSync(moved.path, 'one');
  writeFileSync(provenancePath(moved.path), 'provenance of one');
  expect(await context.run(look, { media: moved })).toEqual({ beside: 'provenance of one', media: moved });
});

test('a worker uses a file in place only while its content is what was asked', async () => {
  const input: { value: number; ms: number; from: FileRef[] } = {
    value: 1,
    ms: 0,
    from: [
      { path: here('n.txt'), sha256: '4523540f1504cd17100c4835e85b7eefd49911580f8efff0599a8f283be6b9e3' },
    ],
  };
  const path = input.from[0]!.path;
  writeFileSync(path, '17');
  const { engine } = await world((id, bench) => {
    // Another machine has another file of that name.
    rmSync(path);
    writeFileSync(path, '99999');
    return answer(id, bench);
  });
  expect((await contextOver(engine).run(sum, input)).total).toBe(18);
});

test('a file that is named twice is in use no longer than its job', async () => {
  const { store } = await world();
  const scratch = temporary('scratch');
  const bench = { ...benchOn(store, pool), scratch: openScratch(scratch, store) };
  const file: FileRef = {
    path: here('n.txt'),
    sha256: '4523540f1504cd17100c4835e85b7eefd49911580f8efff0599a8f283be6b9e3',
  };
  writeFileSync(file.path, '17');
  const elsewhere = (id: string): Promise<void> => {
    rmSync(file.path);
    return answer(id, bench);
  };
  const { engine } = await world(elsewhere, {}, store);
  const { total } = await contextOver(engine).run(sum, { value: 1, ms: 0, from: [file, file] });
  expect(total).toBe(35);
  expect(readdirSync(join(scratch, 'files'))).toHaveLength(1);
  expect(readdirSync(join(scratch, 'used'))).toEqual([]);
});

test('errors come back as what they are, and are asked again the next time', async () => {
  const { engine, asked } = await world();
  const context = contextOver(engine);
  await expect(context.run(misbehave, { how: 'item' })).rejects.toMatchObject({
    code: 'E_MEDIA_UNREADABLE',
    message: 'a.mp4: damaged',
  });
  await expect(context.run(misbehave, { how: 'user' })).rejects.toMatchObject({
    name: 'UserError',
    exitCode: 2,
  });
  await expect(context.run(misbehave, { how: 'bug' })).rejects.toThrow('undefined is not a function');
  expect(context.counts.failed).toBe(3);
  const moods = { counter: here('counter'), fail: true };
  await expect(context.run(moody, moods)).rejects.toMatchObject({ code: 'E_MEDIA_UNREADABLE' });
  expect(await context.run(moody, moods)).toEqual({ mood: 'good' });
  expect(asked).toHaveLength(5);
});

test('what nobody should keep is given, and not kept', async () => {
  const { engine } = await world();
  const moods = { counter: here('counter'), fail: false };
  expect(await contextOver(engine).run(moody, moods)).toEqual({ mood: 'bad' });
  expect(await contextOver(engine).run(moody, moods)).toEqual({ mood: 'good' });
  expect(await contextOver(engine).run(moody, moods)).toEqual({ mood: 'good' });
  expect(readFileSync(moods.counter, 'utf8')).toBe('xx');
});

test('a job that takes its process with it is tried once more, and no more', async () => {
  const { engine } = await world();
  await expect(contextOver(engine).run(poison, { kills: 'child' })).rejects.toMatchObject({
    code: 'E_WORKER_CRASH',
    message: expect.stringContaining('toy-poison'),
  });
  expect(await contextOver(engine).run(poison, { kills: 'child', once: here('once') })).toEqual({
    survived: true,
  });
});

test('two machines at the same job: the first result stays', async () => {
  const { engine, store } = await world(async (id, bench) => {
    const { pool: _, ...rest } = benchOn(bench.store, pool);
    await Promise.all([answer(id, bench), answer(id, { ...rest, pool })]);
  });
  const { pid } = await contextOver(engine).run(double, { value: 3 });
  const key = jobKey(double, { value: 3 }, {});
  expect(JSON.parse((await store.read(names.result(key)))!)).toMatchObject({ output: { pid, result: 6 } });
});

test('a damaged or lost file in the store is computed again, never used', async () => {
  const { engine, store, asked } = await world();
  const { file } = await contextOver(engine).run(double, { value: 4 });
  // The cache has the same file under another name where both lie on one disk.
  const kept = join(store.address, spread('files', file.sha256));
  expect(existsSync(kept)).toBe(true);
  writeFileSync(kept, 'damaged');
  const again = contextOver(engine);
  expect(readFileSync((await again.run(double, { value: 4 })).file.path, 'utf8')).toBe('8');
  expect(again.counts).toEqual({ cached: 0, computed: 1, failed: 0 });
  expect(asked).toHaveLength(2);
});

test('a machine with other tools or other code refuses and says what differs', async () => {
  const refusals: unknown[] = [];
  const refuse = async (id: string, bench: Bench): Promise<void> => {
    const other = { ...bench, tools: { ffmpeg: '7' } };
    refusals.push(await answer(id, other).catch((error: unknown) => error));
    await answer(id, bench);
  };
  const { engine, store } = await world(refuse, { ffmpeg: '5' });
  await contextOver(engine, { ffmpeg: '5' }).run(double, { value: 5 });
  expect(refusals[0]).toMatchObject({ name: 'UserError', exitCode: 4 });
  expect((refusals[0] as Error).message).toContain('ffmpeg is 7 here, 5 there');

  const asked = { ...JSON.parse(await questionOf(engine, store)), parts: undefined };
  const tell = async (change: object): Promise<string> => {
    await store.write(names.question('x'), JSON.stringify({ ...asked, ...change }));
    return answer('x', benchOn(store, pool, { ffmpeg: '5' })).then(
      () => 'answered',
      (error: Error) => error.message,
    );
  };
  const parts = {
    name: 'toy-double',
    code: '0'.repeat(64),
    packages: {},
    node: 'v1',
    tools: { ffmpeg: '5' },
  };
  expect(await tell({ parts })).toMatch(
    /code of "toy-double" differs.*is v1 there|node is .* here, v1 there/,
  );
  expect(await tell({ parts, module: 'repository:../../etc/passwd' })).toContain('there is no job');
  expect(await tell({ parts, module: 'repository:node_modules/zod/index.ts' })).toContain('there is no job');
  expect(await tell({ parts: { ...parts, name: '../x' } })).toContain('there is no job');
});

/** A question as it lies in the store before it is answered. */
async function questionOf(engine: Engine, store: Store): Promise<string> {
  let seen = '';
  const handout: Handout = {
    async submit(id) {
      seen = (await store.read(names.question(id)))!;
      throw new Error('seen');
    },
    close: async () => {},
  };
  expect(engine).toBeDefined();
  const peeking = askThrough(handout, { store, run: 'peek', tools: { ffmpeg: '5' } });
  await contextOver(peeking, { ffmpeg: '5' })
    .run(double, { value: 6 })
    .catch(() => {});
  return seen;
}
