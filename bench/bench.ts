/**
 * Speed and memory with the peer beside each figure: `npm run -s bench -- [part] [--rounds n] [--json]`. The name of a part is that of its
 * file; without one, all run. A peer that is not installed is skipped aloud.
 */
import { parseArgs } from 'node:util';

/** `profile`: prefix of a file for the profile of the compiled step, where a part has one. */
export type PartOptions = { rounds: number; profile?: string };
export type Part = (
  options: PartOptions,
) => Promise<{ ratios: Record<string, number | undefined>; notes: string[]; [figure: string]: unknown }>;

/** Each is loaded when it is its turn: what the others need would lie in memory, and be walked over by the garbage collector. */
const parts: Record<string, () => Promise<Part>> = {
  custody: async () => (await import('./custody.ts')).custody,
  durable: async () => (await import('./durable.ts')).durable,
  engine: async () => (await import('./engine.ts')).engine,
  listing: async () => (await import('./listing.ts')).listing,
  media: async () => (await import('./media.ts')).media,
  metrics: async () => (await import('./metrics.ts')).metrics,
  presets: async () => (await import('./presets.ts')).presets,
  renderer: async () => (await import('./renderer.ts')).renderer,
  sandbox: async () => (await import('./sandbox.ts')).sandbox,
  scoring: async () => (await import('./scoring.ts')).scoring,
  screening: async () => (await import('./screening.ts')).screening,
  tracking: async () => (await import('./tracking.ts')).tracking,
  workers: async () => (await import('./workers.ts')).workers,
};

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
  const load = parts[name];
  if (!load) {
    process.stderr.write(`bench: there is no part "${name}". Parts: ${Object.keys(parts).join(', ')}\n`);
    process.exit(2);
  }
  const part = await load();
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
