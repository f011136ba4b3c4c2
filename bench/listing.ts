/**
 * 100,000 clips listed and counted, in a process of its own: seconds by the clock and of the processor, and peak memory, beside what Node and the
 * loader take to start. Empty files beside a valid list in each data set's own layout, on the disk that holds temporary files. The peer is `find`, which
 * looks at the same tree and knows nothing of lists. Best of the rounds.
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { fileURLToPath } from 'node:url';
import type { Part } from './bench.ts';

const clips = 100_000;
/** Files in one folder, where a data set has many. */
const perFolder = 1000;

type Layout = { files: string[]; lists: Record<string, string> };
const folderOf = (i: number): string => `id${String(Math.floor(i / perFolder)).padStart(5, '0')}`;
const numbers = Array.from({ length: clips }, (_, i) => i);

const layouts: Record<string, () => Layout> = {
  folder: () => ({
    files: numbers.map((i) => `${i % 2 === 0 ? 'real' : 'fake'}/${folderOf(i)}/${i}.mp4`),
    lists: {},
  }),
  asvspoof: () => {
    const protocol = (own: number[]): string =>
      own.map((i) => `LA_${i % 50} ${i} - ${i % 10 === 0 ? '- bonafide' : 'A07 spoof'}\n`).join('');
    return {
      files: numbers.map((i) => `ASVspoof2019_LA_eval/flac/${i}.flac`),
      lists: { 'ASVspoof2019_LA_cm_protocols/ASVspoof2019.LA.cm.eval.trl.txt': protocol(numbers) },
    };
  },
  'av-deepfake1m': () => {
    const types = ['real', 'visual_modified', 'audio_modified', 'both_modified'];
    const names = ['real', 'fake_video_real_audio', 'real_video_fake_audio', 'fake_video_fake_audio'];
    const fileOf = (i: number): string => `${folderOf(i)}/${Math.floor(i / 4)}/${names[i % 4]}.mp4`;
    const list = numbers.map((i) => ({
      file: fileOf(i),
      original: null,
      split: 'train',
      modify_type: types[i % 4],
      audio_model: 'vits',
      fake_segments: i % 4 === 0 ? [] : [[1.2, 1.9]],
      audio_fake_segments: [],
      visual_fake_segments: [],
      video_frames: 200,
      audio_frames: 128_000,
    }));
    return {
      files: numbers.map((i) => `train/${fileOf(i)}`),
      lists: { 'train_metadata.json': JSON.stringify(list) },
    };
  },
};
const options: Record<string, object> = {
  folder: {},
  asvspoof: { splits: ['test'] },
  'av-deepfake1m': { splits: ['train'] },
};

type Listed = {
  clips: number;
  seconds: number;
  processorSeconds: number;
  peakBytes: number;
  startBytes: number;
};

export const listing: Part = async ({ rounds }) => {
  const found: Record<string, Listed & { wallSeconds: number; findSeconds: number }> = {};
  for (const [name, layout] of Object.entries(layouts)) {
    const root = mkdtempSync(join(tmpdir(), 'masque-listing-'));
    try {
      write(root, layout());
      for (let round = 0; round < rounds; round++) {
        const find = timed('find', [root, '-type', 'f', '-name', '*.*']);
        const child = [
          '--import',
          'tsx',
          fileURLToPath(import.meta.url),
          name,
          root,
          JSON.stringify(options[name]),
        ];
        const own = timed(process.execPath, child);
        const listed = JSON.parse(own.stdout) as Listed;
        if (listed.clips !== clips) throw new Error(`${name}: ${listed.clips} of ${clips} clips were listed`);
        const before = found[name];
        if (!before || own.seconds < before.wallSeconds)
          found[name] = { ...listed, wallSeconds: own.seconds, findSeconds: find.seconds };
      }
    } finally {
      rmSync(root, { recursive: true });
    }
  }
  const ratios = Object.fromEntries(
    Object.entries(found).map(([name, { seconds, findSeconds }]) => [`${name}VsFind`, seconds / findSeconds]),
  );
  return { ratios, found, notes: [`${clips} empty files in ${tmpdir()}; best of ${rounds} rounds`] };
};

function write(root: string, { files, lists }: Layout): void {
  const made = new Set<string>();
  const put = (place: string, content: string): void => {
    const path = join(root, place);
    if (!made.has(dirname(path))) mkdirSync(dirname(path), { recursive: true });
    made.add(dirname(path));
    writeFileSync(path, content);
  };
  for (const file of files) put(file, '');
  for (const [place, content] of Object.entries(lists)) put(place, content);
}

function timed(program: string, args: string[]): { seconds: number; stdout: string } {
  const started = performance.now();
  const { status, stdout, stderr, error } = spawnSync(program, args, {
    encoding: 'utf8',
    maxBuffer: 1 << 27,
  });
  if (status !== 0) throw new Error(`${program}: ${error?.message ?? stderr}`);
  return { seconds: (performance.now() - started) / 1000, stdout };
}

/** In the child: one data set, listed and counted as `masque datasets` does. */
async function listOne(name: string, path: string, chosen: object): Promise<Listed> {
  const { catalog } = await import('../experiments/catalog.ts');
  const { countListed } = await import('../src/listed/count.ts');
  const { createRng } = await import('../src/random.ts');
  const startBytes = process.resourceUsage().maxRSS * 1024;
  const [started, busy] = [performance.now(), process.cpuUsage()];
  const dataset = catalog.datasets[name]!;
  const context = { rng: (...scope: (string | number)[]) => createRng(1, ...scope) };
  const counts = await countListed(
    (await dataset.list!(dataset.options.parse({ ...chosen, path }), context)).clips(),
  );
  const { user, system } = process.cpuUsage(busy);
  return {
    processorSeconds: (user + system) / 1e6,
    clips: counts.reduce((sum, count) => sum + count.clips, 0),
    seconds: (performance.now() - started) / 1000,
    peakBytes: process.resourceUsage().maxRSS * 1024,
    startBytes,
  };
}

const [, script, name, root, chosen] = process.argv;
if (script === fileURLToPath(import.meta.url))
  process.stdout.write(`${JSON.stringify(await listOne(name!, root!, JSON.parse(chosen!) as object))}\n`);
