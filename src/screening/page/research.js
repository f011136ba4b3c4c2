/** Runs and leaderboard of the harness, to read only. */
import { call } from './api.js';
import { el, foreign, table, when } from './dom.js';

/** A service without experiments beside it has neither list. */
async function listOf(path, signal) {
  try {
    return await call(path, { signal });
  } catch (error) {
    if (error.status === 404) return [];
    throw error;
  }
}

/** `/v1/runs`: `[{id, startedAt, config, seconds, counts}]`, `counts` an object of numbers. */
export async function runs({ signal }) {
  const all = await listOf('/v1/runs', signal);
  const rows = all.map(({ id, startedAt, config, seconds, counts }) => [
    foreign(id),
    startedAt ? when(startedAt) : null,
    config ? foreign(config) : null,
    typeof seconds === 'number' ? duration(seconds) : null,
    Object.entries(counts ?? {})
      .filter(([, value]) => typeof value === 'number')
      .map(([name, value]) => `${value} ${name}`)
      .join(', ') || null,
  ]);
  const body =
    rows.length > 0
      ? table('Experiments on this machine', ['Run', 'Started', 'Configuration', 'Took', 'Counts'], rows)
      : el('p', { class: 'empty' }, 'No runs yet: npm run experiment -- configs/smoke.yaml');
  return { title: 'Runs', body: [body] };
}

/**
 * `/v1/leaderboard`: rows as in `leaderboard.json`; those of rendered people and of recorded ones stand apart, as they measure different things.
 * A figure is `{value, low?, high?}` or `{value: null, reason}`.
 */
export async function leaderboard({ signal }) {
  const rows = await listOf('/v1/leaderboard', signal);
  const of = (data) => rows.filter((row) => row.data === data && row.perturbation === 'none');
  const body = [
    el(
      'p',
      {},
      'Results of experiments, on people that the detectors had not seen. They say how detectors compare, not what a score of this service is worth.',
    ),
    [
      ['recorded', 'Recorded people'],
      ['synthetic', 'Rendered people'],
    ].map(([data, title]) => of(data).length > 0 && [el('h2', {}, title), boardOf(title, of(data))]),
    rows.length === 0 &&
      el('p', { class: 'empty' }, 'No results yet: npm run leaderboard shows how they come about.'),
  ];
  return { title: 'Leaderboard', body };
}

const boardOf = (title, rows) =>
  table(
    [
      el('span', { class: 'hidden' }, `${title}: `),
      'AUC is 1 for perfect and 0.5 for guessing; EER, the error at equal rates, is 0 for perfect',
    ],
    ['Detector', 'Against', 'Rank', 'AUC (95 %)', 'EER', 'Run'],
    rows.map(({ detector, generator, rank, metrics, run }) => [
      foreign(detector),
      foreign(generator),
      rank?.value ? String(rank.value) : null,
      figure(metrics?.auc),
      figure(metrics?.eer),
      foreign(run),
    ]),
  );

function figure(measured) {
  if (typeof measured?.value !== 'number') return measured?.reason ? foreign(measured.reason) : null;
  const { value, low, high } = measured;
  return typeof low === 'number' && typeof high === 'number'
    ? `${value.toFixed(3)} (${low.toFixed(3)}–${high.toFixed(3)})`
    : value.toFixed(3);
}

function duration(seconds) {
  if (seconds < 90) return `${seconds.toFixed(0)} s`;
  return seconds < 5400 ? `${(seconds / 60).toFixed(0)} min` : `${(seconds / 3600).toFixed(1)} h`;
}
