/**
 * A record as MLflow runs, plain values. The parent holds everything of the record but its rows; each row (detector ×
 * generator) is a child with its metrics, and with the training of its detector beside them. The configuration is in the
 * parameters of all, so that any of them can be searched and compared by it. Every number of the record is a metric, but for
 * `config`, `seed` and `schemaVersion`, which are parameters. Texts are tags, among them the reason of each undefined metric
 * (`auc/reason`). Rows of perturbed clips, of which there may be thousands, are no children: their AUCs are metrics of the parent, the rest
 * of them stands in the artifact `record.json`. Texts that are too long are cut; the artifact `long-values.json` has the whole of them.
 */
import { createHash } from 'node:crypto';
import { type RunRecord, type RunResult, trainingSeedOf } from '../record.ts';
import type { LoadSample } from '../system-load.ts';
import { keyed, type Leaf, leavesOf } from './keys.ts';

export type Metric = { key: string; value: number; timestamp: number; step: number };
export type Entry = { key: string; value: string };
export type TrackedRun = {
  name: string;
  /** What this run is found again by; `masque.row` tells children apart. */
  identity: Entry[];
  tags: Entry[];
  params: Entry[];
  metrics: Metric[];
  /** The whole texts of those that MLflow is too small for. */
  long: Entry[];
  /** Milliseconds since 1970, from the record: sent again, nothing is another point in time. */
  startMs: number;
  endMs: number;
};

const maxParamLength = 6000;
/** MLflow 2 takes 5000, MLflow 3 takes 8000. */
const maxTagLength = 5000;
const maxNameLength = 250;

/**
 * The parent run and its children, in the order of the record: results, then probes; and the name of the configuration. `load` of the machine goes to the
 * parent. Nothing depends on when this is called: sent again, every point is the same.
 */
export function toTrackedRuns(
  record: RunRecord,
  load: readonly LoadSample[] = [],
): {
  configuration: string;
  parent: TrackedRun;
  children: TrackedRun[];
} {
  const { config, seed, schemaVersion, results, probes, ...rest } = record;
  const configuration = typeof config['name'] === 'string' ? config['name'] : record.id;
  const startMs = Date.parse(record.startedAt);
  const times = { startMs, endMs: startMs + Math.round(record.seconds * 1000) };
  const settings = textsOf(leavesOf({ ...config, seed, schemaVersion }));
  const identity = [
    { key: 'masque.run', value: record.id },
    { key: 'masque.digest', value: digestOf(record) },
  ];
  const { commit, dirty } = record.code;
  const trained = trainingSeedOf(record);
  const common = [
    { key: 'seed', value: String(seed) },
    { key: 'mlflow.source.type', value: 'LOCAL' },
    { key: 'mlflow.source.name', value: `masque experiment ${configuration}` },
    { key: 'mlflow.source.git.dirty', value: String(dirty) },
    ...(commit === null ? [] : [{ key: 'mlflow.source.git.commit', value: commit }]),
  ];

  const own = keyed([...overviewOf(record), ...leavesOf(rest)]);
  const parent: TrackedRun = {
    name: nameOf(`${record.id}, seed ${trained}`),
    identity: [...identity, { key: 'masque.row', value: 'none' }],
    ...fitted(settings, [
      ...common,
      { key: 'mlflow.note.content', value: noteOf(record) },
      ...reasonsOf(own),
    ]),
    metrics: [...metricsOf(own, times.endMs), ...systemMetricsOf(load)],
    ...times,
  };
  const child = (row: RunResult, kind: 'results' | 'probes', index: number): TrackedRun => {
    const detector = record.detectors.find(({ label }) => label === row.detector);
    const { metrics, ...about } = row;
    const leaves = leavesOf({ metrics, ...about }); // MLflow's comparison opens with the first metric: AUC
    const naming = leaves.filter(({ path, value }) => path.length === 1 && typeof value === 'string');
    const found = keyed([
      ...leaves.filter((leaf) => !naming.includes(leaf)),
      ...leavesOf(detector ? { detector } : {}),
    ]);
    return {
      name: nameOf(`seed ${trained}: ${titleOf(row)}`),
      identity: [...identity, { key: 'masque.row', value: `${kind}/${index}` }],
      ...fitted(
        [...settings, ...textsOf(naming)],
        [...common, { key: 'data/kind', value: record.data.kind }, ...reasonsOf(found)],
      ),
      metrics: metricsOf(found, times.endMs),
      ...times,
    };
  };
  const children = [
    ...results.flatMap((row, i) => (row.perturbation === 'none' ? [child(row, 'results', i)] : [])),
    ...probes.map((row, i) => child(row, 'probes', i)),
  ];
  return { configuration, parent, children };
}

/** What was found and what it cost, without the state of the code: the same results are one run, however often they are sent. */
function digestOf(record: RunRecord): string {
  const { code: _, ...measured } = record;
  return createHash('sha256').update(JSON.stringify(measured)).digest('hex');
}

/** The AUC of every row once more, at the parent, where a list of experiments shows them without being unfolded. */
function overviewOf({ results, probes }: RunRecord): Leaf[] {
  return [...results, ...probes].flatMap((row) =>
    leavesOf(row.metrics.auc.value).map((leaf) => ({
      ...leaf,
      path: ['auc', row.generator, row.detector, ...conditionsOf(row)],
    })),
  );
}

/** `meso-inception@cpu-128 × puppetry@cpu-96`, and what else sets the row apart; the seed goes before it, because lists cut long names. */
function titleOf(row: RunResult): string {
  return [`${row.detector} × ${row.generator}`, ...conditionsOf(row)].join(', ');
}

/** A title for people, on one line and like no path. */
function nameOf(title: string): string {
  return cut(title.replaceAll(/\p{C}+/gu, ' ').replaceAll(/\.{2,}/g, '…'), maxNameLength);
}

/** What sets rows of one detector and one generator apart: the perturbation, and every text of the row that is not named here. */
function conditionsOf(row: RunResult): string[] {
  const named = new Set(['detector', 'generator', 'trainedOn', 'perturbation', 'severity']);
  const texts = Object.entries(row).flatMap(([key, value]) =>
    typeof value === 'string' && !named.has(key) ? [value] : [],
  );
  return [...(row.perturbation === 'none' ? [] : [`${row.perturbation} ${row.level}`]), ...texts];
}

function noteOf(record: RunRecord): string {
  const people = record.data.kind === 'synthetic' ? 'rendered' : 'recorded';
  return [
    `Run \`${record.id}\` of masque, on ${people} people (${record.data.dataset}). Its children are the rows of its tables, one per detector × generator;`,
    'rows whose detector has a `~` are probes: trained on the control that stands behind the `~`, they show what the path alone gives away.',
    'Intervals, pictures and what may not be concluded stand in the artifact `report.html`.',
  ].join(' ');
}

function metricsOf(found: Map<string, Leaf>, timestamp: number): Metric[] {
  return [...found].flatMap(([key, { points }]) =>
    points.map(({ value, step }) => ({ key, value, timestamp, step })),
  );
}

/** Each sample is a step, as with MLflow's own. */
function systemMetricsOf(load: readonly LoadSample[]): Metric[] {
  return load.flatMap(({ timestamp, values }, step) =>
    Object.entries(values).map(([name, value]) => ({ key: `system/${name}`, value, timestamp, step })),
  );
}

/** Among them why a metric is undefined. */
function reasonsOf(found: Map<string, Leaf>): Entry[] {
  return [...found].flatMap(([key, { value, points }]) =>
    points.length === 0 ? [{ key, value: String(value) }] : [],
  );
}

function textsOf(leaves: Leaf[]): Entry[] {
  return [...keyed(leaves)].map(([key, { value }]) => ({
    key,
    value: typeof value === 'string' ? value : JSON.stringify(value),
  }));
}

/** As long as MLflow takes them, and the whole of those that are longer. */
function fitted(params: Entry[], tags: Entry[]): Pick<TrackedRun, 'params' | 'tags' | 'long'> {
  return {
    params: params.map(({ key, value }) => ({ key, value: cut(value, maxParamLength) })),
    tags: tags.map(({ key, value }) => ({ key, value: cut(value, maxTagLength) })),
    long: [
      ...params.filter(({ value }) => value.length > maxParamLength),
      ...tags.filter(({ value }) => value.length > maxTagLength),
    ],
  };
}

function cut(text: string, length: number): string {
  return text.length <= length ? text : `${text.slice(0, length - 1).replace(/[\uD800-\uDBFF]$/, '')}…`;
}
