/** What puppets of recordings do otherwise than those of rendered people: how they hear, how long their targets are, how they are judged. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { requireTeachers } from '../../generators/puppetry/hearing.ts';
import { judgeOpenings } from '../../generators/puppetry/openings.job.ts';
import { puppetryOptions, settingsOf } from '../../generators/puppetry/options.ts';
import { closeEars, listen, openEars } from '../../generators/puppetry/puppet.ts';
import { soundWidth } from '../../generators/puppetry/speech-features.ts';
import { fitSoundMap } from '../../generators/puppetry/sound-map.ts';
import { applyPersonMap } from '../../generators/puppetry/speech-models.ts';
import { requireLength, targetLengths } from '../../generators/puppetry/target-length.ts';
import { eyes, lips } from '../../src/faces/mesh-topology.ts';
import { meshPointCount, writeMeshTrack } from '../../src/faces/mesh-track.ts';
import { createRng } from '../../src/random.ts';
import type { Clip, FileRef } from '../../src/types.ts';
import { directContext } from '../support/context.ts';

let root: string;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'masque-recorded-'));
});
afterAll(() => rm(root, { recursive: true, force: true }));

const audioOf = (given: object) => settingsOf(puppetryOptions.parse(given)).audio;
const track = { path: 'x.track', sha256: 'x' };

function clip(person: string, frameCount: number, more: Partial<Clip> = {}): Clip {
  return {
    id: `${person}-${frameCount}`,
    sources: [person],
    labels: { video: 'real' },
    origin: 'test',
    split: 'test',
    licence: 'CC0-1.0',
    media: {
      path: 'x.mp4',
      sha256: 'x',
      video: { fps: 25, width: 360, height: 288, frameCount },
      audio: { sampleRate: 16000, sampleCount: 640 * frameCount },
    },
    use: 'fit',
    track,
    ...more,
  };
}

test('a target needs 2.5 s in all at cpu, and one of less than a minute is marked', () => {
  const clips = [
    clip('short', 40),
    clip('short', 22, { use: 'score' }),
    clip('enough', 40),
    clip('enough', 23, { use: 'score' }),
    clip('long', 1500),
  ];
  const lengths = targetLengths(clips, 'cpu');
  expect(lengths).toEqual({ refused: { short: 2.48 }, shortTarget: { enough: 2.52 } });
  expect(() => requireLength(clips[0]!, lengths, 'cpu')).toThrow(
    /^short-40: 2\.48 s of "short" are filmed in all, and a puppet at cpu needs 2\.5 s/,
  );
  expect(() => requireLength(clips[2]!, lengths, 'cpu')).not.toThrow();
  expect(targetLengths(clips, 'smoke').refused).toEqual({});
});

test('where phones are known somebody who may teach must say them; where none are, options of the networks are refused', () => {
  const phones = [{ phone: 'aa', start: 0, end: 1 }];
  expect(() => requireTeachers([clip('a', 50)], audioOf({}))).not.toThrow();
  expect(() => requireTeachers([clip('a', 50, { phones })], audioOf({}))).toThrow(/split train, use fit/);
  expect(() => requireTeachers([clip('a', 50, { phones, split: 'train' })], audioOf({}))).not.toThrow();
  expect(() => requireTeachers([clip('a', 50)], audioOf({ audio: { filter: 'none' } }))).toThrow(
    /audio\.filter: none changes nothing/,
  );
});

test('without networks a sound is heard in windows of its bands, and a map of these is fitted', async () => {
  const rng = createRng(1, 'sound');
  const frameCount = 40;
  const loud = Array.from({ length: frameCount }, (_, t) => 0.55 + 0.45 * Math.sin(t / 3));
  const samples = Float32Array.from(
    { length: frameCount * 640 },
    (_, n) => 0.2 * loud[Math.floor(n / 640)]! * rng.normal(),
  );
  const ears = await openEars({}, 'phones');
  const heard = await listen(ears, { sampleRate: 16000, samples }, { fps: 25, frameCount });
  closeEars(ears);
  expect(heard.length).toBe(frameCount * soundWidth);
  const shown = Float32Array.from({ length: frameCount * 2 }, (_, i) =>
    i % 2 === 0 ? loud[i >> 1]! - 0.55 : 0,
  );
  const map = fitSoundMap(heard, shown);
  const again = applyPersonMap(map, heard);
  let [product, a, b] = [0, 0, 0];
  for (let t = 0; t < frameCount; t++) {
    product += again[2 * t]! * shown[2 * t]!;
    a += again[2 * t]! ** 2;
    b += shown[2 * t]! ** 2;
  }
  expect(product / Math.sqrt(a * b)).toBeGreaterThan(0.9);
  expect(a / b).toBeCloseTo(1, 1);
  expect(again.every((value, i) => i % 2 === 0 || Math.abs(value) < 1e-6)).toBe(true);
});

/** A face whose lips are `opening` apart and whose eyes' outer corners are 100 px. */
async function meshOf(name: string, openings: readonly (number | undefined)[], fps = 25): Promise<FileRef> {
  const frames = openings.map((opening) => {
    if (opening === undefined) return null;
    const points = new Float32Array(meshPointCount * 3);
    points[eyes.right[8] * 3] = 100;
    points[lips.inner[15] * 3 + 1] = opening;
    return points;
  });
  const path = join(root, name);
  await writeMeshTrack(path, {
    fps,
    width: 360,
    height: 288,
    frames,
    found: frames.length,
    bridged: 0,
    faces: 1,
  });
  return { path, sha256: name };
}

const wave = (count: number, period: number, size = 1): number[] =>
  Array.from({ length: count }, (_, t) => size * (6 + 5 * Math.sin(t / period)));

test('a mouth that does what its driver’s does correlates with it and not with the target’s', async () => {
  const driver = await meshOf('driver', wave(40, 2));
  const target = await meshOf('target', wave(40, 5));
  const fake = await meshOf('fake', [...wave(30, 2, 0.5), ...Array.from({ length: 10 }, () => undefined)]);
  const half = await meshOf('half', [...wave(20, 5), ...wave(40, 2).slice(20)]);
  const { figures, byPerson } = await directContext(root).run(judgeOpenings, {
    puppets: [
      { person: 'a', fake, driver, target },
      { person: 'b', fake, driver, target },
      { person: 'b', fake: half, driver, target, spans: [{ start: 0.8, end: 1.6 }] },
      { person: 'c', fake, driver, target },
    ],
    seed: 1,
  });
  expect(figures['openingCorrelation/driver']!.value).toBeCloseTo(1, 5);
  expect(Math.abs(figures['openingCorrelation/target']!.value!)).toBeLessThan(0.5);
  const [puppet, meant] = ['puppet', 'driver'].map((who) => byPerson[`openingSpread/${who}`]!['a']!);
  expect(puppet! / meant!).toBeCloseTo(0.5, 5);
  expect(meant).toBeCloseTo(0.05 / Math.SQRT2, 2);
});

test('of faces that are hardly seen nothing is said', async () => {
  const known = await meshOf('known', wave(40, 2));
  const lost = await meshOf('lost', [1, 2, 3, ...Array.from({ length: 37 }, () => undefined)]);
  const puppets = [{ person: 'a', fake: lost, driver: known, target: known }];
  const { figures } = await directContext(root).run(judgeOpenings, { puppets, seed: 1 });
  expect(figures['openingCorrelation/driver']).toEqual({
    value: null,
    reason: 'only 3 frames show both faces, 10 are needed',
  });
});
