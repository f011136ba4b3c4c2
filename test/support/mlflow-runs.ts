/** Run folders for the tests of MLflow, and where their numbers are to be found. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { writeOutcomes } from '../../src/records/outcomes.ts';
import { type RunRecord, writeRecord } from '../../src/records/record.ts';
import { madeUpRun } from '../reports/made-up-run.ts';

/** A run folder as an experiment leaves it; `name` is its configuration and with it the experiment in MLflow. */
export async function makeRun(
  root: string,
  name: string,
  made = withCurves(name),
): Promise<{ folder: string; record: RunRecord }> {
  const folder = join(root, 'runs', made.id);
  mkdirSync(folder, { recursive: true });
  await writeOutcomes(folder, madeUpRun(made.id).outcomes);
  for (const file of ['config.yaml', 'failures.csv', 'report.html'])
    writeFileSync(join(folder, file), `${file} of ${name}\n`);
  await writeRecord(folder, made);
  return { folder, record: made };
}

/** A record with every shape that components write: curves as pairs and as objects, lists, figures without interval. */
function withCurves(name: string): RunRecord {
  const { record } = madeUpRun(`${name}-7d1f`);
  const curve = [1, 3, 6].map((step) => ({
    step,
    loss: 1 / step,
    colour: 0.1 / step,
    parts: { mouth: [step / 7, step / 9] },
  }));
  const info = {
    curve,
    renderer: { curve, people: 6 },
    sizes: [3, 1, 4],
    checks: [
      { epoch: 3, error: 1e-300 },
      { epoch: 4, error: -1e300 },
    ],
  };
  const [puppetry, ...others] = record.generators;
  return {
    ...record,
    seconds: 792.25,
    config: {
      ...record.config,
      name,
      severities: [1, 2.5],
      detectors: [
        { name: 'a', options: { steps: 7 } },
        { name: 'b', options: { steps: 8 } },
      ],
    },
    generators: [{ ...puppetry!, info: { ...puppetry!.info, ...info } }, ...others],
  };
}

/** A short one: two results, one probe. */
export function few(name: string): RunRecord {
  const { results, probes, ...rest } = withCurves(name);
  const chosen = results
    .filter(({ detector, generator }) => detector !== 'spectrum' && generator !== 'recomposite')
    .slice(-2);
  return { ...rest, results: chosen, probes: probes.slice(0, 1) };
}

type NumberAt = { path: (string | number)[]; value: number };
export function numbersIn(value: unknown, path: NumberAt['path']): NumberAt[] {
  if (typeof value === 'number') return [{ path, value }];
  if (Array.isArray(value)) return value.flatMap((inner, i) => numbersIn(inner, [...path, i]));
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => numbersIn(inner, [...path, key]));
}

/**
 * Where a number of the record is to be found, told apart from the code under test. A step of a curve is found as the step of
 * the value beside it.
 */
export function expectedPlace(
  path: NumberAt['path'],
  json: unknown,
): { run: string; place: string; isStep: boolean } {
  const isRow = path[0] === 'results' || path[0] === 'probes';
  const isParam = ['config', 'seed', 'schemaVersion'].includes(String(path[0]));
  const skipped = isRow ? 2 : path[0] === 'config' ? 1 : 0;
  const at = (length: number): unknown =>
    path
      .slice(0, length)
      .reduce<unknown>((value, part) => (value as Record<string | number, unknown>)[part], json);
  const names: string[] = [];
  let step: number | undefined;
  let isStep = false;
  for (let i = skipped; i < path.length; i++) {
    const part = path[i]!;
    const entry = at(i + 1);
    if (typeof part === 'string') names.push(part);
    else if (step === undefined && typeof entry === 'number') step = part;
    else if (step === undefined && Array.isArray(entry))
      [step, isStep, i] = [entry[0] as number, path[i + 1] === 0, i + 1];
    else if (step === undefined && typeof (entry as { step?: number }).step === 'number') {
      step = (entry as { step: number }).step;
      isStep = path[i + 1] === 'step';
      if (isStep) {
        names.push('loss');
        i++;
      }
    } else {
      const { label, identity, name } = entry as Record<string, string>;
      names.push(label ?? identity ?? name ?? String(part));
    }
  }
  const hidden = ['value', 'metrics', 'info', 'curve', 'options'];
  const key = names
    .filter((name) => !hidden.includes(name))
    .map((name) =>
      name
        .replaceAll(' ', '  ')
        .replaceAll('@', ' at ')
        .replaceAll('~', ' on ')
        .replaceAll(/[^\w.\-/ ]/gu, (sign) => ` u${sign.charCodeAt(0).toString(16)} `),
    )
    .join('/');
  return {
    run: isRow ? `${path[0]}/${path[1]}` : '',
    place: `${isParam ? 'param ' : ''}${key} ${step ?? 0}`,
    isStep,
  };
}
