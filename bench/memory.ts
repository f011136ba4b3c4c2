/**
 * Whether memory grows with the number of clips: `npx tsx bench/memory.ts [few] [many]`, 100 and 2000 unless given. Runs the detector `random` over so many tiny clips, each another file, and
 * prints the largest resident size of the main process and of any worker.
 */
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { encodeClip } from '../src/media/encode.ts';
import { createRng } from '../src/random.ts';
import { readRecord } from '../src/records/record.ts';

const root = resolve(import.meta.dirname, '..');
const [few, many] = [Number(process.argv[2] ?? 100), Number(process.argv[3] ?? 2000)];
const work = await mkdtemp(join(tmpdir(), 'masque-memory-'));

/** A clip of five frames of 32 pixels with sound. */
async function tinyClip(path: string): Promise<Buffer> {
  const rng = createRng(1, 'tiny clip');
  const frames = Array.from({ length: 5 }, () => ({
    width: 32,
    height: 32,
    data: Uint8Array.from({ length: 3 * 32 * 32 }, () => rng.int(256)),
  }));
  const audio = {
    sampleRate: 16000,
    samples: Float32Array.from({ length: 3200 }, () => rng.uniform(-0.5, 0.5)),
  };
  await encodeClip(path, { frames, fps: 25, width: 32, height: 32, audio });
  return readFile(path);
}

async function peaks(
  clip: Buffer,
  count: number,
): Promise<{ main: number; worker: number; seconds: number }> {
  const data = join(work, `clips-${count}`);
  for (const label of ['real', 'fake']) await mkdir(join(data, label), { recursive: true });
  for (let i = 0; i < count; i++) {
    // A box of the container that nobody reads makes each file another one.
    const box = Buffer.alloc(16, 'free');
    box.writeUInt32BE(16, 0);
    box.writeUInt32BE(i, 12);
    await writeFile(join(data, i % 2 ? 'real' : 'fake', `${i}.mp4`), Buffer.concat([clip, box]));
  }
  const config = join(work, `${count}.yaml`);
  await writeFile(
    config,
    `name: memory\ndataset: { name: folder, path: ${data} }\ndetectors: [{ name: random }]\n`,
  );
  const command = [
    'experiments/masque.mjs',
    'experiment',
    config,
    '--json',
    '--results',
    join(work, 'results'),
  ];
  const { stdout } = await promisify(execFile)(process.execPath, command, { cwd: root, maxBuffer: 1 << 26 });
  const { dir } = JSON.parse(stdout.trim().split('\n').at(-1)!) as { dir: string };
  const { peakMemory, seconds } = await readRecord(resolve(root, dir, 'record.json'));
  return { main: peakMemory.mainBytes / 1e6, worker: peakMemory.workerBytes / 1e6, seconds };
}

try {
  const clip = await tinyClip(join(work, 'clip.mp4'));
  for (const count of [few, many]) {
    const { main, worker, seconds } = await peaks(clip, count);
    process.stdout.write(
      `${count} clips: main ${main.toFixed(0)} MB, largest worker ${worker.toFixed(0)} MB, ${seconds.toFixed(0)} s\n`,
    );
  }
} finally {
  await rm(work, { recursive: true });
}
process.exit(0);
