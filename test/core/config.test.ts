/** A wrong configuration tells all its mistakes at once, each at its line. */
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { readExperiment } from '../../src/config.ts';
import { UserError } from '../../src/errors.ts';

const component = (name: string, options: z.ZodType = z.strictObject({})) => ({ name, cite: '', options });
const catalog = {
  datasets: {
    folder: component(
      'folder',
      z.strictObject({ path: z.string().default('.'), count: z.int().min(1).default(3) }),
    ),
  },
  generators: {
    puppetry: component('puppetry', z.strictObject({ preset: z.enum(['smoke', 'cpu']).default('cpu') })),
    recomposite: component('recomposite'),
  },
  detectors: { spectrum: component('spectrum'), random: component('random') },
  perturbations: {
    h264: { ...component('h264'), series: () => [{ name: 'h264', changes: 'picture' as const, levels: [] }] },
  },
};

const folder = mkdtempSync(join(tmpdir(), 'masque-config-'));
function read(text: string, overrides: string[] = []) {
  const file = join(folder, 'experiment.yaml');
  writeFileSync(file, text);
  return readExperiment(file, overrides, catalog);
}
function mistakesOf(text: string, overrides: string[] = []): string[] {
  try {
    read(text, overrides);
  } catch (error) {
    expect(error).toBeInstanceOf(UserError);
    expect((error as UserError).exitCode).toBe(2);
    return (error as Error).message.split('\n').map((line) => line.replace(`${folder}/`, ''));
  }
  throw new Error('the configuration was accepted');
}

const good =
  'name: a\ndataset: { name: folder }\ngenerators:\n  - name: puppetry\ndetectors:\n  - name: spectrum\n';

test('defaults are filled in', () => {
  expect(read(good)).toEqual({
    name: 'a',
    crossGenerator: false,
    perturbations: [],
    seed: 1,
    dataset: { name: 'folder', options: { path: '.', count: 3 } },
    generators: [{ name: 'puppetry', options: { preset: 'cpu' } }],
    detectors: [{ name: 'spectrum', options: {} }],
    bootstrap: { replicates: 2000 },
    allowedFailures: 0,
  });
});

test('a generator may carry a hypothesis, and stand without any detector', () => {
  const text = (key: string) => `name: a
dataset: { name: folder }
generators:
  - name: puppetry
  - name: puppetry
    hypothesis: { figure: error, ${key}: higher, because: so }
`;
  const { generators, detectors } = read(text('expect'));
  expect(detectors).toEqual([]);
  expect(generators).toEqual([
    { name: 'puppetry', options: { preset: 'cpu' } },
    {
      name: 'puppetry',
      options: { preset: 'cpu' },
      hypothesis: { figure: 'error', expect: 'higher', because: 'so' },
    },
  ]);
  expect(mistakesOf(text('expects')).join('\n')).toContain(
    'experiment.yaml:6:34 generators.1.hypothesis.expects: unknown key; did you mean "expect"?',
  );
  expect(mistakesOf(good.replace('name: spectrum', 'name: spectrum\n    hypothesis: {}'))[0]).toContain(
    'detectors.0.hypothesis: unknown key',
  );
  expect(mistakesOf('name: a\ndataset: { name: folder }\n')[0]).toContain('name a detector, or a generator');
});

test('seeds are those of trainings already', () => {
  expect(mistakesOf(`${good}seeds: [1, 2]\ntrainingSeed: 3\n`)).toEqual([
    expect.stringContaining('trainingSeed: seeds names those of the trainings'),
  ]);
});

test('all mistakes come at once, each with its line, column and a suggestion', () => {
  const wrong = `name: a
sede: 3
dataset:
  name: folder
  count: none
generators:
  - name: pupetry
  - name: puppetry
    preset: cpuu
    colour: red
detectors:
  - name: spectrum
bootstrap: { replicate: 100 }
`;
  const told = mistakesOf(wrong);
  expect(told).toHaveLength(6);
  expect(told.join('\n')).toContain('experiment.yaml:2:1 sede: unknown key; did you mean "seed"?');
  expect(told.join('\n')).toContain('experiment.yaml:5:3 dataset.count: expected number, got "none"');
  expect(told.join('\n')).toContain(
    'experiment.yaml:7:5 generators.0.name: there is no generator "pupetry"; did you mean "puppetry"?',
  );
  expect(told.join('\n')).toMatch(
    /experiment.yaml:9:5 generators.1.preset: expected .*, got "cpuu"; did you mean "cpu"\?/,
  );
  expect(told.join('\n')).toContain('bootstrap.replicate: unknown key; did you mean "replicates"?');
  expect(told.join('\n')).toContain('experiment.yaml:10:5 generators.1.colour: unknown key');
});

test('one value where a list belongs is told as a list', () => {
  expect(mistakesOf(good.replace(/detectors:[^]*/, 'detectors: spectrum\n'))[0]).toMatch(
    /expected array, got "spectrum"; write a list: \["spectrum"\]$/,
  );
  expect(mistakesOf(`${good}perturbations: {}\n`)[0]).toMatch(/expected array, got {}$/);
});

test('--set replaces a value, and is blamed for its mistakes', () => {
  expect(read(good, ['seed=5', 'dataset.count=7', 'generators.0.preset=smoke']).seed).toBe(5);
  expect(read(good, ['dataset.count=7']).dataset.options).toEqual({ path: '.', count: 7 });
  expect(mistakesOf(good, ['dataset.count=many'])[0]).toMatch(/^--set dataset.count=many: dataset.count: /);
  expect(mistakesOf(good, ['seed'])[0]).toContain('expected key=value');
});

test.each([
  ['duplicate keys', 'name: a\nname: b\n', 'experiment.yaml:2:1 (YAML): '],
  ['bad indentation', 'name: a\n dataset: b\n', 'experiment.yaml:1:7 (YAML): '],
  ['unknown tags', 'name: !thing a\n', 'experiment.yaml:1:7 (YAML): '],
  ['prototype keys', `${good}__proto__: { polluted: true }\n`, '__proto__'],
  ['an empty file', '', '(file)'],
  ['a list', '- 1\n', '(file)'],
  [
    'billion laughs',
    `a: &a [x,x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b,*b,*b,*b]\nd: [*c,*c,*c,*c,*c,*c,*c,*c,*c]\n`,
    '',
  ],
  [
    'a seed that is no number',
    good.replace('name: a', 'name: a\nseed: .nan'),
    'experiment.yaml:2:1 seed: expected ',
  ],
])('%s are refused', (_, text, told) => {
  expect(mistakesOf(text).join('\n')).toContain(told);
});

test('a component named by a bare word is told how to write it', () => {
  expect(mistakesOf('name: a\ndataset: folder\ndetectors:\n  - spectrum\n').join('\n')).toMatch(
    /:2:1 dataset: write it as \{ name: folder \}[^]*:4:5 detectors.0: write it as \{ name: spectrum \}/,
  );
});

test('--set beyond the end of a list, or below a value, is a mistake and no crash', () => {
  expect(mistakesOf(good, ['generators.9.name=puppetry']).length).toBeGreaterThan(0);
  expect(mistakesOf(good, ['seed.a.b=1'])[0]).toContain('--set seed.a.b=1');
});

test('long values are cut, and a file that is no text is refused', () => {
  const told = mistakesOf(good.replace('name: a', `name: ${'x'.repeat(500)}`))[0]!;
  expect(told.length).toBeLessThan(250);
  writeFileSync(join(folder, 'binary.yaml'), Buffer.from([0x89, 0x50, 0, 1, 2, 3]));
  expect(() => readExperiment(join(folder, 'binary.yaml'), [], catalog)).toThrow(
    'binary.yaml:1:1 (file): expected a text file',
  );
});

test('a missing or huge file is named', () => {
  expect(() => readExperiment(join(folder, 'nowhere.yaml'), [], catalog)).toThrow(
    'nowhere.yaml: cannot be read (ENOENT)',
  );
  writeFileSync(join(folder, 'huge.yaml'), `# ${'x'.repeat(1 << 20)}`);
  expect(() => readExperiment(join(folder, 'huge.yaml'), [], catalog)).toThrow(
    'huge.yaml:1:1 (file): expected at most 1 MiB, got 1048578 bytes',
  );
});

test('two perturbations under one name are refused, with the line of the second', () => {
  const text = `${good}perturbations:\n  - name: h264\n  - name: h264\n`;
  expect(mistakesOf(text)).toEqual([
    expect.stringMatching(/:\d+:5 perturbations\.1: "h264" would stand twice/),
  ]);
});
