/** What every entry of the catalogue keeps, and that every configuration in configs/ is a valid one. */
import { existsSync, mkdtempSync, readdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { stringify } from 'yaml';
import { catalog, describeCatalog } from '../../experiments/catalog.ts';
import { asWritten, readExperiment } from '../../src/config.ts';

const root = resolve(import.meta.dirname, '../..');
/** Perturbations belong to the library; what is published and mended shares a file. */
const placeOf = (folder: string, key: string): string =>
  folder === 'perturbations'
    ? join(root, 'src', folder, key.replace(/-fixed$/, ''))
    : join(root, folder, key);
const entries = Object.entries(catalog).flatMap(([folder, table]) =>
  Object.entries(table).map(([key, component]) => ({ folder, key, component })),
);

describe.each(entries)('$folder/$key', ({ folder, key, component }) => {
  test('name, key and file are one', () => {
    expect(component.name).toBe(key);
    const place = placeOf(folder, key);
    expect(existsSync(`${place}.ts`) || existsSync(join(place, 'index.ts'))).toBe(true);
  });

  test('names its source', () => {
    expect(component.cite.length).toBeGreaterThan(10);
  });

  test('every option has a default, and an unknown one is refused', () => {
    expect(component.options.safeParse({}).success).toBe(true);
    expect(component.options.safeParse({ noSuchOption: 1 }).success).toBe(false);
  });
});

test('the folders hold no component that the catalogue does not know', () => {
  const { perturbations: _, ...folders } = catalog; // theirs holds what several of them use too
  for (const [folder, table] of Object.entries(folders)) {
    const files = readdirSync(join(root, folder)).filter(
      (name) => !name.endsWith('.job.ts') && name !== 'index.ts',
    );
    expect(files.map((name) => name.replace(/\.ts$/, '')).toSorted()).toEqual(Object.keys(table).toSorted());
  }
});

test('catalog --json has the shape of the contract', () => {
  const shown = describeCatalog();
  expect(Object.keys(shown)).toEqual(['datasets', 'generators', 'detectors', 'perturbations', 'metrics']);
  const cues = ['noise-pattern', 'pulse', 'blink', 'provenance'];
  for (const entry of shown.detectors) {
    const more = cues.includes(entry.name) ? ['constructed'] : [];
    expect(Object.keys(entry)).toEqual(['name', 'cite', 'options', 'family', 'judges', 'needs', ...more]);
  }
});

/** A policy of screening is none, and has tests of its own. */
const isExperiment = (name: string): boolean => name.endsWith('.yaml') && !name.endsWith('-policy.yaml');
test.each(readdirSync(join(root, 'configs')).filter(isExperiment))(
  'configs/%s is valid, and what a run leaves of it too',
  (file) => {
    const experiment = readExperiment(join(root, 'configs', file), [], catalog);
    expect(experiment.name).toBe(file.replace('.yaml', ''));
    const left = join(mkdtempSync(join(tmpdir(), 'masque-catalog-')), file);
    writeFileSync(left, stringify(asWritten(experiment)));
    expect(readExperiment(left, [], catalog)).toEqual(experiment);
  },
);
