/** The whole line, as a user runs it: configs/smoke.yaml from the YAML file to the leaderboard, then again from the cache. */
import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { parse } from 'yaml';
import { parseOutcomes } from '../src/records/outcomes.ts';
import { readRecord, type RunRecord } from '../src/records/record.ts';

const root = resolve(import.meta.dirname, '..');
const results = mkdtempSync(join(tmpdir(), 'masque-smoke-'));
afterAll(() => rmSync(results, { recursive: true, force: true }));

type Summary = { run: string; dir: string; cached: number; computed: number; failed: number };
async function experiment(config = 'configs/smoke.yaml', ...more: string[]): Promise<Summary> {
  const command = ['experiments/masque.mjs', 'experiment', config, '--json', '--results', results, ...more];
  const { stdout } = await promisify(execFile)(process.execPath, command, { cwd: root, maxBuffer: 1 << 26 });
  return JSON.parse(stdout.trim().split('\n').at(-1)!) as Summary;
}

let first: Summary;
let record: RunRecord;
let folder: string;
beforeAll(async () => {
  first = await experiment();
  folder = resolve(root, first.dir);
  record = await readRecord(join(folder, 'record.json'));
}, 600_000);

test('the run ends with its summary and leaves every file of the contract', () => {
  expect(first.failed).toBe(0);
  expect(first.computed).toBeGreaterThan(20);
  expect(readdirSync(folder).toSorted()).toEqual([
    'config.yaml',
    'failures.csv',
    'fakes',
    'outcomes.csv',
    'record.json',
    'report.html',
  ]);
  expect(record.id).toBe(first.run);
  expect(record.code.backend.device).toBe(record.code.backend.name === 'onnx' ? 'cpu' : 'unknown');
  for (const { label, info } of [...record.generators, ...record.detectors].filter(
    ({ name }) => name === 'puppetry' || name === 'meso-inception',
  ))
    expect([info['losses'], info['validation']], label).toEqual([expect.anything(), expect.anything()]);
});

test('the main process stayed free for signals, and left TensorFlow.js to the workers', () => {
  const { longestStretchMs, delayP999Ms, loadedTensorFlow } = record.mainThread!;
  expect(loadedTensorFlow).toBe(false);
  expect(delayP999Ms.value).toBeGreaterThan(0);
  if (process.platform === 'linux') expect(longestStretchMs.value).toBeGreaterThan(0);
  expect(longestStretchMs.value).toBeLessThan(200);
});

test('every fake is a video with sound, and carries its provenance', async () => {
  const { probe } = await import('../src/media/probe.ts');
  const { readProvenance } = await import('../src/media/provenance.ts');
  const fakes = readdirSync(join(folder, 'fakes')).filter((name) => name.endsWith('.mp4'));
  expect(fakes.length).toBeGreaterThanOrEqual(8);
  for (const name of fakes) {
    const path = join(folder, 'fakes', name);
    const media = await probe(path);
    expect(media.video).toMatchObject({ width: 256, height: 256, fps: 25, frameCount: 40 });
    expect(media.audio!.sampleCount / media.audio!.sampleRate).toBeCloseTo(1.6, 1);
    const provenance = await readProvenance(path);
    expect(provenance?.licence).toContain('synthetic');
    expect(provenance?.sources.length).toBeGreaterThan(0);
  }
});

test('two identities a split: metrics have values, intervals are null with their reason', () => {
  expect(record.results.length).toBe(2 * 5);
  for (const { metrics, counts } of record.results) {
    expect(counts.real).toBeGreaterThan(0);
    expect(counts.fake).toBeGreaterThan(0);
    expect(metrics.auc.value).toBeGreaterThanOrEqual(0);
    expect(metrics.auc).toMatchObject({
      low: null,
      high: null,
      reason: expect.stringContaining('identities'),
    });
  }
});

test('detectors learn from puppets alone, and probes from the control alone', () => {
  const puppets = record.generators.filter(({ control }) => !control).map(({ label }) => label);
  expect(puppets).toEqual(['puppetry@smoke-96']);
  for (const { detector, trainedOn } of record.results)
    expect(trainedOn).toBe(detector === 'random' ? null : puppets[0]);
  expect(record.probes.map(({ detector }) => detector.split('~')[1])).toEqual(Array(4).fill('recomposite'));
  for (const { trainedOn, generator } of record.probes)
    expect([trainedOn, generator]).toEqual(['recomposite', 'recomposite']);
});

test('the container says nothing about real and fake', () => {
  const auc = record.results
    .filter(({ detector }) => detector === 'metadata')
    .map(({ metrics }) => metrics.auc.value);
  expect(auc).toEqual([0.5, 0.5]);
});

test('outcomes hold a row per detector and item, and every test item is of a test identity', () => {
  const rows = parseOutcomes(readFileSync(join(folder, 'outcomes.csv'), 'utf8'), 'outcomes.csv');
  expect(new Set(rows.map((row) => `${row.detector} ${row.id}`)).size).toBe(rows.length);
  expect(new Set(rows.map((row) => row.split))).toEqual(new Set(['test']));
  expect(rows.every((row) => row.sources.every((source) => source.startsWith('test-')))).toBe(true);
  expect(rows.every((row) => 'score' in row)).toBe(true);
});

test('again: everything comes from the cache, and says the same to the last byte', {
  timeout: 300_000,
}, async () => {
  const outcomes = readFileSync(join(folder, 'outcomes.csv'));
  const again = await experiment();
  expect(again).toEqual({ ...first, cached: first.cached + first.computed, computed: 0 });
  expect(readFileSync(join(folder, 'outcomes.csv'))).toEqual(outcomes);
  const strip = ({ results, probes, generators }: RunRecord): string =>
    JSON.stringify({ results, probes, quality: generators.map(({ quality }) => quality) });
  expect(strip(await readRecord(join(folder, 'record.json')))).toBe(strip(record));
});

test('the leaderboard lists the run, controls first', () => {
  const lines = readFileSync(join(results, 'leaderboard.csv'), 'utf8').trim().split('\n');
  expect(lines.length).toBeGreaterThan(10);
  expect(readFileSync(join(results, 'leaderboard.md'), 'utf8')).toContain(first.run);
});

const grid = resolve(root, '../shared/data/grid');
if (!existsSync(grid) && process.env['CI'] === 'true') throw new Error(`CI must bring ${grid}`);
if (!existsSync(grid)) process.stderr.write(`skipped: real recordings; ${grid} is absent\n`);

test.skipIf(!existsSync(grid))(
  'real recordings are scored clip by clip, without any AUC',
  async () => {
    const school = JSON.stringify(
      (parse(readFileSync(join(root, 'configs/smoke.yaml'), 'utf8')) as { dataset: unknown }).dataset,
    );
    const changes = [
      `dataset.path=${grid}`,
      `training.dataset=${school}`,
      'training.generators.0.preset=smoke',
      'detectors.4.preset=smoke',
    ];
    const summary = await experiment(
      'configs/real-clips.yaml',
      ...changes.flatMap((change) => ['--set', change]),
    );
    expect(summary.failed).toBe(0);
    const found = await readRecord(resolve(root, summary.dir, 'record.json'));
    for (const { detector, counts, metrics } of found.results) {
      expect(metrics.auc.value).toBeNull();
      expect(counts.notApplicable).toBe(detector === 'background-only' ? 16 : 0);
    }
    const rows = parseOutcomes(
      readFileSync(resolve(root, summary.dir, 'outcomes.csv'), 'utf8'),
      'outcomes.csv',
    );
    for (const detector of found.detectors.filter(({ name }) => name !== 'background-only'))
      expect(rows.filter((row) => row.detector === detector.label && 'score' in row)).toHaveLength(16);
    expect(found.data).toMatchObject({ kind: 'recorded', shareable: { value: false } });
  },
  300_000,
);

test('a wrong configuration exits with 2 and writes nothing', async () => {
  const other = join(results, 'untouched');
  const command = [
    'experiments/masque.mjs',
    'experiment',
    'configs/smoke.yaml',
    '--results',
    other,
    '--set',
    'dataset.identitys=2',
  ];
  const failure = await promisify(execFile)(process.execPath, command, { cwd: root }).catch(
    (error: unknown) => error,
  );
  expect(failure).toMatchObject({ code: 2, stderr: expect.stringContaining('did you mean "identities"?') });
  expect(readdirSync(results)).not.toContain('untouched');
});
