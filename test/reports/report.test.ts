import { describe, expect, test } from 'vitest';
import { measureScores, notMeasured } from '../../src/metrics/detection.ts';
import { createRng } from '../../src/random.ts';
import { escape, html, toText } from '../../src/reports/html.ts';
import { buildReport } from '../../src/reports/report.ts';
import { madeUpRecordings, madeUpRun } from './made-up-run.ts';

const image = 'data:image/png;base64,iVBORw0KGgo=';
const strips = [{ generator: 'puppetry@cpu-96', id: 'person-00/says-1', image }];
const count = (text: string, pattern: RegExp): number => [...text.matchAll(pattern)].length;

describe('a run with both classes', () => {
  const { record, outcomes } = madeUpRun();
  const report = buildReport(record, outcomes, { strips, sheets: [{ ...strips[0]!, id: 'lips' }] });

  test('says what was run, with its figures from the record', () => {
    expect(report).toContain('64 clips of 16 rendered people from talking-heads.');
    expect(report).toContain('5 detectors and 3 probes gave 638 scores; 2 failed.');
    for (const { metrics } of [...record.results, ...record.probes])
      expect(report).toContain(metrics.auc.value!.toFixed(3));
    expect(report).toContain('(interpolated-roc)');
    expect(report).toContain('96.9 %<small>2 failed</small>');
    expect(report).toContain('1.8 GiB (main: 200 MiB)');
  });

  test('controls stand first', () => {
    const order = [
      ...report
        .slice(report.indexOf('id="results"'), report.indexOf('id="probes"'))
        .matchAll(/<th scope="row(?:group)?"[^>]*>([^<\s]+)/g),
    ];
    const block = ['random', 'metadata', 'background-only@cpu-64', 'spectrum', 'meso-inception@cpu-128'];
    expect(order.map((match) => match[1])).toEqual(['recomposite', ...block, 'puppetry@cpu-96', ...block]);
  });

  test('draws one ROC curve a result, one histogram a result, the points of each identity, the losses and the pictures', () => {
    expect(count(report, /aria-label="ROC curves against/g)).toBe(2);
    expect(count(report, /aria-label="Scores of [^"]*32 real clips and 32 fakes/g)).toBe(8);
    expect(count(report, /<title>person-0\d<\/title>/g)).toBe(10 * 8);
    expect(count(report, /class="ring"/g)).toBe(2 * (5 * 32 - 1));
    expect(count(report, /: from [\d.]+ to [\d.]+ in 2950 steps"/g)).toBe(3);
    expect(count(report, /<img /g)).toBe(2);
  });

  test('is one file: no script, no network, alternative texts, table headers', () => {
    expect(report).not.toMatch(/<script|<link|@import|url\(|src="(?!data:)|href="(?!#)/);
    expect(count(report, /<img (?![^>]*alt="[^"]+")/g)).toBe(0);
    expect(count(report, /<svg (?![^>]*(aria-label="[^"]+"|aria-hidden="true"))/g)).toBe(0);
    expect(count(report, /<th(?=[ >])(?![^>]*scope=)/g)).toBe(0);
    expect(report).toContain('prefers-color-scheme:dark');
  });

  test('is well formed: every element is closed in its order', () => {
    const open: string[] = [];
    for (const [, end, name, rest] of report
      .replace(/<!doctype html>|<style>[\s\S]*?<\/style>/g, '')
      .matchAll(/<(\/?)([a-z1-6]+)((?:"[^"]*"|[^">])*)>/g)) {
      if (end) expect(open.pop()).toBe(name);
      else if (!rest!.endsWith('/') && !['meta', 'img', 'br'].includes(name!)) open.push(name!);
    }
    expect(open).toEqual([]);
  });

  test('says what may not be concluded', () => {
    expect(report).toContain('Every person here is rendered');
    expect(report).toContain('rest on 8 test identities');
    expect(report).toContain('meso-inception@cpu-128 separates puppetry@cpu-96 without a mistake');
    expect(report).toContain('perturbations: none are configured');
    expect(report).not.toContain('The control random tells');
  });

  test('a control that tells real from fake is called out', () => {
    const leaky = structuredClone(record);
    leaky.results[0]!.metrics.auc = { value: 0.9, low: 0.8, high: 0.95 };
    expect(buildReport(leaky, outcomes, { strips })).toContain(
      'The control random tells real clips from puppetry@cpu-96',
    );
  });

  test('equal input, equal bytes', () => {
    expect(buildReport(record, outcomes, { strips, sheets: [{ ...strips[0]!, id: 'lips' }] })).toBe(report);
  });
});

test('without both classes: scores clip by clip, no AUC, the reason said', () => {
  const { record, outcomes } = madeUpRecordings();
  const report = buildReport(record, outcomes, { strips: [] });
  expect(report).toContain('No AUC: AUC needs both classes, got 8 real and 0 fake');
  expect(count(report, /<th scope="row">person-0\d\/real-\d<\/th>/g)).toBe(8);
  expect(count(report, />E_NOT_APPLICABLE</g)).toBe(8);
  expect(report).not.toContain('id="curves"');
  expect(report).not.toContain('id="results"');
  expect(report).toContain('8 of 8 clips have no recorded consent');
});

test('scores that must not be summed up are listed for real clips and fakes alike', () => {
  const { record, outcomes } = madeUpRun();
  const metrics = notMeasured('the detectors learned on rendered people');
  const results = record.results
    .filter((result) => result.generator === 'recomposite')
    .map((result) => ({ ...result, metrics }));
  const report = buildReport({ ...record, results, probes: [] }, outcomes, { strips: [] });
  expect(report).toContain('No AUC: the detectors learned on rendered people.');
  expect(count(report, /<th scope="row">person-0\d\/real-\d<\/th>\s*<td>real/g)).toBe(32);
  expect(count(report, /<th scope="row">person-0\d\/recomposite-\d<\/th>\s*<td>recomposite/g)).toBe(32);
});

test('two identities: the interval is missing and its reason stands below the table', () => {
  const { record, outcomes } = madeUpRun('tiny', 2);
  const report = buildReport(record, outcomes, { strips: [] });
  expect(report).toContain('an interval needs at least 3 source identities, got 2');
  expect(report).toContain('rest on 2 test identities: too few');
});

test('hostile names, codes, configurations and reasons stay text', () => {
  const bad = `"><script>alert('x')</script><svg onload=a>&\u0000`;
  const { record, outcomes } = madeUpRun(bad);
  const hostile = JSON.parse(
    JSON.stringify(record).replaceAll('person-0', JSON.stringify(bad).slice(1, -1)),
  ) as typeof record;
  hostile.config = { [bad]: bad, markup: { toText: bad } };
  hostile.notRun = [{ what: bad, reason: bad }];
  hostile.code.backend = { name: bad, reason: bad };
  hostile.data.licences = { [bad]: 1 };
  hostile.generators[0]!.quality = { [bad]: { value: null, reason: bad } };
  hostile.detectors[4]!.info = {
    losses: {
      [bad]: [
        [0, 1],
        [1, 2],
      ],
    },
  };
  hostile.results[0] = {
    ...hostile.results[0]!,
    detector: bad,
    generator: bad,
    metrics: measureScores([], { rng: createRng(1) }),
  };
  const rows = outcomes.map((row) => ({
    ...row,
    id: bad,
    ...(row.detector === 'random' ? { detector: bad, generator: bad } : {}),
  }));
  const report = buildReport(hostile, rows, { strips: [{ ...strips[0]!, id: bad, generator: bad }] });
  expect(report).not.toContain('<script');
  expect(report).not.toContain('<svg onload');
  expect(report).not.toContain('\u0000');
  expect(report).toContain('&lt;script&gt;');
});

test('scores at the ends of the number range are drawn', () => {
  const { record, outcomes } = madeUpRun();
  const wide = outcomes.map((row) =>
    'score' in row ? { ...row, score: row.score > 0 ? 1.7e308 : -1.7e308 } : row,
  );
  for (const row of record.results) delete row.points;
  expect(buildReport(record, wide, { strips })).not.toMatch(/"[^"]*(NaN|Infinity)/);
});

test('a picture that is no picture is refused', () => {
  const { record, outcomes } = madeUpRun();
  for (const image of [
    'https://x.org/a.png',
    'data:text/html;base64,AAAA',
    'data:image/png;base64,AA"onload="',
  ])
    expect(() => buildReport(record, outcomes, { strips: [{ generator: 'g', id: 'i', image }] })).toThrow(
      'picture "i" is no PNG or JPEG',
    );
});

test('html escapes text and keeps markup; a look-alike from JSON does not pass', () => {
  expect(toText(html`<b title="${'"<'}">${['a', html`<i>${1}</i>`]}${undefined}</b>`)).toBe(
    '<b title="&quot;&lt;">a<i>1</i></b>',
  );
  expect(escape('a\u0001\tb')).toBe('a\uFFFD\tb');
});
