import fc from 'fast-check';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test, vi } from 'vitest';
import { measureFile, type MeasureOptions } from '../../experiments/measure-scores.ts';
import { UserError } from '../../src/errors.ts';
import { createRng } from '../../src/random.ts';

const night = process.env['MASQUE_TESTS'] === 'night';
const folder = mkdtempSync(join(tmpdir(), 'masque-measure-'));
afterAll(() => rmSync(folder, { recursive: true }));
const file = (name: string, text: string): string => {
  writeFileSync(join(folder, name), text);
  return join(folder, name);
};

type Figure = { value: number | null; reason?: string; method?: string; low?: number | null };
type Answer = Record<string, Figure> & {
  level: string;
  counts: Record<string, number>;
  coverage: number;
  points?: unknown[];
  detector?: string;
};

/** What is printed: one answer per detector and level. */
async function measure(scores: string, options: Partial<MeasureOptions> = {}): Promise<Answer[]> {
  const print = vi.spyOn(process.stdout, 'write').mockReturnValue(true);
  try {
    await measureFile({ scores, llr: false, json: true, ...options });
    const answer = JSON.parse(print.mock.calls.map(([text]) => text).join('')) as Answer & {
      detectors?: Answer[];
    };
    return answer.detectors ?? [answer];
  } finally {
    print.mockRestore();
  }
}

/** Four clips of each of some people, fakes higher by `distance`. */
function table(people: number, distance: number, from = 0): string {
  const rng = createRng(1, 'table', from);
  const lines = Array.from({ length: people * 4 }, (_, i) => {
    const fake = i % 2;
    return `c${from + i},p${Math.floor(i / 4)},${fake ? 'fake' : 'real'},${rng.normal(distance * fake)}`;
  });
  return `id,group,label,score\n${lines.join('\n')}\n`;
}

describe('a threshold and a calibration', () => {
  test('given, in the polarity of the file', async () => {
    const path = file('four', 'id,label,score\na,real,1\nb,real,3\nc,fake,2\nd,fake,4\n');
    const [own] = await measure(path, { threshold: 2 });
    expect(own).toMatchObject({
      threshold: { value: 2 },
      accuracy: { value: 0.75 },
      balancedAccuracy: { value: 0.75 },
      falsePositiveRate: { value: 0.5 },
      truePositiveRate: { value: 1 },
    });
    const [turned] = await measure(path, { threshold: 2, higher: 'real' });
    expect(turned).toMatchObject({
      threshold: { value: 2 },
      falsePositiveRate: { value: 0.5 },
      truePositiveRate: { value: 0.5 },
    });
    const [none] = await measure(path);
    expect(none!['accuracy']).toEqual({
      value: null,
      reason: expect.stringContaining('no threshold was fixed'),
    });
  });

  test('fixed on other items, half way between the scores it parts; probabilities say how they came about', async () => {
    const validation = file('validation', 'id,label,score\nv,real,0\nw,real,1\nx,fake,2\ny,fake,3\n');
    const test = file('test', 'id,label,score\na,real,1.2\nb,real,9\nc,fake,1.6\nd,fake,8\n');
    const [own] = await measure(test, { validation, calibration: 'platt' });
    expect(own).toMatchObject({
      threshold: { value: 1.5 },
      accuracy: { value: 0.75 },
      brier: { value: expect.any(Number), method: 'platt, fitted on validation' },
    });
  });

  test.each([
    [
      'items that are measured too',
      'id,label,score\na,real,0\ny,fake,1\n',
      '1 of its items are measured too, as "a"',
    ],
    ['one class', 'id,label,score\nx,real,0\ny,real,1\n', 'a threshold needs both classes'],
    ['scores that are all equal', 'id,label,score\nx,real,1\ny,fake,1\n', 'all scores are equal'],
    ['another detector', 'id,label,score,detector\nx,real,0,d\ny,fake,1,d\n', 'there are no scores of it'],
  ])('validation on %s is refused', async (_name, text, reason) => {
    const test = file('test', 'id,label,score\na,real,1\nb,fake,2\n');
    const validation = file('validation', text);
    await expect(measure(test, { validation, calibration: 'platt' })).rejects.toThrow(reason);
  });
});

test('of a detector without validation scores there is no threshold, and the others have theirs', async () => {
  const rows = (detector: string, ids: string): string =>
    `${ids[0]},real,0,${detector}\n${ids[1]},fake,1,${detector}\n`;
  const head = 'id,label,score,detector\n';
  const test = file('test', `${head}${rows('d', 'ab')}${rows('probe', 'ab')}`);
  const validation = file('validation', `${head}${rows('d', 'vw')}`);
  const [known, probe] = await measure(test, { validation });
  expect(known).toMatchObject({ threshold: { value: 0.5 }, accuracy: { value: 1 } });
  const none = {
    value: null,
    reason: expect.stringContaining('validation: probe: there are no scores of it'),
  };
  expect(probe).toMatchObject({ threshold: none, accuracy: none });
});

describe('levels', () => {
  test('of people: the mean of their real and of their fake items; points one by one below ten', async () => {
    const text = 'id,group,label,score\na,p,real,0\nb,p,real,4\nc,p,fake,3\nd,q,real,1\ne,q,fake,1.5\n';
    const path = file('people', text);
    const [items] = await measure(path);
    expect(items).toMatchObject({
      level: 'item',
      counts: { real: 3, fake: 2, groups: 2 },
      auc: { value: 4 / 6 },
    });
    expect(items!.points).toEqual([
      { identity: 'p', real: [0, 4], fake: [3] },
      { identity: 'q', real: [1], fake: [1.5] },
    ]);
    const [people] = await measure(path, { level: 'identity' });
    expect(people).toMatchObject({ level: 'identity', counts: { real: 2, fake: 2 }, auc: { value: 0.75 } });
    expect((await measure(file('ten', table(10, 1))))[0]!.points).toBeUndefined();
  });

  test('frames of a CSV, and their clips', async () => {
    const text = 'id,clip,label,score\n1,a,real,0\n2,a,real,2\n3,b,fake,1\n4,b,fake,3\n';
    const [frames, clips] = await measure(file('frames', text));
    expect(frames).toMatchObject({ level: 'frame', counts: { real: 2, fake: 2 }, auc: { value: 0.75 } });
    expect(clips).toMatchObject({ level: 'clip', counts: { real: 1, fake: 1 }, auc: { value: 1 } });
  });

  test('of clips and people, what was lost of the lines is still told', async () => {
    const text = 'id,clip,label,score\n1,a,real,0\n2,a,real,nan\n3,b,fake,1\n4,b,fake,3\n';
    const [clips] = await measure(file('lossy', text), { level: 'clip' });
    expect(clips).toMatchObject({ level: 'clip', coverage: 0.75, leftOut: { notFinite: ['2'] } });
  });

  test('that the file says nothing of are refused', async () => {
    const path = file('plain', 'id,label,score\na,real,1\nb,fake,2\n');
    await expect(measure(path, { level: 'identity' })).rejects.toThrow('nothing says whose a score is');
    await expect(measure(path, { level: 'clip' })).rejects.toThrow('nothing says which clip a score is of');
  });
});

test('scores of perturbed clips stand by themselves, and so do each generator’s fakes beside the same real clips', async () => {
  const head = 'run,detector,generator,perturbation,level,id,sources,label,split,score,errorCode\n';
  const rows = ['none,0', 'JPEG,3'].flatMap((how) => [
    `r,d,none,${how},a,p,real,test,0,`,
    `r,d,g,${how},b,p,fake,test,1,`,
    `r,d,h,${how},c,p,fake,test,-1,`,
  ]);
  const found = await measure(file('outcomes.csv', `${head}${rows.join('\n')}\n`));
  expect(
    found.map(({ detector, counts, auc }) => [detector, counts['real'], counts['fake'], auc!.value]),
  ).toEqual([
    ['d against g', 1, 1, 1],
    ['d against h', 1, 1, 0],
    ['d, JPEG 3 against g', 1, 1, 1],
    ['d, JPEG 3 against h', 1, 1, 0],
  ]);
  await expect(measure(file('both.csv', 'id,score,label\na,1,real\na,2,fake\n'))).rejects.toThrow(
    `${join(folder, 'both.csv')}:3: "a" is fake here and real in line 2`,
  );
});

test('of our own outcomes those of split test count, and as validation those of split validation', async () => {
  const head = 'run,detector,generator,perturbation,level,id,sources,label,split,score,errorCode\n';
  const row = (id: string, label: string, split: string, score: number): string =>
    `r,d,g,none,0,${id},p,${label},${split},${score},\n`;
  const path = file(
    'splits.csv',
    `${head}${row('a', 'real', 'test', 0)}${row('b', 'fake', 'test', 1)}${row('c', 'real', 'validation', 5)}${row('d', 'fake', 'validation', -5)}`,
  );
  const [found] = await measure(path);
  expect(found).toMatchObject({ counts: { real: 1, fake: 1 }, auc: { value: 1 } });
});

test('an empty table is refused', async () => {
  await expect(measure(file('empty.csv', ''), { format: 'csv' })).rejects.toThrow('is empty');
});

test('trials of speaker verification: a-DCF over all, everything else without other speakers', async () => {
  const scores = file(
    'sasv.tsv',
    'spk\tfilename\tcm-score\tasv-score\tsasv-score\nA\tf1\t1\t1\t3\nA\tf2\t1\t-\t1\nB\tf1\t1\t1\t0\nA\tf3\t1\t1\t2\n',
  );
  const key = file(
    'key',
    'spk filename cm-label asv-label\nA f1 bonafide target\nA f2 bonafide target\nB f1 bonafide nontarget\nA f3 spoof spoof\n',
  );
  const [found] = await measure(scores, { key });
  expect(found).toMatchObject({
    counts: { real: 2, fake: 1, other: 1 },
    aDcf: { value: expect.closeTo(0.9405 / 2 / 0.595, 12) },
    auc: { value: 0.5 },
  });
});

describe('what is undefined has a reason and no number', () => {
  const ranked = [
    'auc',
    'eer',
    'ap',
    'eerAsvspoof',
    'eerDeepfakebench',
    'partialAucFpr0.1',
    'minDcf',
    'minTdcf',
    'minTdcf2019',
  ];
  test.each([
    ['one class', 'a,p,real,1\nb,q,real,2\n'],
    ['all tied', 'a,p,real,1\nb,q,fake,1\nc,r,fake,1\nd,s,real,1\n'],
    ['no score that is a number', 'a,p,real,nan\nb,q,fake,inf\n'],
    ['no score that is one for one class', 'a,p,real,1\nb,q,fake,\n'],
  ])('%s', async (_name, rows) => {
    for (const head of ['id,group,label,score\n', 'id,nobody,label,score\n']) {
      const [found] = await measure(file('undefined', `${head}${rows}`));
      for (const name of ranked)
        expect(found![name], name).toMatchObject({ value: null, reason: expect.stringMatching(/./) });
    }
  });
});

/** Texts like score files, cut, doubled and with odd words in them. */
const words = fc.constantFrom(
  '',
  'a',
  'b',
  'real',
  'fake',
  'bonafide',
  'spoof',
  'nan',
  '-inf',
  '1',
  '-2.5',
  '0',
  '1e400',
  '"',
  '"x',
  '-',
  '🙂',
  '\u0000',
  '[',
  '{}',
);
const separators = fc.constantFrom(',', ',', '\t', ' ', '  ');
const lines = fc.array(fc.tuple(fc.array(words, { maxLength: 6 }), separators), { maxLength: 8 });
const heads = fc.constantFrom(
  '',
  'id,label,score\n',
  'id,group,label,score,detector,clip\n',
  'filename\tcm-score\n',
  'spk filename cm-score asv-score sasv-score\n',
  '\uFEFFid,score,label\r\n',
  '{"y_pred":',
  '[',
);
const json = fc
  .record({ y_pred: fc.anything(), y_true: fc.anything(), img_names: fc.anything() }, { requiredKeys: [] })
  .map((value) => JSON.stringify(value));
const text = fc.oneof(
  {
    weight: 4,
    arbitrary: fc
      .tuple(heads, lines)
      .map(([head, body]) => head + body.map(([own, by]) => own.join(by)).join('\n')),
  },
  { weight: 1, arbitrary: json },
  { weight: 1, arbitrary: fc.anything().map((value) => JSON.stringify(value) ?? '') },
);

const isFigure = (value: unknown): value is Figure =>
  typeof value === 'object' && value !== null && 'value' in value;

test('whatever a file holds: figures that are finite or have a reason, or one error that names the file', async () => {
  await fc.assert(
    fc.asyncProperty(text, fc.option(text), async (scores, key) => {
      const paths = [file('any', scores), ...(key === null ? [] : [file('any-key', key)])];
      try {
        for (const own of await measure(paths[0]!, paths[1] ? { key: paths[1] } : {}))
          for (const figure of Object.values(own).filter(isFigure))
            expect(figure.value === null ? figure.reason : Number.isFinite(figure.value)).toBeTruthy();
      } catch (error) {
        expect(error).toBeInstanceOf(UserError);
        const told = (error as Error).message.split('\n');
        expect(told.every((line) => line.startsWith(folder) || line.startsWith('… and'))).toBe(true);
      }
    }),
    { numRuns: night ? 10_000 : 400, seed: 3 },
  );
}, 600_000);

test('two columns under a key of ASVspoof’s are higher for bona fide, as theirs of 2021 are; --higher still decides', async () => {
  const scores = file('2021.txt', 'LA_E_1 3.5\nLA_E_2 2.5\nLA_E_3 -1\nLA_E_4 -2\n');
  const lines = ['bonafide bonafide', 'bonafide bonafide', 'A07 spoof', 'A08 spoof'];
  const key = file(
    '2021-key.txt',
    lines.map((kind, i) => `LA_000${i} LA_E_${i + 1} alaw ita_tx ${kind} notrim eval\n`).join(''),
  );
  expect((await measure(scores, { key }))[0]!['auc']!.value).toBe(1);
  expect((await measure(scores, { key, higher: 'fake' }))[0]!['auc']!.value).toBe(0);
  const own = file('own-key.csv', 'id,label\nLA_E_1,real\nLA_E_2,real\nLA_E_3,fake\nLA_E_4,fake\n');
  expect((await measure(scores, { key: own }))[0]!['auc']!.value).toBe(0);
});
