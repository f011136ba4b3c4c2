import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { joinScores } from '../../src/score-files/join.ts';
import { readKey } from '../../src/score-files/key.ts';
import { readScores, type ScoreFormat } from '../../src/score-files/read.ts';

const folder = mkdtempSync(join(tmpdir(), 'masque-scores-'));
afterAll(() => rmSync(folder, { recursive: true }));
const file = (name: string, text: string): string => {
  writeFileSync(join(folder, name), text);
  return join(folder, name);
};

describe('score files', () => {
  test.each([
    [
      'csv',
      'id,group,label,score,detector\na,p,real,0.1,x\nb,q,fake,0.9,x\n',
      { id: 'b', score: 0.9, truth: 'fake', group: 'q', detector: 'x' },
    ],
    ['csv', 'score,id\n1,a\n-2e3,b\n', { id: 'b', score: -2000 }],
    [
      'asvspoof2019',
      'LA_E_1 - bonafide 2.5\nLA_E_2 A07 spoof -1\n',
      { id: 'LA_E_2', score: -1, truth: 'fake' },
    ],
    ['columns', 'LA_E_1 10.0\r\nLA_E_2 -3\r\n', { id: 'LA_E_2', score: -3 }],
    ['columns', 'u1 1 bonafide\nu2 0 spoof\n', { id: 'u2', score: 0, truth: 'fake' }],
    ['asvspoof5', 'filename\tcm-score\nE_1\t0.5\nE_2\t-0.5\n', { id: 'E_2', score: -0.5 }],
    [
      'deepfakebench',
      '{"y_pred":[0.2,0.8],"y_true":[0,1],"img_names":["r/000/1.png","f/000/1.png"]}',
      { id: 'f/000/1.png', score: 0.8, truth: 'fake', clip: 'f/000' },
    ],
  ] as [ScoreFormat, string, object][])('%s is known by its look', async (format, text, second) => {
    const found = await readScores(file('any', text));
    expect(found.format).toBe(format);
    expect(found.rows).toHaveLength(2);
    expect(found.rows[1]).toMatchObject(second);
  });

  test('our outcomes.csv: failed rows have no score, the first source is the group', async () => {
    const text =
      'run,detector,generator,perturbation,level,id,sources,label,split,score,errorCode\nr,d,none,none,0,a,p%3B%25;q,real,test,0.5,\nr,d,g,none,0,b,p,fake,test,,E_DECODE\n';
    const { rows } = await readScores(file('outcomes.csv', text));
    expect(rows).toMatchObject([
      { id: 'a', group: 'p;%', driver: 'q', truth: 'real' },
      { id: 'b', score: Number.NaN, truth: 'fake' },
    ]);
  });

  test('every line that is none is named at once', async () => {
    const path = file('bad.csv', 'id,label,score\na,real,high\n,fake,1\nc,maybe,1\n');
    await expect(readScores(path)).rejects.toThrow(
      `${path}:2: score: "high" is no number\n${path}:3: the id is empty\n${path}:4: label: "maybe" is neither real nor fake`,
    );
  });

  test.each([
    ['', 'there is no score in it'],
    ['id,score\n', 'there is no score in it'],
    ['name,score\na,1\n', 'no column id; its head is "name,score"'],
    ['id;score\na;1\n', 'separated by semicolons'],
    ['id\tscore\na\t1\n', 'separated by tabs'],
    ['id,score,label\na,1\n', ':2: 2 fields, but the head has 3'],
    ['{"y_pred":[1]}', 'three equally long lists'],
    ['{', 'damaged, not JSON'],
    ['only\n', 'no score in column 2'],
  ])('%j is refused', async (text, reason) => {
    await expect(readScores(file('refused', text))).rejects.toThrow(reason);
  });

  test('a table in UTF-16, as Excel writes Unicode text, says what to do; empty lines at its end say nothing', async () => {
    const path = join(folder, 'utf16.csv');
    writeFileSync(path, Buffer.from('\uFEFFid,score\na,1\n', 'utf16le'));
    await expect(readScores(path)).rejects.toThrow(`${path}:1: expected a text file in UTF-8`);
    expect((await readScores(file('end.csv', 'id,score\na,1\n,\n\n'))).rows).toHaveLength(1);
  });

  test('a file that is not there', async () => {
    await expect(readScores(join(folder, 'absent'))).rejects.toThrow('cannot be read (ENOENT)');
  });
});

describe('key files', () => {
  test.each([
    ['2019', 'LA_0079 LA_T_1 - - bonafide\nLA_0078 LA_T_2 - A01 spoof\n'],
    [
      '2021 LA',
      'LA_0079 LA_T_1 alaw ita_tx bonafide bonafide notrim eval\nLA_0078 LA_T_2 alaw ita_tx A07 spoof notrim eval\n',
    ],
    [
      '2021 DF',
      'LA_0079 LA_T_1 nocodec asvspoof bonafide bonafide notrim progress - - - - -\nLA_0078 LA_T_2 nocodec asvspoof A14 spoof notrim progress traditional_vocoder - - - -\n',
    ],
    ['5, protocol', 'LA_0079 LA_T_1 F - - - - bonafide bonafide -\nLA_0078 LA_T_2 F - - - AC3 A05 spoof -\n'],
  ])('ASVspoof %s: speaker, file and key', async (_name, text) => {
    expect(await readKey(file('key', text))).toEqual([
      { id: 'LA_T_1', truth: 'real', group: 'LA_0079', line: 1 },
      { id: 'LA_T_2', truth: 'fake', group: 'LA_0078', line: 2 },
    ]);
  });

  test('ASVspoof 5, two columns under a head; and a CSV', async () => {
    expect(await readKey(file('key', 'filename\tcm-label\nE_1\tspoof\n'))).toEqual([
      { id: 'E_1', truth: 'fake', line: 2 },
    ]);
    expect(await readKey(file('key', 'id,label,group\na,real,p\n'))).toEqual([
      { id: 'a', truth: 'real', group: 'p', line: 2 },
    ]);
  });

  test('a trial that stands there twice is named', async () => {
    const path = file('key', 'LA_T_1 spoof\nLA_T_2 bonafide\nLA_T_1 bonafide\n');
    await expect(readKey(path)).rejects.toThrow(`${path}:3: the trial of line 1 again`);
  });

  test('a line without a class is named', async () => {
    const path = file('key', 'LA_1 LA_T_1 - - maybe\n');
    await expect(readKey(path)).rejects.toThrow(`${path}:1: needs a file and bonafide or spoof`);
  });
});

describe('scores beside their trials', () => {
  const row = (id: string, score: number, more = {}) => ({ id, score, line: 1, ...more });

  test('what does not fit is named, counted, and counts against the coverage', () => {
    const key = ['a', 'b', 'c', 'd'].map((id, i) => ({
      id,
      truth: i % 2 ? ('fake' as const) : ('real' as const),
      line: 1,
    }));
    const [joined] = joinScores(
      [row('a', 1), row('a', 2), row('b', Number.NaN), row('x', 3), row('d', 4)],
      key,
      'fake',
    );
    expect(joined).toMatchObject({
      items: [
        { id: 'a', score: 1, truth: 'real' },
        { id: 'd', score: 4, truth: 'fake' },
      ],
      leftOut: { duplicate: ['a'], notFinite: ['b'], missing: ['c'], unlabelled: ['x'] },
      coverage: 0.5,
      grouped: false,
    });
  });

  test('scores that are higher for real ones are turned', () => {
    const [joined] = joinScores(
      [row('a', 2, { truth: 'real' }), row('b', 0, { truth: 'fake', group: 'p' })],
      undefined,
      'real',
    );
    expect(joined!.items.map(({ score }) => score)).toEqual([-2, 0]);
    expect(joined!.grouped).toBe(true);
  });

  test('each detector by itself', () => {
    const rows = ['x', 'y'].flatMap((detector) => [
      row('a', 1, { detector, truth: 'real' }),
      row('b', 2, { detector, truth: 'fake' }),
    ]);
    expect(
      joinScores(rows, undefined, 'fake').map(({ detector, items }) => [detector, items.length]),
    ).toEqual([
      ['x', 2],
      ['y', 2],
    ]);
  });
});
