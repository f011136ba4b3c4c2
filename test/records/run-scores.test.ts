import { appendFile, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { formatItems, type ItemRow, parseItems } from '../../src/records/item-table.ts';
import { readRecord } from '../../src/records/record.ts';
import { differenceFrom, readRunScores } from '../../src/records/run-scores.ts';
import { madeUpRun } from '../reports/made-up-run.ts';
import { leaveRun } from '../reports/run-folders.ts';

const asked = { perturbation: 'none', level: 0, driving: null } as const;

async function left(items?: ItemRow[]) {
  const run = madeUpRun('a');
  const runs = await mkdtemp(join(tmpdir(), 'masque-scores-'));
  await leaveRun(runs, { ...run, ...(items ? { items } : {}) });
  const folder = join(runs, 'a');
  return { folder, record: await readRecord(join(folder, 'record.json')), outcomes: run.outcomes };
}

test('the rows of a result are the fakes of its generator and the real clips, of its detector alone', async () => {
  const { folder, record, outcomes } = await left();
  const scores = await readRunScores(folder, record);
  for (const { detector, generator } of record.results) {
    const slow = outcomes.filter(
      (row) => row.detector === detector && (row.generator === generator || row.generator === 'none'),
    );
    expect(new Set(scores.rowsOf({ ...asked, detector, generator }))).toEqual(new Set(slow));
  }
  expect(scores.hashed).toBe(true);
});

test('how fakes were driven is read from items.csv, where there is one', async () => {
  const run = madeUpRun('a');
  const ids = [...new Set(run.outcomes.map(({ id }) => id))];
  const items = ids.map((id, i): ItemRow => {
    const driving = i % 2 ? 'same-person' : 'other-person';
    return { id, attributes: {}, ...(id.includes('puppetry') ? { driving } : {}) };
  });
  const { folder, record } = await left(items);
  const part = {
    ...asked,
    detector: 'random',
    generator: 'puppetry@cpu-96',
    driving: 'same-person',
  } as const;
  const rows = (await readRunScores(folder, record)).rowsOf(part)!;
  expect(rows.filter(({ label }) => label === 'real')).toHaveLength(32);
  const same = new Set(items.flatMap(({ id, driving }) => (driving === 'same-person' ? id : [])));
  const fakes = rows.filter(({ label }) => label === 'fake').map(({ id }) => id);
  expect(new Set(fakes)).toEqual(same);
  const without = await left();
  expect((await readRunScores(without.folder, without.record)).rowsOf(part)).toBeUndefined();
});

test('files that are missing or were changed are refused by name', async () => {
  for (const name of ['outcomes.csv', 'items.csv']) {
    const { folder, record } = await left([{ id: 'x', attributes: {} }]);
    await appendFile(join(folder, name), '\n');
    await expect(readRunScores(folder, record)).rejects.toThrow(`${name} was changed: its sha256 should be`);
    await rm(join(folder, name));
    await expect(readRunScores(folder, record)).rejects.toThrow(`${name} is missing`);
  }
});

test('a record says what its scores give, and every number that is moved is found', async () => {
  const { folder, record } = await left();
  const scores = await readRunScores(folder, record);
  for (const result of record.results) {
    const rows = scores.rowsOf(result)!;
    expect(differenceFrom(result, rows)).toBeUndefined();
    const { auc, eer, ap } = result.metrics;
    for (const [name, metrics] of [
      ['AUC', { auc: { ...auc, value: auc.value! + 0.001 } }],
      ['EER', { eer: { ...eer, value: eer.value! - 0.001 } }],
      ['AP', { ap: { ...ap, value: 1.5 } }],
    ] as const)
      expect(
        differenceFrom({ ...result, metrics: { ...result.metrics, ...metrics } as never }, rows),
      ).toMatch(
        new RegExp(
          `^${name} \\S+ in the record, \\S+ from the scores(; the interval of ${name} in the record does not hold its value)?$`,
        ),
      );
    for (const key of ['real', 'fake', 'failed', 'notApplicable'] as const) {
      const counts = { ...result.counts, [key]: result.counts[key] + 1 };
      expect(differenceFrom({ ...result, counts }, rows)).toContain(`${counts[key]} in the record`);
    }
    expect(differenceFrom(result, rows.slice(1))).toContain('from the scores');
  }
});

test('a number that a record withholds is not asked for', async () => {
  const { folder, record } = await left();
  const [result] = record.results;
  const none = { value: null, reason: 'trained elsewhere' };
  const metrics = { ...result!.metrics, auc: none, eer: { ...none, method: 'x' }, ap: none };
  const rows = (await readRunScores(folder, record)).rowsOf(result!)!;
  expect(differenceFrom({ ...result!, metrics }, rows)).toBeUndefined();
});

test('items read back as they were written', () => {
  const name = fc.string({ minLength: 1 });
  const attribute = name.filter((text) => !['id', 'sha256', 'driving', '__proto__'].includes(text));
  const item = fc.record(
    {
      id: name,
      sha256: fc.constant('ab'),
      driving: fc.constantFrom('same-person' as const, 'other-person' as const),
      attributes: fc.dictionary(attribute, name, { noNullPrototype: true }),
    },
    { requiredKeys: ['id', 'attributes'] },
  );
  fc.assert(
    fc.property(fc.array(item), (rows) => {
      expect(parseItems(formatItems(rows), 'items.csv')).toEqual(rows);
    }),
  );
  expect(() => parseItems('id,hash\n', 'items.csv')).toThrow('items.csv:1: the header must begin with');
  expect(() => parseItems('id,sha256,driving\na,,maybe\n', 'items.csv')).toThrow('items.csv:2: driving');
});

test('a run folder without a hash in its record is read, and says so', async () => {
  const { folder, record } = await left();
  const { sha256: _, ...older } = record;
  await writeFile(join(folder, 'items.csv'), 'not looked at');
  expect((await readRunScores(folder, older)).hashed).toBe(false);
});
