import { describe, expect, test } from 'vitest';
import { buildReport } from '../../src/reports/report.ts';
import type { RunRecord } from '../../src/records/record.ts';
import { madeUpRun } from './made-up-run.ts';

const share = (value: number) => ({ value });
/** Results of levels 1 and 2 of two distortions, with AUCs as given, of every detector against puppets. */
function perturbed(record: RunRecord, aucs: Record<string, number[][]>): RunRecord {
  const more = record.results.flatMap((result) => {
    const own = result.generator === 'puppetry@cpu-96' ? aucs[result.detector] : undefined;
    return (own ?? []).flatMap((levels, k) =>
      levels.map((value, i) => ({
        ...result,
        perturbation: `deeperforensics/${['GB', 'JPEG'][k]}`,
        level: i + 1,
        metrics: { ...result.metrics, auc: { value, low: value - 0.1, high: value + 0.05 } },
        atThreshold: {
          threshold: 0.3,
          chosenOn: 'validation',
          fpr: share(0.2 * (i + 1)),
          tpr: share(0.9 - 0.2 * i),
          balancedAccuracy: share(0.5),
          accuracy: share(0.5),
        },
      })),
    );
  });
  return { ...record, results: [...record.results, ...more] };
}

const { record, outcomes } = madeUpRun();
const clean = (detector: string): number =>
  record.results.find((row) => row.detector === detector && row.generator === 'puppetry@cpu-96')!.metrics.auc
    .value!;
const aucs = {
  random: [
    [0.5, 0.5],
    [0.5, 0.5],
  ],
  spectrum: [
    [0.9, 0.8],
    [0.75, 0.55],
  ],
  'meso-inception@cpu-128': [
    [0.7, 0.6],
    [0.65, 0.61],
  ],
};
const report = buildReport(perturbed(record, aucs), outcomes, { strips: [] });
const section = report.slice(
  report.indexOf('<section id="robustness"'),
  report.indexOf('<section id="curves"'),
);
const cellsOf = (detector: string): string[] => {
  const row = section.match(new RegExp(`<th scope="row">${detector}</th>(.*?)</tr>`, 's'))![1]!;
  return [...row.matchAll(/<td[^>]*>(.*?)<\/td>/gs)].map(([, text]) => text!.replaceAll(/<[^>]*>/g, ''));
};

describe('the section of perturbations', () => {
  test('has the mean over levels of each distortion, their mean, what was lost and the worst level', () => {
    const drop = (100 * (clean('spectrum') - 0.75)) / (clean('spectrum') - 0.5);
    expect(cellsOf('spectrum')).toEqual([
      clean('spectrum').toFixed(3),
      '0.850',
      '0.650',
      '0.750',
      `${Number(drop.toFixed(1))} %`,
      '0.550 JPEG 2',
    ]);
    expect(cellsOf('random')[4]).toBe('–');
  });

  test('says whether the order of the ranked detectors stayed: here the better one on clean clips is the worse', () => {
    expect(clean('meso-inception@cpu-128')).toBeGreaterThan(clean('spectrum'));
    expect(section).toContain('τ -1.00 between 2 detectors’ order clean and perturbed');
  });

  test('shows what became of the clean threshold', () => {
    expect(section).toContain('(chosen on validation)');
    expect(section).toContain('<td class="number">0.80 / 0.30</td>');
  });

  test('draws a line for each detector over clean and the levels, the lower the AUC the lower the point', () => {
    expect([...section.matchAll(/aria-label="AUC against/g)]).toHaveLength(2);
    const chart = section.slice(section.indexOf('over the levels of deeperforensics/JPEG'));
    const lines = [...chart.matchAll(/<polyline[^>]*points="([^"]+)"/g)].slice(0, 3);
    const heights = lines.map(([, points]) => points!.split(' ').map((point) => Number(point.split(',')[1])));
    expect(heights.map((line) => line.length)).toEqual([3, 3, 3]);
    const spectrum = heights[1]!;
    expect((spectrum[2]! - spectrum[1]!) / (spectrum[1]! - spectrum[0]!)).toBeCloseTo(
      0.2 / (clean('spectrum') - 0.75),
      1,
    );
  });
});

test('perturbed results and scores, and those of validation clips, change no other section', () => {
  const more = outcomes.flatMap((row) => [
    row,
    {
      ...row,
      perturbation: 'deeperforensics/GB',
      level: 1,
      ...('score' in row ? { score: row.score * 9 } : {}),
    },
  ]);
  const full = buildReport(perturbed(record, aucs), more, { strips: [] });
  const plain = buildReport(record, outcomes, { strips: [] });
  expect(
    full
      .replace(/<section id="robustness".*?<\/section>\n/s, '')
      .replace('<a href="#robustness">Robustness</a> ', ''),
  ).toBe(plain);
});
