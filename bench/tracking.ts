/**
 * Frames per second of finding the face in video on two cores: decode, follow, 468 points, smooth and align, in two worker processes of one thread,
 * beside the library whose networks these are (`@vladmandic/human`, its build for Node on WebAssembly, which has one thread there): decode, detect in
 * every frame, 468 points; and decode, follow, 468 points. Neither aligns or smooths. Frames per second of a processor compare the work itself. All
 * read the same recordings (GRID, 360×288). Medians of interleaved rounds.
 */
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { availableParallelism, loadavg, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { performance } from 'node:perf_hooks';
import { convertFaceNetworksJob } from '../src/faces/convert-networks.job.ts';
import { createPool } from '../src/queue/pool.ts';
import type { Part } from './bench.ts';
import { median } from './median.ts';
import { trackWithHuman, trackWithMasque, type Tracked } from './tracking.job.ts';

const recordings = resolve(import.meta.dirname, '../../shared/data/grid');

export const tracking: Part = async ({ rounds }) => {
  const names = (await readdir(recordings).catch(() => [])).filter((name) => name.endsWith('.mpg'));
  if (names.length === 0) return { ratios: {}, notes: [`skipped: tracking: no recordings in ${recordings}`] };
  const clips = names.map((name) => join(recordings, name));
  const folder = await mkdtemp(join(tmpdir(), 'masque-bench-'));
  const notes = [`load average at the start: ${loadavg()[0]!.toFixed(1)}; ${availableParallelism()} cores`];
  // Each has a pool of its own: what the one loads is not in the other's way.
  const [ours, detecting, following] = [createPool(2), createPool(1), createPool(1)];
  try {
    const { output: model } = await ours.run(convertFaceNetworksJob, {}, folder);
    const tasks: Record<string, (clip: string) => Promise<{ output: Tracked }>> = {
      masque: (clip) => ours.run(trackWithMasque, { clip, networks: model.files }, folder),
      human: (clip) => detecting.run(trackWithHuman, { clip, follows: false }, folder),
      'human following': (clip) => following.run(trackWithHuman, { clip, follows: true }, folder),
    };
    const rates = Object.fromEntries(
      Object.keys(tasks).map((name) => [name, { clock: [] as number[], processor: [] as number[] }]),
    );
    const found: Record<string, string> = {};
    for (let round = 0; round <= rounds; round++)
      for (const [name, task] of Object.entries(tasks)) {
        const start = performance.now();
        const tracked = (await Promise.all(clips.map(task))).map(({ output }) => output);
        const sum = (pick: (one: Tracked) => number): number =>
          tracked.reduce((total, one) => total + pick(one), 0);
        found[name] = `${sum((one) => one.found)} of ${sum((one) => one.frames)}`;
        // The first round warms up.
        if (round === 0) continue;
        rates[name]!.clock.push((1000 * sum((one) => one.frames)) / (performance.now() - start));
        rates[name]!.processor.push(sum((one) => one.frames) / sum((one) => one.processor));
      }
    notes.push(`load average at the end: ${loadavg()[0]!.toFixed(1)}; rounds: ${rounds}`);
    const medians = (which: 'clock' | 'processor'): Record<string, number> =>
      Object.fromEntries(Object.entries(rates).map(([name, rate]) => [name, median(rate[which])]));
    const [framesPerSecond, framesPerProcessorSecond] = [medians('clock'), medians('processor')];
    return {
      ratios: {
        trackingVsHuman: framesPerSecond['masque']! / framesPerSecond['human']!,
        trackingVsFollowingHuman: framesPerSecond['masque']! / framesPerSecond['human following']!,
        processorTrackingVsHuman: framesPerProcessorSecond['masque']! / framesPerProcessorSecond['human']!,
        processorTrackingVsFollowingHuman:
          framesPerProcessorSecond['masque']! / framesPerProcessorSecond['human following']!,
      },
      framesPerSecond,
      // Without the decoder, which is a process of its own.
      framesPerProcessorSecond,
      framesWithFace: found,
      notes,
    };
  } finally {
    for (const pool of [ours, detecting, following]) await pool.close();
    await rm(folder, { recursive: true, force: true });
  }
};
