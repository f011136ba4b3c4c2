import { readFileSync, writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { appendToLog, linesWhere, openLog, verifyLog } from '../../src/records/audit-log.ts';
import { workFolder } from '../media/tools.ts';

const at = workFolder();
const entry = (i: number) => ({ at: '2026-01-01T00:00:00.000Z', what: 'export', file: `${i}.mp4` });
const three = [1, 2, 3].map(entry);

test('what is appended is found again, over several times', async () => {
  expect(await verifyLog(at('log'))).toEqual({ number: 0, head: '0'.repeat(64) });
  await appendToLog(at('log'), three);
  const head = await appendToLog(at('log'), [entry(4)]);
  expect(await verifyLog(at('log'))).toEqual({ number: 4, head });
  expect(await appendToLog(at('log'), [])).toBe(head);
});

test('every change of a single byte is found, at its entry', async () => {
  await appendToLog(at('log'), three);
  const whole = readFileSync(at('log'));
  const lineOf = (place: number): number => whole.subarray(0, place).filter((byte) => byte === 10).length + 1;
  for (let place = 0; place < whole.length; place++) {
    // A line's end is part of the line it ends; without the last the entries still stand.
    if (place === whole.length - 1) continue;
    const changed = Buffer.from(whole);
    changed[place]! ^= 1;
    writeFileSync(at('log'), changed);
    const found = await verifyLog(at('log'));
    expect(found, `byte ${place}`).toHaveProperty('broken');
    expect((found as { broken: string }).broken).toContain(`entry ${lineOf(place)} `);
  }
});

test.each([
  ['left out', [0, 2], 'entry 2 does not follow'],
  ['moved', [0, 2, 1], 'entry 2 does not follow'],
  ['doubled', [0, 1, 1, 2], 'entry 3 does not follow'],
])('a line %s is found', async (_, order, cause) => {
  await appendToLog(at('log'), three);
  const lines = readFileSync(at('log'), 'utf8').split('\n');
  writeFileSync(at('log'), order.map((i) => `${lines[i]}\n`).join(''));
  expect(await verifyLog(at('log'))).toEqual({ broken: expect.stringContaining(cause) });
  await expect(appendToLog(at('log'), [entry(4)])).rejects.toThrow(/Nothing is appended/);
});

test('lines missing at the end are found by a hash kept elsewhere, and by it alone', async () => {
  await appendToLog(at('log'), three.slice(0, 2));
  const short = readFileSync(at('log'));
  const head = await appendToLog(at('log'), three.slice(2));
  expect(await verifyLog(at('log'), head)).toEqual({ number: 3, head });
  writeFileSync(at('log'), short);
  expect(await verifyLog(at('log'))).toMatchObject({ number: 2 });
  expect(await verifyLog(at('log'), head)).toEqual({
    broken: expect.stringContaining('after 2 are missing'),
  });
});

test('a log that stays open is added to without being read again, and closes as any other', async () => {
  const log = await openLog(at('log'));
  expect(log).toMatchObject({ number: 0, head: '0'.repeat(64) });
  await log.append(three);
  await log.append([]);
  await log.append([entry(4)]);
  await log.close();
  expect(await verifyLog(at('log'))).toEqual({ number: 4, head: log.head });
  const again = await openLog(at('log'), { anchor: log.head });
  await again.append([entry(5)]);
  await again.close();
  expect(await verifyLog(at('log'), log.head)).toEqual({ number: 5, head: again.head });
  expect((await linesWhere(at('log'), ({ number }) => number > 3)).lines.map((line) => line.entry)).toEqual([
    entry(4),
    entry(5),
  ]);
});

test('a last line that was cut short is cut off only for those who say that it may be, and only behind what they know', async () => {
  const head = await appendToLog(at('log'), three);
  const whole = readFileSync(at('log'));
  await appendToLog(at('log'), [entry(4)]);
  const longer = readFileSync(at('log'));
  for (let end = whole.length + 1; end < longer.length - 1; end += 9) {
    writeFileSync(at('log'), longer.subarray(0, end));
    await expect(openLog(at('log'), { anchor: head })).rejects.toThrow(/entry 4 is not a line/);
    // Who only looks may come while it is written.
    expect(await verifyLog(at('log'), head)).toEqual({ broken: 'entry 4 is not a line of this log' });
    expect(await verifyLog(at('log'), head, { mayBeTorn: true })).toEqual({ number: 3, head });
    expect(await linesWhere(at('log'), () => false, { mayBeTorn: true })).toMatchObject({ number: 3, head });
    await expect(linesWhere(at('log'), () => false)).rejects.toThrow(/entry 4 is not a line/);
    await (await openLog(at('log'), { anchor: head, mayBeTorn: true })).close();
    expect(readFileSync(at('log'))).toEqual(whole);
  }
  // All of it but its end.
  writeFileSync(at('log'), longer.subarray(0, -1));
  const log = await openLog(at('log'), { anchor: head, mayBeTorn: true });
  await log.append([entry(5)]);
  await log.close();
  expect(await verifyLog(at('log'))).toEqual({ number: 5, head: log.head });
  writeFileSync(at('log'), whole.subarray(0, -9));
  await expect(openLog(at('log'), { anchor: head, mayBeTorn: true })).rejects.toThrow(/Nothing is appended/);
});

test('bytes that are no text are no other entry either', async () => {
  await appendToLog(at('log'), [{ ...entry(1), note: '\uFFFD' }]);
  const whole = readFileSync(at('log'));
  const place = whole.indexOf('\uFFFD');
  const changed = Buffer.concat([whole.subarray(0, place), Buffer.from([0xff]), whole.subarray(place + 3)]);
  expect(changed.toString()).toBe(whole.toString());
  writeFileSync(at('log'), changed);
  expect(await verifyLog(at('log'))).toEqual({ broken: 'entry 1 was changed' });
});
