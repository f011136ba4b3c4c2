/** What a reader might conclude from a run and must not. Every sentence follows from the record. */
import type { RunRecord } from '../records/record.ts';
import type { TableRow } from './results-table.ts';
import { formatValue, intervalOf, plural } from './format.ts';
import { leastGroups } from '../metrics/bootstrap.ts';
import { identitiesShownOneByOne } from '../metrics/detection.ts';

/** Components behind whose @ stands the name of a user's own model, no preset. */
const brought = ['onnx', 'command'];

/** Sentences for the section "What may not be concluded". */
export function warnings(record: RunRecord, rows: readonly TableRow[]): string[] {
  return [
    ...aboutData(record, rows),
    ...aboutControls(rows),
    ...aboutTraining(record, rows),
    ...aboutEnsembles(record, rows),
    ...aboutSeed(record, rows),
  ];
}

function aboutData(record: RunRecord, rows: readonly TableRow[]): string[] {
  const sentences: string[] = [];
  if (record.data.kind === 'synthetic')
    sentences.push(
      'Every person here is rendered and every voice synthesized. Nothing follows for recordings of people, nor for fakes made of them.',
    );
  const without = rows.filter((row) => row.metrics.auc.value === null);
  if (without.length > 0 && without.length === rows.length)
    sentences.push(
      'No AUC and no EER exist for this run, so it says nothing about how well a detector tells fakes from real clips.',
    );
  const identities = Math.min(
    ...rows.filter((row) => row.metrics.auc.value !== null).map((row) => row.metrics.resampling.identities),
  );
  if (identities < leastGroups)
    sentences.push(
      `The figures rest on ${plural(identities, 'test identity', 'test identities')}: too few for an interval and for any conclusion about detectors. Such a run shows that the line works.`,
    );
  else if (identities < identitiesShownOneByOne)
    sentences.push(
      `The figures rest on ${identities} test identities. A difference between two detectors smaller than their intervals is no difference; look at the scores one by one.`,
    );
  if (!record.data.shareable.value)
    sentences.push(`The faces in this report may not be passed on: ${record.data.shareable.reason}.`);
  return sentences;
}

function aboutControls(rows: readonly TableRow[]): string[] {
  return rows
    .filter((row) => row.control)
    .flatMap((row) => {
      const interval = intervalOf(row.metrics.auc);
      if (!interval || (interval.low <= 0.5 && interval.high >= 0.5)) return [];
      return `The control ${row.detector} tells real clips from ${row.generator} (interval without 0.5). Part of what other detectors find there may be the same difference, which is no property of a fake.`;
    });
}

function aboutTraining(record: RunRecord, rows: readonly TableRow[]): string[] {
  const sentences: string[] = [];
  const known = new Set(
    rows.filter((row) => row.trainedOn?.split('+').includes(row.generator)).map((row) => row.generator),
  );
  if (known.size > 0)
    sentences.push(
      `Detectors were trained on fakes of the generator they are judged on (${[...known].join(', ')}), made of other people. How they do against a generator they have not met was not measured.`,
    );
  // Dubbed clips and their like, judged by whether lips and sound belong together.
  const pairing = new Set(
    record.detectors.filter(({ judges }) => judges === 'pairing').map(({ label }) => label),
  );
  const ofContent = (row: TableRow): boolean => row.brought === true && pairing.has(row.detector);
  const perfect = rows.filter((row) => row.metrics.auc.value === 1 && !row.controlGenerator);
  for (const row of perfect)
    sentences.push(
      `${row.detector} separates ${row.generator} without a mistake. ${ofContent(row) ? '' : 'That points to a trace of the making, not to skill; compare the probes and the control generator. '}An interval without width is no certainty: resampling people who are all told apart cannot show one who is not.`,
    );
  for (const row of rows.filter(ofContent))
    sentences.push(
      `${row.detector} judges whether lips and sound belong together, and the fakes ${row.generator} came with the data set. Where they are genuine clips under another sound, they differ from real ones by that alone, and what it finds there says nothing of forged mouths.`,
    );
  const presets = [...record.generators, ...record.detectors]
    .filter(({ name }) => !brought.includes(name))
    .map(({ label }) => label)
    .filter((label) => /@(.*-)?(cpu|smoke)\b/.test(label));
  if (presets.length > 0)
    sentences.push(
      `Presets "cpu" and "smoke" are scaled to this machine (${[...new Set(presets)].join(', ')}). They do not stand for the published networks at their published size.`,
    );
  return sentences;
}

/** The best member on test is known only afterwards; the one to compare with was chosen on validation. */
function aboutEnsembles({ detectors }: RunRecord, rows: readonly TableRow[]): string[] {
  return detectors.flatMap(({ label, info }) => {
    const single = info['bestSingle'];
    if (typeof single !== 'string') return [];
    return rows
      .filter((row) => row.detector === label && !row.driving && row.metrics.auc.value !== null)
      .flatMap((row) => {
        const beside = rows.find(
          ({ detector, generator, driving }) =>
            detector === single && generator === row.generator && !driving,
        );
        if (!beside) return [];
        const both = `${formatValue(row.metrics.auc)} on ${row.generator}, beside ${formatValue(beside.metrics.auc)} of ${single}`;
        return `${label} stands at ${both}, its best member on validation. That is the one to compare it with: which member would be the best on the test clips nobody knew before.`;
      });
  });
}

function aboutSeed({ seed }: RunRecord, rows: readonly TableRow[]): string[] {
  const trained = rows.some((row) => row.trainedOn !== null && row.metrics.auc.value !== null);
  return trained
    ? [
        `Every network was trained once, with seed ${seed}. The intervals say how the figures change with the people who are tested, not how they would change with another training.`,
      ]
    : [];
}
