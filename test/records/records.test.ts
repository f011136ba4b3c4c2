import { mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { formatCsv, parseCsv } from '../../src/records/csv.ts';
import {
  formatOutcomes,
  type OutcomeRow,
  parseOutcomes,
  readOutcomes,
  writeOutcomes,
} from '../../src/records/outcomes.ts';
import {
  coverageOf,
  describeData,
  parseRecord,
  readRecord,
  type RunRecord,
  writeRecord,
} from '../../src/records/record.ts';
import { madeUpRun } from '../reports/made-up-run.ts';

const folder = () => mkdtemp(join(tmpdir(), 'masque-records-'));

describe('csv', () => {
  test('any table reads back as it was written', () => {
    // one field of no characters in a row of its own is an empty line, which reads back as such
    const field = fc.oneof(
      fc.string(),
      fc.constantFrom('a,b', '"', '""', 'a\nb', '\r\n', '\r', ' x ', '', '=1+1', '\uFEFF'),
    );
    fc.assert(
      fc.property(fc.array(fc.array(field, { minLength: 1 }), { minLength: 1 }), (rows) => {
        const text = `header\n${formatCsv(rows)}`;
        expect(
          parseCsv(text, 'x.csv')
            .slice(1)
            .map((row) => row.fields),
        ).toEqual(rows);
      }),
      { numRuns: 1000, seed: 3 },
    );
  });

  test('reads what spreadsheets write: carriage returns, a byte order mark, no line end at the end', () => {
    expect(parseCsv('\uFEFFa,b\r\n"1\r\n2",\r\nx,y', 'x.csv')).toEqual([
      { line: 1, fields: ['a', 'b'] },
      { line: 2, fields: ['1\r\n2', ''] },
      { line: 4, fields: ['x', 'y'] },
    ]);
  });

  test.each([
    ['a,"b', 'x.csv:1: a quoted field is never closed'],
    ['a\n"b"c,d', 'x.csv:2: text after the closing quote'],
  ])('%j is refused with its line', (text, message) => {
    expect(() => parseCsv(text, 'x.csv')).toThrow(message);
  });
});

describe('outcomes', () => {
  const name = fc.oneof(fc.string({ minLength: 1 }), fc.constantFrom('a;b', '%', '%3B', '"', 'x,y', 'a\nb'));
  const frame = fc.record({
    run: name,
    detector: name,
    generator: name,
    perturbation: name,
    level: fc.double({ noNaN: true, noDefaultInfinity: true }),
    id: name,
    sources: fc.array(name),
    split: fc.constantFrom('train' as const, 'validation' as const, 'test' as const),
  });
  const end = fc.oneof(
    fc.record({ score: fc.double({ noNaN: true, noDefaultInfinity: true }) }),
    fc.record({ errorCode: fc.constantFrom('E_DECODE', 'E_NOT_APPLICABLE') }),
  );
  const label = fc.oneof(
    fc.record({ label: fc.constantFrom('real' as const, 'fake' as const) }),
    fc.constant({}),
  );
  const row = fc.tuple(frame, end, label).map(([a, b, c]): OutcomeRow => ({ ...a, ...b, ...c }));

  test('scores, names and gaps read back exactly, to the last bit and the sign of zero', () => {
    fc.assert(
      fc.property(fc.array(row), (rows) => {
        const back = parseOutcomes(formatOutcomes(rows), 'outcomes.csv');
        expect(back).toEqual(rows);
        back.forEach((one, i) =>
          expect(Object.is('score' in one && one.score, 'score' in rows[i]! && rows[i].score)).toBe(true),
        );
      }),
      { numRuns: 1000, seed: 4 },
    );
  });

  test('the header is the contract', () => {
    expect(formatOutcomes([])).toBe(
      'run,detector,generator,perturbation,level,id,sources,label,split,score,errorCode\n',
    );
  });

  const line = (end: string) =>
    `run,detector,generator,perturbation,level,id,sources,label,split,score,errorCode\nr,d,g,none,0,i,s,real,test,${end}\n`;
  test.each([
    ['a,b\n', 'outcomes.csv:1: the header must be run,'],
    [line('NaN,'), 'outcomes.csv:2: score'],
    [line('1e999,'), 'outcomes.csv:2: score'],
    [line('0x10,'), 'outcomes.csv:2: score'],
    [line(','), 'outcomes.csv:2: row: either a score or an error code'],
    [line('1,E_DECODE'), 'either a score or an error code'],
    [line('1'), 'outcomes.csv:2: 11 fields are needed, got 10'],
    [line('1,').replace(',real,', ',maybe,'), 'outcomes.csv:2: label'],
  ])('%j is refused', (text, message) => {
    expect(() => parseOutcomes(text, 'outcomes.csv')).toThrow(message);
  });

  test('a score that is no number is never written', () => {
    const { outcomes } = madeUpRun();
    expect(() => formatOutcomes([{ ...outcomes[0]!, score: Number.NaN } as OutcomeRow])).toThrow(
      'not finite',
    );
  });

  test('through a file', async () => {
    const at = await folder();
    const { outcomes } = madeUpRun();
    await writeOutcomes(at, outcomes);
    expect(await readOutcomes(join(at, 'outcomes.csv'))).toEqual(outcomes);
  });
});

describe('record', () => {
  test('reads back as it was written, with the names of the contract', async () => {
    const at = await folder();
    const { record } = madeUpRun();
    await writeRecord(at, record);
    expect(await readRecord(join(at, 'record.json'))).toEqual(record);
    const json = JSON.parse(await readFile(join(at, 'record.json'), 'utf8')) as RunRecord;
    expect(Object.keys(json)).toEqual(
      expect.arrayContaining([
        'schemaVersion',
        'id',
        'config',
        'seed',
        'code',
        'startedAt',
        'seconds',
        'counts',
        'generators',
        'results',
      ]),
    );
    expect(json.code).toMatchObject({
      commit: expect.any(String),
      dirty: false,
      node: expect.any(String),
      backend: { name: 'onnx' },
    });
    expect(json.results[0]).toMatchObject({
      counts: { real: 32, fake: 32, failed: 0 },
      metrics: {
        auc: { value: expect.any(Number), low: expect.any(Number), high: expect.any(Number) },
        eer: { method: 'interpolated-roc' },
      },
    });
    expect(json.results[0]?.points).toHaveLength(8);
  });

  test('a number that is none is a bug and nothing is written', async () => {
    const at = await folder();
    const { record } = madeUpRun();
    await expect(writeRecord(at, { ...record, seconds: Number.NaN })).rejects.toThrow('seconds');
    await expect(readRecord(join(at, 'record.json'))).rejects.toThrow('was not finished');
  });

  test.each([
    ['{"schemaVersion":1,', 'record.json: damaged, not JSON'],
    ['[]', 'record.json: not a record of version 1'],
    ['{"schemaVersion":99}', 'not a record of version 1: schemaVersion'],
  ])('%j is refused with its file', (text, message) => {
    expect(() => parseRecord(text, 'record.json')).toThrow(message);
  });

  test('every cut of a record is refused by name and never read in part', async () => {
    const at = await folder();
    await writeRecord(at, madeUpRun().record);
    const text = (await readFile(join(at, 'record.json'), 'utf8')).trimEnd();
    for (let length = 0; length < text.length; length += 997) {
      await writeFile(join(at, 'record.json'), text.slice(0, length));
      await expect(readRecord(join(at, 'record.json'))).rejects.toThrow('damaged');
    }
  });
});

test('coverage is the share with a score, of all that were asked for', () => {
  expect(coverageOf({ real: 6, fake: 3, failed: 2, notApplicable: 1 })).toBe(0.75);
  expect(coverageOf({ real: 0, fake: 0, failed: 0, notApplicable: 0 })).toBeNull();
});

test('faces may leave the run folder when they are rendered or their owners consented', () => {
  const consent = { basis: 'signed', scope: 'research' };
  expect(describeData('d', [{ licence: 'synthetic' }, { licence: 'synthetic' }])).toMatchObject({
    kind: 'synthetic',
    licences: { synthetic: 2 },
    shareable: { value: true },
  });
  expect(describeData('d', [{ licence: 'synthetic' }, { licence: 'CC-BY-4.0' }])).toMatchObject({
    kind: 'recorded',
    shareable: { value: false, reason: expect.stringContaining('1 of 2 clips have no recorded consent') },
  });
  expect(describeData('d', [{ licence: 'CC-BY-4.0', likenessConsent: consent }]).shareable.value).toBe(true);
  expect(describeData('d', []).shareable.value).toBe(false);
});
