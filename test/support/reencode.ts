/** Encodes the clip it is given anew, by one ffmpeg that reads and writes files: `reencode.ts <from> <to>`. */
import { probe } from '../../src/media/probe.ts';
import { reencodeClip } from '../../src/media/reencode.ts';

const [, , from, to] = process.argv as [string, string, string, string];
const media = await probe(from);
process.stdout.write('begins\n');
await reencodeClip(to, media);
