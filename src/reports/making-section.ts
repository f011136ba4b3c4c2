/** How a run came about: code, machine, times, terms, configuration. */
import { stringify } from 'yaml';
import type { RunRecord } from '../records/record.ts';
import { formatBytes, formatDuration, plural } from './format.ts';
import { seedsOf, timeOf } from './headline.ts';
import { type Html, html } from './html.ts';

export function makingSection(record: RunRecord): Html {
  const { code, data } = record;
  const facts: [string, string][] = [
    ['Commit', `${code.commit ?? 'not a git checkout'}${code.dirty ? ', with uncommitted changes' : ''}`],
    ['Node', code.node],
    ['Compute backend', `${code.backend.name} (${code.backend.reason})`],
    ['ffmpeg', code.ffmpeg],
    ...(code.sandbox ? [['ffmpeg is shut in by', sandboxOf(code.sandbox)] satisfies [string, string]] : []),
    ['Seed', seedsOf(record)],
    ['Time', timeOf(record)],
    [
      'Largest process',
      `${formatBytes(record.peakMemory.workerBytes)} (main: ${formatBytes(record.peakMemory.mainBytes)})`,
    ],
    ...[...record.generators, ...record.detectors]
      .filter(({ trainSeconds }) => trainSeconds > 0)
      .map(({ label, trainSeconds }): [string, string] => [
        `Training of ${label}`,
        formatDuration(trainSeconds),
      ]),
    ...record.generators.flatMap(({ label, info: { hears } }): [string, string][] =>
      typeof hears === 'string' ? [[`What ${label} hears`, hears]] : [],
    ),
    [
      'Licences',
      Object.entries(data.licences)
        .map(([licence, count]) => `${licence} (${plural(count, 'clip')})`)
        .join(', '),
    ],
    ...facesIn(record),
    ['May be shared', `${data.shareable.value ? 'yes' : 'no'}: ${data.shareable.reason}`],
  ];
  return html`<dl class="pairs">${facts.map(([name, value]) => html`<dt>${name}</dt><dd>${value}</dd>`)}</dl>
<h3>Configuration</h3><pre tabindex="0" role="region" aria-label="Configuration">${stringify(record.config)}</pre>`;
}

/** What the tracker saw, where one looked. */
function facesIn({ faces = [] }: RunRecord): [string, string][] {
  if (faces.length === 0) return [];
  const sum = (of: (one: (typeof faces)[number]) => number): number =>
    faces.reduce((all, one) => all + of(one), 0);
  const tracked = sum((one) => (one.tracked ? 1 : 0));
  const several = faces.filter((one) => one.faces > 1);
  const seen = `in ${sum((one) => one.found)} of ${plural(
    sum((one) => one.frames),
    'frame',
  )}, ${sum((one) => one.bridged)} bridged`;
  const more =
    several.length > 0
      ? `; several at once in ${several.map(({ clip }) => clip).join(', ')}, of which the largest was taken`
      : '';
  return [['Faces', `tracked in ${tracked} of ${plural(faces.length, 'clip')}, seen ${seen}${more}`]];
}

function sandboxOf({ used, missing }: NonNullable<RunRecord['code']['sandbox']>): string {
  const not = missing.length > 0 ? ` (${missing.join('; ')})` : '';
  return `${used.join(' and ') || 'nothing'}${not}`;
}
