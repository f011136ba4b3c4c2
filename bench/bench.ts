/**
 * Speed and memory with the peer beside each figure: `npm run -s bench -- [part] [--rounds n] [--json]`. The name of a part is that of its
 * file; without one, all run. A peer that is not installed is skipped aloud.
 */
import { parseArgs } from 'node:util';
import { engine } from './engine.ts';
import { media } from './media.ts';
import { metrics } from './metrics.ts';
import { renderer } from './renderer.ts';
import { scoring } from './scoring.ts';

/** `profile`: prefix of a file for the profile of the compiled step, where a part has one. */
export type PartOptions = { rounds: number; profile?: string };
export type Part = (
  options: PartOptions,
) => Promise<{ ratios: Record<string, number | undefined>; notes: string[]; [figure: string]: unknown }>;

const parts: Record<string, Part> = { engine, media, metrics, renderer, scoring };

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    json: { type: 'boolean' },
    rounds: { type: 'string', default: '5' },
    profile: { type: 'string' },
  },
});
const names = positionals.length > 0 ? positionals : Object.keys(parts);
for (const name of names) {
  const part = parts[name];
  if (!part) {
    process.stderr.write(`bench: there is no part "${name}". Parts: ${Object.keys(parts).join(', ')}\n`);
    process.exit(2);
  }
  const figures = await part({
    rounds: Number(values.rounds),
    ...(values.profile ? { profile: values.profile } : {}),
  });
  for (const note of figures.notes) process.stderr.write(`${note}\n`);
  process.stdout.write(
    values.json ? `${JSON.stringify(figures)}\n` : `${name}: ${JSON.stringify(figures, null, 2)}\n`,
  );
}
process.exit(0);
