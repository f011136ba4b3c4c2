/** Draws the pictures to look at: what was learned from beside portraits at random, and walks from left to right. */
import { join } from 'node:path';
import { portraitsOf } from '../../src/faces/portrait.ts';
import { personOf } from '../../src/pairs.ts';
import { defineJob } from '../../src/pipeline/job.ts';
import { createRng } from '../../src/random.ts';
import type { Clip, FileRef, Frame, Work } from '../../src/types.ts';
import type { GanNet } from './options.ts';
import { bestWalk, openPainter } from './painter.ts';
import { circleWalk } from './walk.ts';

/** `footage`: what the generator learned from. `walks`: clips of so many frames, whose walks are shown. */
type Input = {
  footage: Clip[];
  walks: { id: string; frameCount: number }[];
  generator: FileRef;
  net: GanNet;
  seed: number;
};

const columns = 12;
const portraitRows = 5;
const frameStride = 20;
/** Portraits are shown twice as large as they are drawn. */
const enlarged = 2;

export const drawSheets = defineJob<Input, { portraits: FileRef; walks: FileRef }>({
  name: 'gan-sheets',
  module: import.meta.url,
  threads: 1,
  run,
});

async function run({ footage, walks, generator, net, seed }: Input, work: Work) {
  const { montage, resizeFrame, writeJpeg } = await import('../../src/media/images.ts');
  const write = async (name: string, cells: Frame[]): Promise<FileRef> => {
    const sheet = montage(cells, columns);
    const large = await resizeFrame(sheet, enlarged * sheet.width, enlarged * sheet.height);
    await writeJpeg(join(work.folder, name), large, 90);
    return work.keep(name);
  };
  const rng = createRng(seed, 'gan', 'sheet');
  const portraits = await learned(footage, net.sizePx);
  const shown: Frame[] = [];
  const painter = await openPainter(generator);
  try {
    while (portraits.length < columns * (1 + portraitRows)) {
      const [latent] = await bestWalk(painter, () => circleWalk(net.latent, 1, rng));
      portraits.push(await painter.paint(latent!));
    }
    for (const { id, frameCount } of walks) {
      const own = createRng(seed, 'gan', 'walk', id);
      const walk = await bestWalk(painter, () => circleWalk(net.latent, frameCount, own));
      for (let i = 0; i < columns; i++)
        shown.push(await painter.paint(walk[Math.floor((i * frameCount) / columns)]!));
    }
  } finally {
    painter.close();
  }
  return { portraits: await write('portraits.jpg', portraits), walks: await write('walks.jpg', shown) };
}

/** A row of what was learned from, person by person in turn. */
async function learned(footage: readonly Clip[], sizePx: number): Promise<Frame[]> {
  const people = new Map<string, Frame[]>();
  const first = [...new Map(footage.map((clip) => [personOf(clip), clip])).values()].slice(0, columns);
  for await (const { clip, portrait } of portraitsOf(first, sizePx, frameStride)) {
    const own = people.get(personOf(clip)) ?? [];
    people.set(personOf(clip), [...own, portrait]);
  }
  const inTurn = Array.from({ length: columns }, (_, i) =>
    [...people.values()].map((own) => own[i % own.length]!),
  );
  return inTurn.flat().slice(0, columns);
}
