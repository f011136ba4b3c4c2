/** From plain recordings to puppets of them, at smoke: two of the eight GRID clips. */
import { mkdtemp, rm, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { folder } from '../../datasets/folder/index.ts';
import { faceSwap } from '../../generators/face-swap/index.ts';
import { puppetry } from '../../generators/puppetry/index.ts';
import { convertFaceNetworksJob } from '../../src/faces/convert-networks.job.ts';
import { landmarks51 } from '../../src/faces/mesh-topology.ts';
import { readMeshTrack } from '../../src/faces/mesh-track.ts';
import { trackMeshJob } from '../../src/faces/track-mesh.job.ts';
import { landmarksOf, readTrack } from '../../src/head/track.ts';
import { probe } from '../../src/media/probe.ts';
import { provenancePath } from '../../src/media/provenance.ts';
import type { Clip, Context, Generator, Job } from '../../src/types.ts';
import { directContext } from '../support/context.ts';
import { all } from '../media/tools.ts';
import { gridFolder, hasGrid } from '../support/grid.ts';

let root: string | undefined;
afterAll(() => (root ? rm(root, { recursive: true, force: true }) : undefined));

/** Runs each job once for the same input. */
function once(context: Context): Context {
  const done = new Map<string, Promise<unknown>>();
  return {
    ...context,
    run<I, O>(job: Job<I, O>, input: I): Promise<O> {
      const key = `${job.name} ${JSON.stringify(input)}`;
      if (!done.has(key)) done.set(key, context.run(job, input));
      return done.get(key) as Promise<O>;
    },
  };
}

test.skipIf(!hasGrid('puppets of recordings'))(
  'plain recordings become tracks, puppets that speak and swaps',
  async () => {
    root = await mkdtemp(join(tmpdir(), 'masque-grid-'));
    const context = once(directContext(root));
    const csv = join(root, 'two.csv');
    await writeFile(csv, 'file,identity,label\nlwbsza.mpg,a,real\nsbia1a.mpg,b,real\n');
    const chosen = { path: gridFolder, csv, licence: 'CC-BY-4.0', fitShare: 0.65, faces: true };
    const clips: Clip[] = await all(folder.clips(folder.options.parse(chosen), context));
    expect(clips.map(({ id, use, seen }) => [id, use, seen])).toEqual([
      ['lwbsza.mpg#fit', 'fit', { found: 49, bridged: 0, faces: 1 }],
      ['lwbsza.mpg#rest', 'score', { found: 26, bridged: 0, faces: 1 }],
      ['sbia1a.mpg#fit', 'fit', { found: 49, bridged: 0, faces: 1 }],
      ['sbia1a.mpg#rest', 'score', { found: 26, bridged: 0, faces: 1 }],
    ]);
    const { files: networks } = await context.run(convertFaceNetworksJob, {});
    for (const { media, track } of clips) {
      const mesh = await readMeshTrack((await context.run(trackMeshJob, { media, networks })).track.path);
      const fitted = await readTrack(track!.path);
      let squares = 0;
      for (const [t, points] of mesh.frames.entries())
        landmarksOf(fitted, t).forEach((value, i) => {
          squares += (value - points![landmarks51[i >> 1]! * 3 + (i & 1)]!) ** 2;
        });
      expect(Math.sqrt(squares / (51 * mesh.frames.length))).toBeLessThan(2);
    }
    for (const generator of [puppetry, faceSwap] as Generator[]) {
      const options = generator.options.parse({ preset: 'smoke' });
      const model = await generator.train!(clips, options, context);
      const plans = generator.plan(clips, options, context);
      expect(plans).toHaveLength(2);
      for (const plan of plans) {
        const { path } = await generator.make(plan, model, options, context);
        const { video, audio } = await probe(path);
        expect(video).toMatchObject({ frameCount: 26, width: 360, height: 288 });
        expect(audio!.sampleCount / audio!.sampleRate).toBeCloseTo(26 / 25, 1);
        if (generator.name !== 'puppetry') continue;
        const { options: told } = JSON.parse(await readFile(provenancePath(path), 'utf8'));
        expect(told.audio.input).toBe(model.info['hears']);
      }
      if (generator.name !== 'puppetry') continue;
      expect(Object.keys(model.files).toSorted()).toEqual(['maps', 'renderer', 'textures']);
      expect(model.info).toMatchObject({
        shortTarget: { a: 3, b: 3 },
        hears: expect.stringContaining('mel bands'),
      });
      const { figures } = await generator.evaluate!(clips, model, options, context);
      expect(figures['openingCorrelation/driver']!.value).toEqual(expect.any(Number));
    }
  },
  300_000,
);
