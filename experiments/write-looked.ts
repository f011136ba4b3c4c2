/** What `masque preprocess` leaves: `faces/<clip>/<frame>.png`, `sound/<clip>.npy`, `clips.csv` and `index.html`. */
import { mkdir, readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { ClipCut } from '../src/faces/cut-clip.job.ts';
import { fileName } from '../src/file-name.ts';
import { atomicWrite, linkOrCopy, replaceFolder } from '../src/files.ts';
import type { Failure } from '../src/pipeline/items.ts';
import { formatCsv } from '../src/records/csv.ts';
import { faceSheet, mostShown, type SheetItem } from '../src/reports/face-sheet.ts';
import type { Clip } from '../src/types.ts';

/** A clip with what was cut out of it, and why it is dropped if it is. `dataset`: where the configuration names its data set, as `training.dataset`; ids are apart in one alone. */
export type Looked = { dataset: string; clip: Clip; cut?: ClipCut; dropped?: Failure };

/** Replaces what an earlier run left in the folder once all is written. Throws what `fs` throws; the folder is as it was then. */
export function writeLooked(folder: string, name: string, looked: readonly Looked[]): Promise<void> {
  return replaceFolder(folder, async (fresh) => {
    await mkdir(join(fresh, 'sound'));
    const taken = new Set<string>();
    const rows: Record<string, string>[] = [];
    for (const one of looked) {
      const { clip, cut } = one;
      const own = fileName(clip.id, taken);
      taken.add(own);
      rows.push(rowOf(one, own));
      if (cut?.sound) await linkOrCopy(cut.sound.path, join(fresh, 'sound', `${own}.npy`));
      if (!cut || cut.faces.length === 0) continue;
      await mkdir(join(fresh, 'faces', own), { recursive: true });
      for (const { picture } of cut.faces)
        await linkOrCopy(picture.path, join(fresh, 'faces', own, basename(picture.path)));
    }
    await atomicWrite(
      join(fresh, 'clips.csv'),
      formatCsv([Object.keys(rows[0] ?? {}), ...rows.map((row) => Object.values(row))]),
    );
    await atomicWrite(join(fresh, 'index.html'), faceSheet(name, await itemsOf(looked)));
  });
}

/** With the pictures of those that are shown. */
async function itemsOf(looked: readonly Looked[]): Promise<SheetItem[]> {
  const items: SheetItem[] = [];
  let shown = 0;
  for (const { clip, cut, dropped } of looked) {
    const thumbnail = cut?.thumbnail;
    if (dropped) items.push({ id: clip.id, is: 'dropped', why: `${dropped.code}: ${dropped.cause}` });
    else if (!thumbnail) items.push({ id: clip.id, is: 'sound' });
    else if (shown++ >= mostShown) items.push({ id: clip.id, is: 'face' });
    else items.push({ id: clip.id, is: 'face', jpeg: await readFile(thumbnail.path) });
  }
  return items;
}

/** A line of `clips.csv`; `name` is that of the clip's files. */
function rowOf({ dataset, clip, cut, dropped }: Looked, name: string): Record<string, string> {
  const { id, origin, split, use, labels, media } = clip;
  const { video, audio } = media;
  const seconds = video ? video.frameCount / video.fps : audio ? audio.sampleCount / audio.sampleRate : 0;
  return {
    id,
    name,
    dataset,
    origin,
    split,
    use,
    video: labels.video ?? '',
    audio: labels.audio ?? '',
    pairing: labels.pairing ?? '',
    seconds: seconds.toFixed(2),
    frames: String(video?.frameCount ?? 0),
    unshown: String(video?.unshown ?? 0),
    faces: String(cut?.faces.length ?? 0),
    dropped: dropped?.code ?? '',
    cause: dropped?.cause ?? '',
  };
}
