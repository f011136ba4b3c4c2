import { describe, expect, test } from 'vitest';
import { measureScores, notMeasured } from '../../src/metrics/detection.ts';
import { createRng } from '../../src/random.ts';
import { escape, html, toText } from '../../src/reports/html.ts';
import { probit } from '../../src/metrics/distributions.ts';
import { buildReport, type ReportAssets } from '../../src/reports/report.ts';
import { madeUpRun, withDriving } from './made-up-run.ts';

const strips = [
  {
    generator: 'puppetry@cpu-96',
    id: 'person-00/puppetry@cpu-96-0',
    target: 'person-00/real-0',
    driver: 'person-01/real-3',
    driving: 'other-person' as const,
    of: 32,
    video: 'data:video/mp4;base64,AAAA',
    poster: 'data:image/jpeg;base64,AAAA',
  },
];
const sheets = [{ generator: 'puppetry@cpu-96', title: 'lips', image: 'data:image/png;base64,iVBORw0KGgo=' }];
const count = (text: string, pattern: RegExp): number => [...text.matchAll(pattern)].length;

describe('a run with both classes', () => {
  const { record, outcomes } = madeUpRun();
  const report = buildReport(record, outcomes, { strips, sheets });

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
        .slice(report.indexOf('id="results"'), report.indexOf('id="limits"'))
        .matchAll(/<th role="rowheader" scope="row(?:group)?"[^>]*>([^<\s]+)/g),
    ];
    const block = ['random', 'metadata', 'background-only@cpu-64', 'spectrum', 'meso-inception@cpu-128'];
    expect(order.map((match) => match[1])).toEqual(['recomposite', ...block, 'puppetry@cpu-96', ...block]);
  });

  test('draws one ROC and one DET curve a result, one histogram a result, the points of each identity and the pictures', () => {
    expect(count(report, /aria-label="ROC curves against/g)).toBe(2);
    expect(count(report, /aria-label="DET curves against/g)).toBe(2);
    expect(count(report, /aria-label="Scores of [^"]*32 real clips and 32 fakes/g)).toBe(8);
    expect(count(report, /<title>person-0\d<\/title>/g)).toBe(10 * 8);
    expect(count(report, /class="ring"/g)).toBe(2 * (5 * 32 - 1));
    expect(count(report, /<video /g)).toBe(1);
    expect(count(report, /<img /g)).toBe(1);
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
    expect(report).toContain('Every network was trained once, with seed 1.');
    expect(report).toContain('meso-inception@cpu-128 separates puppetry@cpu-96 without a mistake');
    expect(report).toContain('<b>perturbations</b>: none are configured');
    expect(report).not.toContain('The control random misses');
  });

  test('a control that tells real from fake is called out', () => {
    const leaky = structuredClone(record);
    leaky.results[0]!.metrics.auc = { value: 0.9, low: 0.8, high: 0.95 };
    expect(buildReport(leaky, outcomes, { strips })).toContain(
      'The control random misses 0.5 with its interval against puppetry@cpu-96',
    );
  });

  test('equal input, equal bytes', () => {
    expect(buildReport(record, outcomes, { strips, sheets })).toBe(report);
  });
});

test('scores that must not be summed up are listed for real clips and fakes alike', () => {
  const { record, outcomes } = madeUpRun();
  const metrics = notMeasured('the detectors learned on rendered people');
  const results = record.results
    .filter((result) => result.generator === 'recomposite')
    .map((result) => ({ ...result, metrics }));
  const report = buildReport({ ...record, results, probes: [] }, outcomes, { strips: [] });
  expect(report).toContain('No AUC: the detectors learned on rendered people.');
  expect(
    count(
      report,
      /<th role="rowheader" scope="row">person-0\d\/real-\d<\/th>\s*<td role="cell" data-label="made by">real/g,
    ),
  ).toBe(32);
  expect(
    count(
      report,
      /<th role="rowheader" scope="row">person-0\d\/recomposite-\d<\/th>\s*<td role="cell" data-label="made by">recomposite/g,
    ),
  ).toBe(32);
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
  hostile.code.sandbox = { used: [bad], missing: [bad] };
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

test('what is no picture and no video is refused', () => {
  const { record, outcomes } = madeUpRun();
  const bad = ['https://x.org/a', 'data:text/html;base64,AAAA', 'data:image/jpeg;base64,AA"onload="'];
  for (const uri of bad) {
    const built = (assets: ReportAssets) => () => buildReport(record, outcomes, assets);
    expect(built({ strips: [{ ...strips[0]!, video: uri }] })).toThrow('is no MP4 data URI');
    expect(built({ strips: [{ ...strips[0]!, poster: uri }] })).toThrow('is no JPEG data URI');
    expect(built({ strips, sheets: [{ ...sheets[0]!, image: uri }] })).toThrow('is no PNG or JPEG data URI');
  }
});

test('each fake says where it comes from and how detectors judged it against the real clips', () => {
  const { record, outcomes } = madeUpRun();
  const report = buildReport(record, outcomes, { strips });
  expect(report).toContain('<b>person-00/real-0</b>, driven by <b>person-01/real-3</b> (another person)');
  expect(report).toContain('1 of 32 fakes');
  const scores = outcomes.flatMap((row) =>
    row.detector === 'meso-inception@cpu-128' && row.label === 'real' && 'score' in row ? [row.score] : [],
  );
  const own = outcomes.find(
    ({ id, detector }) => id === strips[0]!.id && detector === 'meso-inception@cpu-128',
  );
  const below = scores.filter((score) => score < (own as { score: number }).score).length;
  expect(report).toContain(`meso-inception@cpu-128: above ${below} of 32 real clips`);
  expect(report).not.toMatch(/(random|metadata): above/);
});

test('faces that may not be passed on are called so where they are shown', () => {
  const { record, outcomes } = madeUpRun();
  const kept = 'Keep this file in its run folder.';
  expect(buildReport(record, outcomes, { strips })).not.toContain(kept);
  record.data.shareable = { value: false, reason: '3 of 64 clips have no consent' };
  const report = buildReport(record, outcomes, { strips });
  expect(report.slice(report.indexOf('id="fakes"'))).toContain(kept);
});

test('same-person and other-person driving stand below the row of all fakes, and not in the curves', () => {
  const { record, outcomes } = madeUpRun();
  const split = withDriving(record);
  const report = buildReport(split, outcomes, { strips });
  const table = report.slice(
    report.indexOf('<tbody', report.indexOf('recomposite <')),
    report.indexOf('id="limits"'),
  );
  const names = [
    ...table.matchAll(/<th role="rowheader" scope="row">(?:<span class="part">)?([^<\n]+?)\s*</g),
  ];
  const parts = ['driven by the same person', 'driven by another person'];
  expect(names.slice(-15).map((match) => match[1])).toEqual(
    ['random', 'metadata', 'background-only@cpu-64', 'spectrum', 'meso-inception@cpu-128'].flatMap((name) => [
      name,
      ...parts,
    ]),
  );
  const plain = buildReport(record, outcomes, { strips });
  expect(count(report, /class="curve"/g)).toBe(count(plain, /class="curve"/g));
  expect(count(report, /class="ring"/g)).toBe(count(plain, /class="ring"/g));
  expect(count(report, /separates puppetry@cpu-96 without a mistake/g)).toBe(1);
});

describe('training curves', () => {
  const { record, outcomes } = madeUpRun();
  const report = buildReport(record, outcomes, { strips });

  test('are found however deep they lie, training and validation in one chart, the chosen step marked', () => {
    const labels = [...report.matchAll(/aria-label="([^"]*: training from[^"]*)"/g)].map((match) => match[1]);
    expect(labels).toEqual([
      'puppetry@cpu-96, audioNet: training from 3.3 to 0.326 in 2950 steps; validation from 1.909 to 0.326 in 2950 steps',
      'puppetry@cpu-96, renderer: training from 0.3667 to 0.03623 in 2950 steps',
      'meso-inception@cpu-128: training from 3.3 to 0.326 in 2950 steps; validation from 0.2 to 0.2 in 2950 steps',
    ]);
    const chart = report.slice(report.indexOf('puppetry@cpu-96, audioNet: training'));
    const [line, end] = [/class="chance" x1="([\d.]+)"/, /x2="([\d.]+)" y1="124"/].map((pattern) =>
      Number(pattern.exec(chart)![1]),
    );
    expect(line).toBeCloseTo(62 + (1950 / 2950) * (end! - 62), 0);
  });

  test('long ones are drawn as means that keep their course', () => {
    const long = structuredClone(record);
    const losses = Array.from({ length: 1600 }, (_, i) => [i + 1, i % 2 === 0 ? 1 : 3]);
    long.generators[0]!.info = { losses };
    const drawn = buildReport(long, outcomes, { strips });
    const points = /aria-label="puppetry@cpu-96: training[\s\S]*?points="([^"]+)"/
      .exec(drawn)![1]!
      .split(' ');
    expect(points).toHaveLength(160);
    expect(new Set(points.map((point) => point.split(',')[1])).size).toBe(1);
  });

  test('what is no curve is not drawn', () => {
    const odd = structuredClone(record);
    odd.generators[0]!.info = {
      losses: [],
      validation: 'none',
      deep: { losses: [[1, null]], rows: [[1, 2]] },
    };
    expect(buildReport(odd, outcomes, { strips })).not.toContain('puppetry@cpu-96: training');
  });
});

describe('ROC and DET', () => {
  test('curves that lie on one another say so, however many points they have', () => {
    const { record, outcomes } = madeUpRun();
    const level = outcomes.map((row) =>
      row.detector === 'random' || row.detector === 'metadata' ? { ...row, score: 0 } : row,
    );
    const report = buildReport(record, level, { strips });
    expect(count(report, /<small>same curve as random<\/small>/g)).toBe(2);
    expect(count(buildReport(record, outcomes, { strips }), /same curve as/g)).toBe(0);
  });

  test('the ring of the EER lies on the diagonal and on the curve', () => {
    const { record, outcomes } = madeUpRun();
    const report = buildReport(record, outcomes, { strips });
    const det = report.slice(report.indexOf('aria-label="DET curves against puppetry'));
    const lines = [...det.matchAll(/<polyline[^>]*points="([^"]+)"/g)].slice(0, 5);
    const rings = [...det.matchAll(/class="point" cx="([\d.]+)" cy="([\d.]+)"/g)].slice(0, 5);
    rings.forEach((ring, i) => {
      const [x, y] = [Number(ring[1]), Number(ring[2])];
      expect((x - 62) / 250).toBeCloseTo((276 - y) / 264, 2);
      const near = lines[i]![1]!.split(' ').map((place) => {
        const [a, b] = place.split(',').map(Number);
        return Math.hypot(a! - x, b! - y);
      });
      expect(Math.min(...near)).toBeLessThan(6);
    });
  });

  test.each([
    [0.5, 0],
    [0.975, 1.959963984540054],
    [0.01, -2.3263478740408408],
    [0.001, -3.090232306167813],
  ])('the normal deviate of %d is %d', (p, z) => {
    expect(probit(p)).toBeCloseTo(z, 7);
  });
});

test('figures that detectors have of themselves stand in a section of their own', () => {
  const { record, outcomes } = madeUpRun();
  expect(buildReport(record, outcomes, { strips })).not.toContain('id="detectors"');
  record.detectors[4]!.quality = { 'offset found within one frame': { value: 0.91, low: 0.87, high: 0.95 } };
  const report = buildReport(record, outcomes, { strips });
  expect(report.slice(report.indexOf('id="detectors"'))).toMatch(
    /offset found within one frame<\/th><td class="number">0.91<\/td><td class="number">0.87 – 0.95/,
  );
});

test('what figures mean stands below them, for those that are there', () => {
  const { record, outcomes } = madeUpRun();
  expect(buildReport(record, outcomes, { strips })).not.toContain('What the figures mean');
  record.generators[0]!.quality = { 'syncOwnShare/all': { value: 0.4 } };
  record.generators[1]!.quality = { 'syncOwnShare/all': { value: 0.9 } };
  const report = buildReport(record, outcomes, { strips });
  expect(count(report, /<dt>syncOwnShare<\/dt><dd>\(C_fake − C_shuffled\)/g)).toBe(1);
  expect(report).not.toContain('<dt>lipClosure</dt>');
});

test('clips are counted by what they are there for, and jobs from the cache beside the time', () => {
  const { record, outcomes } = madeUpRun();
  expect(buildReport(record, outcomes, { strips })).toContain('<dt>Clips</dt><dd>64</dd>');
  record.counts.clipsBy = { genuine: 40, brought: 6, heard: 18, measuring: 0 };
  record.counts.jobs = { cached: 30, computed: 70 };
  const report = buildReport(record, outcomes, { strips });
  expect(report).toContain(
    '64 clips of 16 rendered people from talking-heads: 40 genuine clips, 6 fakes of the data set, 18 voices only heard.',
  );
  expect(report).toContain('<dt>Genuine clips</dt><dd>40</dd>');
  expect(report).not.toContain('learn measuring');
  expect(count(report, /<dt>Time<\/dt><dd>13 min 12 s, 30 of 100 jobs from the cache<\/dd>/g)).toBe(2);
});

test('of fakes that the data set brings, a detector of pairing finds the content, and no trace is claimed', () => {
  const { record, outcomes } = madeUpRun();
  record.detectors.push({ ...record.detectors[4]!, label: 'av-sync@cpu', judges: 'pairing' });
  const perfect = record.results.find(({ metrics }) => metrics.auc.value === 1)!;
  record.results.push({
    ...perfect,
    detector: 'av-sync@cpu',
    generator: 'dubbed',
    trainedOn: 'genuine clips',
  });
  const report = buildReport(record, outcomes, { strips });
  expect(report).toContain('av-sync@cpu separates dubbed without a mistake.</li>');
  expect(report).toContain('av-sync@cpu judges whether lips and sound belong together, and the fakes dubbed');
  expect(report).toContain(
    'meso-inception@cpu-128 separates puppetry@cpu-96 without a mistake. That points to a trace',
  );
  expect(report).toContain('<small class="lessons">trained on genuine clips alone</small>');
});

test('presets of the published sizes and other variants are not called scaled to this machine', () => {
  const { record, outcomes } = madeUpRun();
  for (const component of [...record.generators, ...record.detectors])
    component.label = component.label.replace('@cpu-', '@paper-');
  record.detectors[0]!.label = 'spectrum@256';
  record.generators[1]!.label = 'puppetry@gpu-512';
  record.generators[0]!.label = 'puppetry@cpu-96';
  expect(buildReport(record, outcomes, { strips })).toContain('scaled to this machine (puppetry@cpu-96)');
});

test('how the intervals came about is said from the figures of the record', () => {
  const { record, outcomes } = madeUpRun();
  expect(buildReport(record, outcomes, { strips })).toContain(
    'their standard error from 70 halves of the 8 test identities (delete-half jackknife)',
  );
});

test('html escapes text and keeps markup; a look-alike from JSON does not pass', () => {
  expect(toText(html`<b title="${'"<'}">${['a', html`<i>${1}</i>`]}${undefined}</b>`)).toBe(
    '<b title="&quot;&lt;">a<i>1</i></b>',
  );
  expect(escape('a\u0001\tb')).toBe('a\uFFFD\tb');
});
