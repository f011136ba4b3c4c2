/**
 * A YAML file → a checked experiment, every default filled in. All mistakes are found at once and told as
 * `file:line:column key: reason`, with "did you mean" where a name is close to a known one. YAML here holds values only.
 */
import { LineCounter, parseDocument, type Document } from 'yaml';
import { z } from 'zod';
import { didYouMean, UserError } from './errors.ts';
import type { Hypothesis } from './pipeline/hypotheses.ts';
import type { Component, Perturbation } from './types.ts';
import {
  collect,
  forbidden,
  type Mistake,
  parseYaml,
  type Path,
  placeOf,
  refuseMistakes,
  toValue,
} from './yaml.ts';

/** A chosen component with its options, defaults filled in. */
export type Choice = { name: string; options: unknown };
/** A generator may carry what is expected of it beside the first one of its name. */
export type GeneratorChoice = Choice & { hypothesis?: Hypothesis };
export type Experiment = {
  name: string;
  seed: number;
  /** Generators and detectors learn once with each; the people and the measures stay those of `seed`. Each is a run of its own. */
  seeds?: number[];
  /** What generators and detectors learn with, where it is not `seed`. */
  trainingSeed?: number;
  dataset: Choice;
  generators: GeneratorChoice[];
  detectors: Choice[];
  /** Whether detectors are also taught by each maker of fakes alone, and by all but that one. */
  crossGenerator: boolean;
  /** What happens to test clips and fakes before detectors judge them once more. */
  perturbations: Choice[];
  /** Where detectors learn, when not from `dataset`; without generators from the fakes that its data set brings along. */
  training?: { dataset: Choice; generators: Choice[] };
  bootstrap: { replicates: number };
  /** The trained detectors are packed for screening: thresholds are drawn on the genuine clips of this data set's validation people, so that these shares of them lie above; its test people are tested beside those of `dataset`. */
  bundle?: { dataset: Choice; manipulatedRate: number; suspiciousRate: number };
  /** What may fail before the run counts as failed (exit 3): a share of all, 0 to 1; so many from 2 on; `true`, everything; `false`, nothing. */
  allowedFailures: number | boolean;
};

type Table = Record<string, Component<unknown>>;
/** The tables of known components, which this folder may not import itself. */
export type Catalog = {
  datasets: Table;
  generators: Table;
  detectors: Table;
  perturbations: Record<string, Perturbation>;
};

const entry = z.looseObject({ name: z.string() });
const hypothesis = z.strictObject({
  figure: z.string().min(1),
  expect: z.enum(['higher', 'lower']),
  because: z.string().min(1),
});
const generator = z.looseObject({ name: z.string(), hypothesis: hypothesis.optional() });
const seed = z
  .int()
  .min(0)
  .max(2 ** 32 - 1);
const shape = z.strictObject({
  name: z
    .string()
    .regex(/^[a-z0-9][a-z0-9-]{0,63}$/, 'expected a short name of lower-case letters, digits and hyphens'),
  seed: seed.default(1),
  seeds: z
    .array(seed)
    .min(2)
    .refine((all) => new Set(all).size === all.length, 'expected different seeds')
    .optional(),
  trainingSeed: seed.optional(),
  dataset: entry,
  generators: z.array(generator).default([]),
  detectors: z.array(entry).default([]),
  crossGenerator: z.boolean().default(false),
  perturbations: z.array(entry).default([]),
  training: z.strictObject({ dataset: entry, generators: z.array(entry).default([]) }).optional(),
  bootstrap: z
    .strictObject({ replicates: z.int().min(100).max(100_000).default(2000) })
    .default({ replicates: 2000 }),
  bundle: z
    .strictObject({
      dataset: entry,
      manipulatedRate: z.number().min(0).max(0.5).default(0.01),
      suspiciousRate: z.number().min(0).max(0.5).default(0.05),
    })
    .optional(),
  allowedFailures: z
    .union([z.boolean(), z.number().min(0).max(1), z.int().min(2)], {
      error: 'expected a share of 0 to 1, a whole number, true or false',
    })
    .default(0),
});

/**
 * Reads and checks `file`. `overrides` are texts `a.b=value` (`value` in YAML, list positions as numbers).
 * @throws UserError (exit 2) with all mistakes, one a line.
 */
export function readExperiment(file: string, overrides: string[], catalog: Catalog): Experiment {
  const lines = new LineCounter();
  const document = parseYaml(file, lines, { what: 'an experiment' });
  const setFrom = applyOverrides(document, overrides);
  const locate = (path: Path): string => {
    const override = setFrom.find(({ path: set }) =>
      set.every((step, i) => i >= path.length || String(path[i]) === step),
    );
    if (override) return `--set ${override.text}:`;
    return `${file}:${placeOf(document, path, lines)}`;
  };
  const mistakes: Mistake[] = [];
  const value = toValue(document, file);
  if (value === null)
    throw new UserError(
      `${file}:1:1 (file): expected an experiment with a name, a dataset, generators and detectors, got nothing. Examples are in configs/`,
    );
  const experiment = check(value, catalog, mistakes);
  refuseMistakes(mistakes, locate);
  return experiment!;
}

/** What a file would say, with every default filled in: `readExperiment` finds the same experiment in it. */
export function asWritten({ training, bundle, ...experiment }: Experiment): Record<string, unknown> {
  const flat = ({ name, options, ...rest }: GeneratorChoice): object => ({
    name,
    ...(options as object),
    ...rest,
  });
  return {
    ...experiment,
    dataset: flat(experiment.dataset),
    generators: experiment.generators.map(flat),
    detectors: experiment.detectors.map(flat),
    perturbations: experiment.perturbations.map(flat),
    ...(training
      ? { training: { dataset: flat(training.dataset), generators: training.generators.map(flat) } }
      : {}),
    ...(bundle ? { bundle: { ...bundle, dataset: flat(bundle.dataset) } } : {}),
  };
}

function applyOverrides(document: Document, overrides: string[]): { path: string[]; text: string }[] {
  return overrides.map((text) => {
    const equals = text.indexOf('=');
    if (equals < 1) throw new UserError(`--set ${text}: expected key=value, for instance --set seed=2`);
    const path = text.slice(0, equals).split('.');
    const value = parseDocument(text.slice(equals + 1));
    if (value.errors.length > 0)
      throw new UserError(`--set ${text}: the value is not YAML: ${value.errors[0]!.message}`);
    try {
      document.setIn(
        path.map((step) => (/^\d+$/.test(step) ? Number(step) : step)),
        value.toJS(),
      );
    } catch (error) {
      throw new UserError(`--set ${text}: there is no such place in the file`, { cause: error });
    }
    return { path, text };
  });
}

function check(value: unknown, catalog: Catalog, mistakes: Mistake[]): Experiment | undefined {
  forbidden(value, [], mistakes);
  const parsed = shape.safeParse(value);
  if (!parsed.success) collect(parsed.error, [], shape, value, mistakes);
  else if (parsed.data.generators.length + parsed.data.detectors.length === 0)
    mistakes.push({
      path: ['detectors'],
      reason: 'name a detector, or a generator that is to be judged alone',
    });
  if (parsed.data?.seeds && parsed.data.trainingSeed !== undefined)
    mistakes.push({
      path: ['trainingSeed'],
      reason: 'seeds names those of the trainings; leave one of the two out',
    });
  // Component options are checked even where the frame is wrong, so that all mistakes come at once.
  const raw = (value ?? {}) as Record<string, unknown>;
  const one = (entry: unknown, table: Table, what: string, path: Path): Choice =>
    choose(entry, table, what, path, mistakes);
  const many = (entries: unknown, table: Table, what: string, path: Path): Choice[] =>
    Array.isArray(entries) ? entries.map((entry, i) => one(entry, table, what, [...path, i])) : [];
  const dataset = one(raw['dataset'], catalog.datasets, 'data set', ['dataset']);
  const hypotheses = (parsed.data?.generators ?? []).map((chosen) => chosen.hypothesis);
  hypotheses.forEach((expected, i) => {
    const chosen = parsed.data?.generators ?? [];
    if (expected && !chosen.slice(0, i).some(({ name }) => name === chosen[i]!.name))
      mistakes.push({
        path: ['generators', i, 'hypothesis'],
        reason: `expected behind another "${chosen[i]!.name}", which this one is compared with`,
      });
  });
  const plainGenerators = Array.isArray(raw['generators']) ? raw['generators'].map(withoutHypothesis) : [];
  const generators = many(plainGenerators, catalog.generators, 'generator', ['generators']).map(
    (choice, i): GeneratorChoice => (hypotheses[i] ? { ...choice, hypothesis: hypotheses[i] } : choice),
  );
  const detectors = many(raw['detectors'], catalog.detectors, 'detector', ['detectors']);
  const perturbations = many(raw['perturbations'], catalog.perturbations, 'perturbation', ['perturbations']);
  refuseTwins(perturbations, catalog, mistakes);
  const rawTraining = raw['training'] as Record<string, unknown> | undefined;
  const training = rawTraining && {
    dataset: one(rawTraining['dataset'], catalog.datasets, 'data set', ['training', 'dataset']),
    generators: many(rawTraining['generators'], catalog.generators, 'generator', ['training', 'generators']),
  };
  const rawBundle = raw['bundle'] as Record<string, unknown> | undefined;
  const packed = rawBundle && one(rawBundle['dataset'], catalog.datasets, 'data set', ['bundle', 'dataset']);
  if (!parsed.success) return undefined;
  const { training: _, bundle, seeds, trainingSeed, ...plain } = parsed.data;
  return {
    ...plain,
    ...(seeds ? { seeds } : {}),
    ...(trainingSeed === undefined ? {} : { trainingSeed }),
    dataset,
    generators,
    detectors,
    perturbations,
    ...(training ? { training } : {}),
    ...(bundle && packed ? { bundle: { ...bundle, dataset: packed } } : {}),
  };
}

/** Two distortions under one name would be counted as one. */
function refuseTwins(chosen: Choice[], catalog: Catalog, mistakes: Mistake[]): void {
  if (mistakes.length > 0) return; // their options may not be what they should
  const seen = new Set<string>();
  for (const [i, { name, options }] of chosen.entries())
    for (const series of catalog.perturbations[name]!.series(options)) {
      if (seen.has(series.name))
        mistakes.push({
          path: ['perturbations', i],
          reason: `"${series.name}" would stand twice in the tables; put its levels into one entry`,
        });
      seen.add(series.name);
    }
}

/** What is expected of a generator is no option of it. */
function withoutHypothesis(entry: unknown): unknown {
  if (typeof entry !== 'object' || entry === null) return entry;
  const { hypothesis: _, ...rest } = entry as Record<string, unknown>;
  return rest;
}

function choose(entry: unknown, table: Table, what: string, path: Path, mistakes: Mistake[]): Choice {
  if (typeof entry === 'string') mistakes.push({ path, reason: `write it as { name: ${entry} }` });
  const { name, ...options } = (typeof entry === 'object' && entry !== null ? entry : {}) as {
    name?: unknown;
  };
  if (typeof name !== 'string') return { name: '', options }; // the frame has reported it
  const component = Object.hasOwn(table, name) ? table[name] : undefined;
  if (!component) {
    mistakes.push({ path: [...path, 'name'], reason: unknownName(name, Object.keys(table), what) });
    return { name, options };
  }
  const parsed = component.options.safeParse(options);
  if (parsed.success) return { name, options: parsed.data };
  collect(parsed.error, path, component.options, options, mistakes);
  return { name, options };
}

function unknownName(name: string, known: string[], what: string): string {
  const close = didYouMean(name, known);
  return `there is no ${what} "${name}"${close ? `; did you mean "${close}"?` : '.'} Known: ${known.join(', ') || 'none'}`;
}
