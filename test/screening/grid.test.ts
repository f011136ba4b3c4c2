/** What was tested on rendered heads says nothing about recorded people: neither of a clip, nor of a photo or the sound taken from it. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { talkingHeads } from '../../datasets/talking-heads/index.ts';
import { sha256OfFile } from '../../src/files.ts';
import { probe } from '../../src/media/probe.ts';
import { publishClip } from '../../src/pipeline/publish.job.ts';
import { personOf } from '../../src/pairs.ts';
import { createPool } from '../../src/queue/pool.ts';
import type { BundleContent, KindRule } from '../../src/screening/bundle.ts';
import { deriveFiles } from '../../src/screening/derive.job.ts';
import { domainOf, type Sample } from '../../src/screening/calibrate.ts';
import { type Examined, examineFile } from '../../src/screening/examine.job.ts';
import { judge } from '../../src/screening/judge.ts';
import type { FileRef, Media, Split } from '../../src/types.ts';
import { gridClips } from '../support/grid.ts';
import { contextOver } from '../support/queue.ts';

const folder = mkdtempSync(join(tmpdir(), 'masque-grid-'));
const pool = createPool(2);
const context = contextOver(pool);
afterAll(async () => {
  await pool.close();
  rmSync(folder, { recursive: true, force: true });
});

const options = {
  identities: { train: 6, validation: 12, test: 3 },
  clipsPerIdentity: 1,
  fitClips: 0,
  framesPerClip: 38,
  extraVoices: 0,
};
const none = { tested: 0, manipulated: 0, suspicious: 0, notJudged: 0 };
const rate = { stated: 0, upper: 1, identities: 1, above: 0 };
/** Of everything that is judged at all, signs are found. */
const anything: KindRule = {
  members: [{ label: 'any', mean: 0, deviation: 1 }],
  manipulated: { value: -1, rate },
  suspicious: { value: -2, rate },
  genuine: [],
  real: { ...none, people: none },
  fakes: [],
};

/** The clip, and the photo and the sound taken from it, as they would come in. */
async function threeKinds(media: Media): Promise<Examined[]> {
  const { photo, sound } = await context.run(deriveFiles, { media });
  const files: FileRef[] = [media, photo!, sound!].map(({ path, sha256 }) => ({ path, sha256 }));
  return Promise.all(files.map((file) => context.run(examineFile, { file, members: [] })));
}

const statusOf = (content: BundleContent, examined: Examined): string =>
  judge({ id: 'test', content }, { ...examined, said: [{ label: 'any', score: 0 }] }).status;

let content: BundleContent;
const rendered: Record<Split, Sample[]> = { train: [], validation: [], test: [] };
beforeAll(async () => {
  const chosen = talkingHeads.options.parse(options);
  const underWay: Promise<[Split, Sample[]]>[] = [];
  for await (const clip of talkingHeads.clips(chosen, context))
    underWay.push(
      context
        .run(publishClip, { clip })
        .then(threeKinds)
        .then((found) => [
          clip.split,
          found.map((examined) => ({ kind: examined.kind, person: personOf(clip), examined })),
        ]),
    );
  // Who fits the domain and who draws its border goes by their order.
  for (const [split, samples] of await Promise.all(underWay)) rendered[split].push(...samples);
  content = {
    kinds: { clip: anything, photo: anything, sound: anything },
    domain: Object.fromEntries(
      (['clip', 'photo', 'sound'] as const).map((kind) => [
        kind,
        domainOf(kind, rendered.train, rendered.validation),
      ]),
    ),
  } as unknown as BundleContent;
}, 600_000);

test('of a recorded person every answer is NOT_APPLICABLE, without a score', async (own) => {
  for (const path of await gridClips(() => own.skip())) {
    const media = { ...(await probe(path)), sha256: await sha256OfFile(path) };
    const kinds = await threeKinds(media);
    expect(kinds.map((examined) => [examined.kind, statusOf(content, examined)])).toEqual([
      ['clip', 'NOT_APPLICABLE'],
      ['photo', 'NOT_APPLICABLE'],
      ['sound', 'NOT_APPLICABLE'],
    ]);
  }
});

test('other rendered people are judged', () => {
  const judged = rendered.test.filter(({ examined }) => statusOf(content, examined) === 'MANIPULATED');
  expect(judged.length).toBeGreaterThanOrEqual(0.75 * rendered.test.length);
});
