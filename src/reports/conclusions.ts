/** What a reader might conclude from a run and must not. Every sentence follows from the record. */
import { genuineAlone, type RunRecord, trainingSeedOf } from '../records/record.ts';
import type { TableRow } from './results-table.ts';
import { groupBy } from '../group.ts';
import { formatValue, intervalOf, isApart, listed, plural, reasonOf } from './format.ts';
import { leastGroups } from '../metrics/resampling.ts';
import { identitiesShownOneByOne } from '../metrics/detection.ts';

/** Components behind whose @ stands the name of a user's own model, no preset. */
const brought = ['onnx', 'command'];

/** Sentences for the section "What may not be concluded". */
export function warnings(record: RunRecord, rows: readonly TableRow[]): string[] {
  return [
    ...aboutData(record, rows),
    ...aboutControls(rows),
    ...aboutTraining(record, rows),
    ...aboutTargets(record),
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
  sentences.push(...record.data.remarks.map((remark) => `${remark}.`));
  const without = rows.filter((row) => row.metrics.auc.value === null);
  if (without.length > 0 && without.length === rows.length)
    sentences.push(
      'No AUC and no EER exist for this run, so it says nothing about how well a detector tells fakes from real clips.',
    );
  const valued = rows.filter((row) => row.metrics.auc.value !== null).map(({ metrics }) => metrics);
  const identities = Math.min(...valued.map(({ resampling }) => resampling.identities));
  if (identities < leastGroups)
    sentences.push(
      `The figures rest on ${plural(identities, 'test identity', 'test identities')}: too few for an interval and for any conclusion about detectors. Such a run shows that the line works.`,
    );
  else if (valued.length > 0 && valued.every(({ auc }) => intervalOf(auc) === undefined))
    sentences.push(
      `No figure has an interval: ${reasonOf(valued[0]!.auc)}. Nothing follows about detectors; look at the scores one by one.`,
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
  const found = rows.filter(({ control, metrics }) => control && isApart(metrics.auc));
  return [...groupBy(found, ({ detector }) => detector)].map(([detector, own]) => {
    const makers = listed(own.map(({ generator }) => generator));
    return detector === 'random'
      ? `The control random misses 0.5 with its interval against ${makers}, by chance; its rows share the scores of the same real clips, so they miss together.`
      : `The control ${detector} tells real clips from ${makers} (intervals without 0.5). Part of what other detectors find there may be the same difference, which is no property of a fake.`;
  });
}

/** So high on a control that what a detector finds in the fakes may well be found there. */
const nearlyAll = 0.95;

/** Of each generator that somebody tells without a mistake, who does, and which controls show the trace. */
function aboutPerfect(rows: readonly TableRow[], ofContent: (row: TableRow) => boolean): string[] {
  const perfect = rows.filter((row) => row.metrics.auc.value === 1 && !row.controlGenerator);
  return [...groupBy(perfect, ({ generator }) => generator)].map(([generator, own]) => {
    const traces = tracesOf(rows, generator, own);
    const unnamed = own.every(ofContent)
      ? []
      : [
          'That points to a trace of the making, not to skill; compare the probes and the control generators.',
        ];
    return [
      `${listed(own.map(({ detector }) => detector))} ${own.length > 1 ? 'separate' : 'separates'} ${generator} without a mistake.`,
      ...(traces.length > 0 ? traces : unnamed),
    ].join(' ');
  });
}

/** What the controls say of it: true faces on a part of a fake's path that the same detectors tell, and control detectors that see enough. */
function tracesOf(rows: readonly TableRow[], generator: string, own: readonly TableRow[]): string[] {
  const high = rows.filter(({ metrics }) => (metrics.auc.value ?? 0) >= nearlyAll);
  const names = new Set(own.filter(({ control }) => !control).map(({ detector }) => detector));
  const paths = high.filter((row) => row.controlGenerator && names.has(row.detector));
  const controls = high.filter((row) => row.control && row.generator === generator);
  return [
    ...[...groupBy(paths, (row) => row.generator)].map(
      ([control, seen]) =>
        `${listed(seen.map(({ detector }) => detector))} ${seen.length > 1 ? 'tell' : 'tells'} ${control} as well, true faces on a part of a fake’s path: what they find may be that path.`,
    ),
    ...controls.map(
      ({ detector, metrics }) =>
        `The control ${detector} stands at ${formatValue(metrics.auc)} there: what it sees is enough.`,
    ),
  ];
}

function aboutTraining(record: RunRecord, rows: readonly TableRow[]): string[] {
  const sentences: string[] = [];
  // Who learned from genuine clips alone has met nobody's fakes.
  const judged = rows.filter(
    (row) => !row.controlGenerator && row.trainedOn && row.trainedOn !== genuineAlone,
  );
  const [known, unmet] = [true, false].map((met) => [
    ...new Set(
      judged.flatMap(({ generator, trainedOn }) =>
        trainedOn!.split('+').includes(generator) === met ? [generator] : [],
      ),
    ),
  ]) as [string[], string[]];
  if (known.length > 0)
    sentences.push(
      `Detectors were trained on fakes of the generator they are judged on (${known.join(', ')}), made of other people. ${unmet.length > 0 ? `Some or all of them have not met ${listed(unmet)}.` : 'How they do against a generator they have not met was not measured.'}`,
    );
  // Dubbed clips and their like, judged by whether lips and sound belong together.
  const pairing = new Set(
    record.detectors.filter(({ judges }) => judges === 'pairing').map(({ label }) => label),
  );
  const ofContent = (row: TableRow): boolean => row.brought === true && pairing.has(row.detector);
  sentences.push(...aboutPerfect(rows, ofContent));
  for (const row of rows.filter(ofContent))
    sentences.push(
      `${row.detector} judges whether lips and sound belong together, and the fakes ${row.generator} came with the data set. Where they are genuine clips under another sound, they differ from real ones by that alone, and what it finds there says nothing of forged mouths.`,
    );
  const presets = [...record.generators, ...record.detectors]
    .filter((one) => !brought.includes(one.name) && !('variantOf' in one && one.variantOf !== undefined))
    .map(({ label }) => label)
    .filter((label) => /@(.*-)?(cpu|smoke)\b/.test(label));
  if (presets.length > 0)
    sentences.push(
      `Presets "cpu" and "smoke" are scaled to this machine (${[...new Set(presets)].join(', ')}). They do not stand for the published networks at their published size.`,
    );
  return sentences;
}

/** Generators that say of how little footage of somebody they were fitted (`shortTarget`: seconds by person). */
function aboutTargets({ generators }: RunRecord): string[] {
  return generators.flatMap(({ label, info }) => {
    const seconds = Object.values((info['shortTarget'] ?? {}) as Record<string, number>);
    if (seconds.length === 0) return [];
    const [least, most] = [Math.min(...seconds).toFixed(1), Math.max(...seconds).toFixed(1)];
    const each = least === most ? `${least} s` : `${least} to ${most} s`;
    return [
      `${label} had short targets: of ${plural(seconds.length, 'person', 'people')} ${each} are filmed in all, less than a minute. Its puppets say little of what two to three minutes, as published, would give.`,
    ];
  });
}

/** The best member on test is known only afterwards; the one to compare with was chosen on validation. */
function aboutEnsembles({ detectors }: RunRecord, rows: readonly TableRow[]): string[] {
  return detectors.flatMap(({ label, info }) => {
    const single = info['bestSingle'];
    if (typeof single !== 'string') return [];
    const beside = rows
      .filter((row) => row.detector === label && row.metrics.auc.value !== null)
      .flatMap((row) => {
        const other = rows.find(
          ({ detector, generator }) => detector === single && generator === row.generator,
        );
        if (!other) return [];
        return `${formatValue(row.metrics.auc)} on ${row.generator} (${single} ${formatValue(other.metrics.auc)})`;
      });
    if (beside.length === 0) return [];
    return `${label} stands at ${listed(beside)}, beside its best member on validation. That is the one to compare it with: which member would be the best on the test clips nobody knew before.`;
  });
}

function aboutSeed(record: RunRecord, rows: readonly TableRow[]): string[] {
  const trained = rows.some((row) => row.trainedOn !== null && row.metrics.auc.value !== null);
  return trained
    ? [
        `Every network was trained once, with seed ${trainingSeedOf(record)}. The intervals say how the figures change with the people who are tested, not how they would change with another training.`,
      ]
    : [];
}
