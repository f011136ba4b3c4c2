/** Judges one person as the target on their scored clips, of which nothing was fitted. */
import { join } from 'node:path';
import { mapPoints } from '../../src/faces/align.ts';
import { cropFace } from '../../src/faces/crop.ts';
import { readTrack } from '../../src/head/track.ts';
import { type Box, psnr, ssim, unrest } from '../../src/metrics/image.ts';
import { numbered } from '../../src/media/sample-frames.ts';
import { personOf } from '../../src/pairs.ts';
import { defineJob } from '../../src/pipeline/job.ts';
import type { Clip, FileRef, Frame, Work } from '../../src/types.ts';
import { firstFrame, looksOf, meanCrop } from './filmed.ts';
import { layIn } from './lay-in.ts';
import { type FaceSwapOptions, settingsOf } from './options.ts';
import { placesOf } from './place.ts';
import { fitIdentity, fitLandmarks, lookerOf, meanLandmarks } from './reader.ts';
import { openSwapper, type Swapper, type SwapFiles } from './swapper.ts';

/** Clips of both people with a track: `fit` ones of both, scored ones of both. */
type Input = { target: string; source: string; clips: Clip[]; files: SwapFiles; options: FaceSwapOptions };

/** One number per judged frame, of those where it is defined; see `summary.job.ts`. */
export type Judged = Record<
  | 'psnrDb'
  | 'psnrDbMean'
  | 'ssim'
  | 'ssimMean'
  | 'identity'
  | 'identityTarget'
  | 'identitySource'
  | 'landmarkPx'
  | 'landmarkPxMean'
  | 'landmarkPxFilmed'
  | 'flicker',
  number[]
>;
/** No sheet where no frame was judged. */
export type SwapQuality = { person: string; judged: Judged; sheet?: FileRef };

export const judgeSwap = defineJob<Input, SwapQuality>({
  name: 'face-swap-judge',
  module: import.meta.url,
  threads: 1,
  run,
});

/** Every how many frames one is judged, with its two neighbours for the flicker: nothing of photos and shorter films. */
const judgedStride = 12;
/** Clips on the sheet, each at the last moment that is judged. */
const sheetRows = 4;

async function run({ target, source, clips, files, options }: Input, work: Work): Promise<SwapQuality> {
  const { montage, writeJpeg } = await import('../../src/media/images.ts');
  const { decodeFrames } = await import('../../src/media/decode.ts');
  const { sizePx } = settingsOf(options).net;
  const of = (person: string, use: Clip['use']): Clip[] =>
    clips.filter((clip) => personOf(clip) === person && clip.use === use);
  const taught = { target: await looksOf(of(target, 'fit')), source: await looksOf(of(source, 'fit')) };
  const identity = fitIdentity(taught.target, taught.source);
  const readSource = fitLandmarks(taught.source);
  const usual = { target: meanLandmarks(taught.target), source: meanLandmarks(taught.source) };
  const unmoved = new Float64Array(usual.target.length);
  const meanFace = await meanCrop(of(target, 'fit'), sizePx);
  const judged = emptyJudged();
  const held = await looksOf(of(source, 'score'));
  for (const { crop, landmarks } of held) {
    judged.identitySource.push(identity(crop));
    judged.landmarkPxFilmed.push(distance(readSource(crop), landmarks, usual.source));
  }
  const cells: Frame[] = [];
  const face = await firstFrame(of(source, 'score')[0]!);
  const opened: Swapper[] = [];
  try {
    for (const drawn of [target, source]) opened.push(await openSwapper(files, target, drawn));
    const [own, swapper] = opened as [Swapper, Swapper];
    for (const clip of of(target, 'score')) {
      const track = await readTrack(clip.track!.path);
      const [places, look] = [placesOf(track, sizePx, options.region), lookerOf(track)];
      const swap = async (frame: Frame, t: number): Promise<Frame> => {
        const place = places(t);
        const crop = cropFace(frame, place.toCrop, sizePx);
        return layIn(frame, crop, await swapper.draw(crop), place, options.blend);
      };
      let recent: Frame[] = [];
      let row: Frame[] = [];
      const frames = decodeFrames(clip.media.path, { frameCount: track.frames.length });
      for await (const [t, frame] of numbered(frames)) {
        recent = [...recent.slice(-2), frame];
        if (t % judgedStride !== judgedStride - 1) continue;
        const swapped: Frame[] = [];
        for (const [i, filmed] of recent.entries()) swapped.push(await swap(filmed, t - 2 + i));
        const [filmed, made, place] = [recent[1]!, swapped[1]!, places(t - 1)];
        const crop = cropFace(filmed, place.toCrop, sizePx);
        const box = boxAround(mapPoints(place.toCrop, place.exchanged), crop);
        const again = (await own.draw(crop)).face;
        for (const [name, measure] of [
          ['psnrDb', psnr],
          ['ssim', ssim],
        ] as const) {
          const [drawn, mean] = box ? [measure(crop, again, box), measure(crop, meanFace, box)] : [];
          // Both or neither, since they are compared: a mouth may be smaller than what SSIM looks through.
          if (typeof drawn?.value !== 'number' || typeof mean?.value !== 'number') continue;
          judged[name].push(drawn.value);
          judged[`${name}Mean`].push(mean.value);
        }
        const [before, after] = [look(filmed, t - 1), look(made, t - 1)];
        judged.identityTarget.push(identity(before.crop));
        judged.identity.push(identity(after.crop));
        judged.landmarkPx.push(distance(readSource(after.crop), before.landmarks, usual.target));
        judged.landmarkPxMean.push(distance(unmoved, before.landmarks, usual.target));
        const area = boxAround(place.exchanged, filmed);
        const filmedUnrest = area ? unrest(recent, area) : 0;
        // Where nothing moves in the film there is nothing to divide by.
        if (filmedUnrest > 0) judged.flicker.push(unrest(swapped, area!) / filmedUnrest);
        row = [filmed, face, made];
      }
      if (cells.length < 3 * sheetRows) cells.push(...row);
    }
  } finally {
    for (const { close } of opened) close();
  }
  if (cells.length === 0) return { person: target, judged };
  await writeJpeg(join(work.folder, 'sheet.jpg'), montage(cells, 3), 90);
  return { person: target, judged, sheet: await work.keep('sheet.jpg') };
}

const emptyJudged = (): Judged => ({
  psnrDb: [],
  psnrDbMean: [],
  ssim: [],
  ssimMean: [],
  identity: [],
  identityTarget: [],
  identitySource: [],
  landmarkPx: [],
  landmarkPxMean: [],
  landmarkPxFilmed: [],
  flicker: [],
});

/** Root mean square distance of the landmarks, pixels of the crop. `moved`: how far they are said to be from `usual`. */
function distance(moved: ArrayLike<number>, landmarks: ArrayLike<number>, usual: Float64Array): number {
  let squares = 0;
  usual.forEach((value, i) => (squares += (landmarks[i]! - value - moved[i]!) ** 2));
  return Math.sqrt((2 * squares) / usual.length);
}

/** The whole pixels around the points, inside the picture; undefined where they lie outside it. */
function boxAround(points: ArrayLike<number>, { width, height }: Frame): Box | undefined {
  const range = (axis: 0 | 1, limit: number): [number, number] => {
    let [low, high] = [limit, 0];
    for (let i = axis; i < points.length; i += 2) {
      low = Math.min(low, points[i]!);
      high = Math.max(high, points[i]!);
    }
    return [Math.max(0, Math.floor(low)), Math.min(limit, Math.ceil(high))];
  };
  const [[left, right], [top, bottom]] = [range(0, width), range(1, height)];
  if (right <= left || bottom <= top) return undefined;
  return { x: left, y: top, width: right - left, height: bottom - top };
}
