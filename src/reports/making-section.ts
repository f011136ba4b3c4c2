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
    [
      'Licences',
      Object.entries(data.licences)
        .map(([licence, count]) => `${licence} (${plural(count, 'clip')})`)
        .join(', '),
    ],
    ['May be shared', `${data.shareable.value ? 'yes' : 'no'}: ${data.shareable.reason}`],
  ];
  return html`<dl class="pairs">${facts.map(([name, value]) => html`<dt>${name}</dt><dd>${value}</dd>`)}</dl>
<h3>Configuration</h3><pre tabindex="0" role="region" aria-label="Configuration">${stringify(record.config)}</pre>`;
}

function sandboxOf({ used, missing }: NonNullable<RunRecord['code']['sandbox']>): string {
  const not = missing.length > 0 ? ` (${missing.join('; ')})` : '';
  return `${used.join(' and ') || 'nothing'}${not}`;
}
