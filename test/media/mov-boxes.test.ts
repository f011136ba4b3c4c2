/** Boxes of MP4 and MOV that damage hides, and those that people put there themselves. */
import { readFile, writeFile } from 'node:fs/promises';
import { beforeEach, expect, test } from 'vitest';
import { movDamage } from '../../src/media/mov-boxes.ts';
import { probe } from '../../src/media/probe.ts';
import { unshownRemark } from '../../src/reports/unshown.ts';
import { ffmpeg, withQuickFfmpeg, workFolder } from './tools.ts';

withQuickFfmpeg('boxes', () => {
  const at = workFolder();
  const kinds: [string, string[]][] = [
    ['whole.mp4', ['-movflags', '+faststart']],
    ['whole.mov', []],
    ['fragmented.mp4', ['-movflags', '+frag_keyframe+empty_moov']],
  ];
  beforeEach(async () => {
    const picture = ['-f', 'lavfi', '-i', 'testsrc=s=64x48:r=25:d=2'];
    const codec = ['-pix_fmt', 'yuv420p', '-c:v', 'libx264', '-g', '12'];
    for (const [name, flags] of kinds) await ffmpeg(...picture, ...codec, ...flags, at(name));
  });

  test.each(kinds)('%s: each flipped bit of a name that is needed is seen', async (name) => {
    const bytes = await readFile(at(name));
    const named = async (place: number, bit: number): Promise<boolean> => {
      const changed = Buffer.from(bytes);
      changed[place]! ^= 1 << bit;
      await writeFile(at(`flipped-${name}`), changed);
      if (await movDamage(at(`flipped-${name}`))) return true;
      // One bit makes "moov" "moof": ffmpeg finds no film then. One makes "stts" "ctts": of a film in fragments both are empty.
      return probe(at(`flipped-${name}`)).then(
        ({ video }) => video?.frameCount === 50,
        () => true,
      );
    };
    expect(await movDamage(at(name))).toBeUndefined();
    let names = 0;
    for (const needed of ['moov', 'trak', 'mdia', 'minf', 'stbl', 'stsd', 'stts', 'moof', 'traf', 'trun']) {
      const place = bytes.indexOf(needed, 0, 'latin1');
      if (place < 0) continue;
      names++;
      for (let bit = 0; bit < 32; bit++)
        expect(await named(place + (bit >> 3), bit & 7), `${needed}, bit ${bit}`).toBe(true);
    }
    expect(names).toBeGreaterThanOrEqual(7);
  });

  test('a box that reaches beyond the one it lies in is seen', async () => {
    const bytes = await readFile(at('whole.mov'));
    bytes[bytes.indexOf('edts', 0, 'latin1') - 4]! ^= 0x20;
    await writeFile(at('large.mov'), bytes);
    expect(await movDamage(at('large.mov'))).toMatch(/"edts" at byte \d+ is larger/);
    await expect(probe(at('large.mov'))).rejects.toThrow(/damaged/);
  });

  test('boxes of makers of cameras are no damage', async () => {
    const own = ['beam', 'uuid', 'XMP_', 'mkrn', 'tima', 'pano', '©xyz', 'CNTH', 'MMVI'];
    const boxes = own.map((name) =>
      Buffer.concat([Buffer.from([0, 0, 0, 32]), Buffer.from(name, 'latin1'), Buffer.alloc(24)]),
    );
    await writeFile(
      at('more.mp4'),
      Buffer.concat([await readFile(at('whole.mp4')), ...boxes, Buffer.alloc(6)]),
    );
    expect(await movDamage(at('more.mp4'))).toBeUndefined();
    expect((await probe(at('more.mp4'))).video?.frameCount).toBe(50);
  });

  test('a film that is cut by a list says how much of it is not shown', async () => {
    await ffmpeg('-ss', '0.7', '-i', at('whole.mp4'), '-c', 'copy', at('cut.mp4'));
    const [whole, cut] = [await probe(at('whole.mp4')), await probe(at('cut.mp4'))];
    expect(whole.video).not.toHaveProperty('unshown');
    expect(cut.video!.unshown).toBeGreaterThan(0);
    // It holds what stands behind the key frame at 0.48 s.
    expect(cut.video!.frameCount + cut.video!.unshown!).toBe(38);
    const remark = unshownRemark([
      { id: 'whole', media: whole },
      { id: 'cut', media: cut },
    ]);
    expect(remark).toEqual([expect.stringContaining(`cut (${cut.video!.frameCount} of 38)`) as string]);
  });
});
