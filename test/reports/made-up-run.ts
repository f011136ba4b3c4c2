/** A run made up for the tests: scores drawn at random, measured by the real code, so that record and outcomes fit together. */
import { measureScores, pointsByIdentity, type ScoredItem } from '../../src/metrics/detection.ts';
import type { OutcomeRow } from '../../src/records/outcomes.ts';
import {
  coverageOf,
  describeData,
  type RunRecord,
  type RunResult,
  schemaVersion,
} from '../../src/records/record.ts';
import type { Truth } from '../../src/types.ts';
import { createRng } from '../../src/random.ts';

type Separation = Record<string, Record<string, number>>;

/** How far apart real and fake scores lie, by detector and generator. */
const separations: Separation = {
  random: { 'puppetry@cpu-96': 0, recomposite: 0 },
  metadata: { 'puppetry@cpu-96': 0, recomposite: 0 },
  'background-only@cpu-64': { 'puppetry@cpu-96': 0.3, recomposite: 0.1 },
  spectrum: { 'puppetry@cpu-96': 2.4, recomposite: 0.6 },
  'meso-inception@cpu-128': { 'puppetry@cpu-96': 6, recomposite: 0.9 },
};
const controls = ['random', 'metadata', 'background-only@cpu-64'];
const trainable = ['background-only@cpu-64', 'spectrum', 'meso-inception@cpu-128'];

export type MadeUpRun = { record: RunRecord; outcomes: OutcomeRow[] };

/** A run of `identities` test people with four real clips and four fakes each. */
export function madeUpRun(id = 'puppetry-7d1f', identities = 8): MadeUpRun {
  const outcomes: OutcomeRow[] = [];
  const result = (
    detector: string,
    generator: string,
    separation: number,
    trainedOn: string | null,
  ): RunResult => {
    const real = scores(id, detector, 'none', identities, 0);
    const fake = scores(id, detector, generator, identities, separation);
    for (const row of [...real, ...fake])
      if (!outcomes.some((known) => known.id === row.id && known.detector === detector)) outcomes.push(row);
    const items = [...real, ...fake].flatMap((row): ScoredItem[] =>
      'score' in row ? [{ truth: row.label!, score: row.score, group: row.sources[0]! }] : [],
    );
    const count = (label: string) => items.filter((item) => item.truth === label).length;
    const failed = real.length + fake.length - items.length;
    const counts = { real: count('real'), fake: count('fake'), failed, notApplicable: 0 };
    const points = pointsByIdentity(items);
    const metrics = measureScores(items, { rng: createRng(1, 'bootstrap'), replicates: 400 });
    const base = {
      detector,
      generator,
      perturbation: 'none',
      level: 0,
      driving: null,
      trainedOn,
      counts,
      metrics,
      coverage: coverageOf(counts),
    };
    return { ...base, ...(points ? { points } : {}) };
  };
  const results = ['puppetry@cpu-96', 'recomposite'].flatMap((generator) =>
    Object.keys(separations).map((detector) =>
      result(
        detector,
        generator,
        separations[detector]![generator]!,
        trainable.includes(detector) ? 'puppetry@cpu-96' : null,
      ),
    ),
  );
  const probes = trainable.map((detector) =>
    result(`${detector}~recomposite`, 'recomposite', 0.8, 'recomposite'),
  );
  return { record: { ...frame(id), results, probes }, outcomes };
}

function scores(
  run: string,
  detector: string,
  generator: string,
  identities: number,
  shift: number,
): OutcomeRow[] {
  return Array.from({ length: identities * 4 }, (_, i): OutcomeRow => {
    const person = `person-${String(Math.floor(i / 4)).padStart(2, '0')}`;
    const rng = createRng(run, detector, generator, i);
    const label: Truth = generator === 'none' ? 'real' : 'fake';
    const clip = {
      id: `${person}/${generator === 'none' ? 'real' : generator}-${i % 4}`,
      sources: [person],
      split: 'test' as const,
    };
    const base = { run, detector, generator, perturbation: 'none', level: 0, label, ...clip };
    return detector === 'spectrum' && i === 5
      ? { ...base, errorCode: 'E_DECODE' }
      : { ...base, score: rng.normal(shift) };
  });
}

function frame(id: string): RunRecord {
  const losses = Array.from({ length: 60 }, (_, i): [number, number] => [
    i * 50,
    3 * Math.exp(-i / 14) + 0.3 + 0.08 * Math.sin(i * 1.7),
  ]);
  const figure = (value: number) => ({ value, low: value - 0.6, high: value + 0.7 });
  return {
    schemaVersion,
    id,
    config: {
      name: 'puppetry',
      seed: 1,
      dataset: { name: 'talking-heads', identities: { train: 6, validation: 2, test: 8 } },
      bootstrap: { replicates: 2000 },
    },
    seed: 1,
    code: {
      commit: '607ff21a',
      dirty: false,
      node: 'v20.20.2',
      backend: { name: 'onnx', reason: 'tfjs-node-gpu has no addon here' },
      ffmpeg: '5.1.9',
    },
    startedAt: '2026-11-23T05:24:01.000Z',
    seconds: 792.4,
    peakMemory: { mainBytes: 210e6, workerBytes: 1.9e9 },
    counts: { identities: 16, clips: 64, fakes: 128, scores: 638, failed: 2, notApplicable: 0 },
    data: describeData(
      'talking-heads',
      Array.from({ length: 192 }, () => ({ licence: 'synthetic' })),
    ),
    generators: [
      {
        name: 'puppetry',
        label: 'puppetry@cpu-96',
        control: false,
        trainSeconds: 231,
        info: {
          audioNet: { losses, validation: losses.filter((_, i) => i % 10 === 9), chosenStep: 1950 },
          renderer: { losses: losses.map(([step, value]): [number, number] => [step, value / 9]) },
        },
        quality: {
          'mouth PSNR, puppetry (dB)': figure(29.4),
          'mouth PSNR, mean expression (dB)': figure(24.1),
          'mouth PSNR, nearest training frame (dB)': figure(25.2),
          'lip-aperture correlation': {
            value: 0.81,
            low: null,
            high: null,
            reason: 'an interval needs at least 3 source identities, got 2',
          },
        },
      },
      { name: 'recomposite', label: 'recomposite', control: true, trainSeconds: 0, info: {}, quality: {} },
    ],
    detectors: Object.keys(separations).map((label) => ({
      name: label.split('@')[0]!,
      label,
      control: controls.includes(label),
      trainSeconds: trainable.includes(label) ? 48.2 : 0,
      info: label === 'meso-inception@cpu-128' ? { losses, validation: [[2950, 0.2]], chosenStep: 2950 } : {},
      family: controls.includes(label) ? 'control' : 'spatial',
      judges: 'video',
      constructed: null,
      quality: {},
    })),
    measures: [],
    hypotheses: [],
    results: [],
    slices: [],
    probes: [],
    notRun: [{ what: 'perturbations', reason: 'none are configured' }],
  };
}

/** The same record with one detector declared a constructed cue. */
export function withCue(record: RunRecord, label: string): RunRecord {
  const detectors = record.detectors.map((detector) =>
    detector.label === label ? { ...detector, constructed: 'we painted it' } : detector,
  );
  return { ...record, detectors };
}

/** The same record with a row for same-person and one for other-person driving of every result against the puppets. */
export function withDriving(record: RunRecord): RunRecord {
  const parts = record.results
    .filter(({ generator }) => generator === 'puppetry@cpu-96')
    .flatMap((result): RunResult[] =>
      (['other-person', 'same-person'] as const).map((driving) => ({ ...result, driving })),
    );
  return { ...record, results: [...record.results, ...parts] };
}

/** A run with what every section of a report needs: two distortions at two levels, a detector trained on less too, and validation clips. */
export function withAllSections({ record, outcomes }: MadeUpRun): MadeUpRun {
  const distorted = ['deeperforensics/GB', 'deeperforensics/JPEG'].flatMap((perturbation) =>
    [1, 2].flatMap((level) =>
      record.results.map((result): RunResult => ({ ...result, perturbation, level })),
    ),
  );
  const less = record.results
    .filter(({ detector }) => detector === 'spectrum')
    .map(
      (result): RunResult => ({ ...result, detector: 'spectrum∖puppetry@cpu-96', trainedOn: 'recomposite' }),
    );
  const validation = outcomes.map((row): OutcomeRow => ({ ...row, split: 'validation' }));
  return {
    record: { ...record, results: [...record.results, ...distorted, ...less] },
    outcomes: [...outcomes, ...validation],
  };
}

/** A run on recordings with real clips alone: no AUC, scores clip by clip. */
export function madeUpRecordings(id = 'real-clips-0a44'): MadeUpRun {
  const { record, outcomes } = madeUpRun(id);
  const noAuc = measureScores([], { rng: createRng(1) });
  const clips = [...new Set(outcomes.map((row) => row.id))]
    .filter((clip) => clip.includes('real'))
    .slice(0, 8);
  const detectors = record.detectors.map((detector) => detector.label);
  const rows = outcomes
    .filter((row) => clips.includes(row.id) && detectors.includes(row.detector))
    .map((row): OutcomeRow => {
      if (!row.detector.startsWith('background-only') || !('score' in row)) return row;
      const { score: _, ...rest } = row;
      return { ...rest, errorCode: 'E_NOT_APPLICABLE' };
    });
  const results = detectors.map((detector): RunResult => {
    const own = rows.filter((row) => row.detector === detector);
    const missing = (code: string) =>
      own.filter((row) => 'errorCode' in row && row.errorCode === code).length;
    const real = own.filter((row) => 'score' in row).length;
    const [failed, notApplicable] = [missing('E_DECODE'), missing('E_NOT_APPLICABLE')];
    const counts = { real, fake: 0, failed, notApplicable };
    const reason = 'AUC needs both classes, got 8 real and 0 fake';
    const metrics = { ...noAuc, auc: { value: null, reason } };
    return {
      detector,
      generator: 'none',
      perturbation: 'none',
      level: 0,
      driving: null,
      trainedOn: null,
      counts,
      metrics,
      coverage: coverageOf(counts),
    };
  });
  const data = describeData(
    'folder',
    Array.from({ length: 8 }, () => ({ licence: 'CC-BY-4.0' })),
  );
  return { record: { ...record, generators: [], data, results, probes: [] }, outcomes: rows };
}
