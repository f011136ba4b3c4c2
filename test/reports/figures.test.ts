import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { expect, test } from 'vitest';
import sharp from 'sharp';
import { parse } from 'yaml';
import { parseCsv } from '../../src/records/csv.ts';
import { rocFigures } from '../../src/reports/figures.ts';
import { madeUpRun, withCue } from './made-up-run.ts';

test('one figure for each generator, and the area below its points is the AUC of the record', () => {
  const { record, outcomes } = madeUpRun();
  const figures = rocFigures(record, outcomes);
  expect(figures.map(({ name }) => name)).toEqual(['roc-recomposite', 'roc-puppetry@cpu-96']);
  for (const { name, csv, svg } of figures) {
    const results = record.results.filter(({ generator }) => name === `roc-${generator}`);
    const rows = parseCsv(csv, name)
      .slice(1)
      .map(({ fields }) => fields);
    for (const { detector, metrics } of results) {
      const points = rows
        .filter(([of]) => of === detector)
        .map(([, , x, y]) => [Number(x), Number(y)] as const);
      const area = points
        .slice(1)
        .reduce((sum, [x, y], i) => sum + ((x - points[i]![0]) * (y + points[i]![1])) / 2, 0);
      expect(area).toBeCloseTo(metrics.auc.value!, 12);
      expect(svg).toContain(`${detector}, AUC ${metrics.auc.value!.toFixed(3)}`);
    }
    expect(svg.match(/<polyline/g)).toHaveLength(5);
    expect(svg).toMatch(/^<svg xmlns="http:\/\/www\.w3\.org\/2000\/svg"/);
    expect(svg).not.toMatch(/var\(|undefined/);
  }
});

test('what draws SVG without a browser draws the curves in their colours', async () => {
  const { record, outcomes } = madeUpRun();
  const { svg } = rocFigures(record, outcomes)[1]!;
  const { data } = await sharp(Buffer.from(svg)).removeAlpha().raw().toBuffer({ resolveWithObject: true });
  const seen = new Map<string, number>();
  for (let i = 0; i < data.length; i += 3) {
    const colour = data.subarray(i, i + 3).toString('hex');
    seen.set(colour, (seen.get(colour) ?? 0) + 1);
  }
  // Two detectors and the controls; a curve is at least as long as the plot is wide or high.
  for (const colour of ['1f5fa8', 'b5480f', '5b6673'])
    expect(seen.get(colour) ?? 0, colour).toBeGreaterThan(400);
});

test('constructed cues and perturbed clips are in no figure; a hostile name stays in its file and its text', () => {
  const { record, outcomes } = madeUpRun();
  const hostile = '../<script>&"/x';
  const named = (generator: string) => (generator === 'recomposite' ? hostile : generator);
  const results = record.results.map((result) => ({ ...result, generator: named(result.generator) }));
  const perturbed = results.map((result) => ({ ...result, perturbation: 'blur', level: 1 }));
  const figures = rocFigures(
    { ...withCue(record, 'spectrum'), results: [...results, ...perturbed] },
    outcomes.map((row) => ({ ...row, generator: named(row.generator) })),
  );
  expect(figures).toHaveLength(2);
  for (const { name, svg, csv } of figures) {
    expect(name).toMatch(/^roc-[\w.@~-]+$/);
    expect(svg).not.toMatch(/<script|spectrum/);
    expect(csv).not.toContain('spectrum');
  }
});

test('CITATION.cff names the package as it is', () => {
  const root = resolve(import.meta.dirname, '../..');
  const cff = parse(readFileSync(resolve(root, 'CITATION.cff'), 'utf8')) as Record<string, string>;
  const { version, license, name } = JSON.parse(
    readFileSync(resolve(root, 'package.json'), 'utf8'),
  ) as Record<string, string>;
  expect(cff).toMatchObject({ 'cff-version': '1.2.0', title: name, version, license });
});
