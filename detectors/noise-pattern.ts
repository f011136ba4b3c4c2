import { z } from 'zod';
import { cleaned, noiseResidual, sensorPattern, signedPce } from '../src/dsp/sensor-pattern.ts';
import { ItemError } from '../src/errors.ts';
import { mouthBox, trackOf } from '../src/head/track.ts';
import { greyOf, sampleFrames } from '../src/media/sample-frames.ts';
import type { Detector, Frame, OpenClip } from '../src/types.ts';

const options = z.strictObject({});

/** Frames of which the first half teaches the pattern and the second is asked for it. */
const framesPerClip = 24;
/** Side of the square around the mouth: the largest power of two that fits into the frame, between these. */
const [leastPx, mostPx] = [32, 128];

/**
 * Does the mouth show the sensor's fixed pattern, as the same pixels of one camera do in every frame? A forged region was never on a
 * sensor. Stated deviation: nobody has the camera, so the reference is the first half of the clip itself and the question is
 * whether the second half agrees with it; grey pictures, a square of at most 128 px. What stands still in the scene passes for a pattern too.
 */
export const noisePattern: Detector<z.infer<typeof options>> = {
  name: 'noise-pattern',
  cite: 'Chen, Fridrich, Goljan, Lukáš: Determining Image Origin and Integrity Using Sensor Noise, IEEE TIFS 2008 (PRNU, peak to correlation energy, reference from the clip itself)',
  family: 'noise',
  judges: 'video',
  needs: 'faces',
  constructed: 'cameras of rendered people have a sensor pattern because we gave them one',
  options,
  label: () => 'noise-pattern',
  async load() {
    return { score: async (clip) => -(await agreement(clip)) };
  },
};

/** Signed PCE between both halves. @throws ItemError E_NOT_APPLICABLE without a face track, and where frames are too small or too few. */
async function agreement(clip: OpenClip): Promise<number> {
  const { id, media } = clip.clip;
  const notApplicable = (cause: string): ItemError => new ItemError('E_NOT_APPLICABLE', `${id}: ${cause}`);
  const track = await trackOf(clip.clip, 'the mouth is');
  if (!media.video) throw notApplicable('has no picture');
  const { width, height, frameCount } = media.video;
  const size = 2 ** Math.floor(Math.log2(Math.min(width, height, mostPx)));
  if (size < leastPx) throw notApplicable(`frames of ${width}×${height} px show no pattern`);
  if (frameCount < 2) throw notApplicable('one frame has nothing to be compared with');
  if (track.frames.length === 0) throw new ItemError('E_TRACK', `${id}: its face track has no frames`);
  const { x, y, width: across, height: down } = mouthBox(track, Math.floor(track.frames.length / 2));
  const { camera } = track;
  const corner = squareAround(
    ((x + across / 2) * width) / camera.width,
    ((y + down / 2) * height) / camera.height,
    { width, height, size },
  );
  const squares: Float64Array[] = [];
  for await (const { frame } of sampleFrames(clip, framesPerClip)) squares.push(cut(frame, corner, size));
  const middle = Math.floor(squares.length / 2);
  const pattern = sensorPattern(squares.slice(0, middle), size);
  return signedPce(...expectedAndFound(pattern, squares.slice(middle), size), size);
}

/** What the pattern would do to these pictures, and what denoising takes away of them; means over the pictures. */
function expectedAndFound(
  pattern: Float64Array,
  pictures: readonly Float64Array[],
  size: number,
): [Float64Array, Float64Array] {
  const [shown, residual] = [new Float64Array(size * size), new Float64Array(size * size)];
  for (const picture of pictures) {
    const noise = noiseResidual(picture, size);
    for (let i = 0; i < shown.length; i++) {
      shown[i]! += picture[i]! / pictures.length;
      residual[i]! += noise[i]! / pictures.length;
    }
  }
  return [pattern.map((value, i) => value * shown[i]!), cleaned(residual, size)];
}

type Corner = { left: number; top: number };

/** The square's corner nearest to being centred on (x, y), inside the frame. */
function squareAround(
  x: number,
  y: number,
  { width, height, size }: { width: number; height: number; size: number },
): Corner {
  const fit = (middle: number, room: number): number =>
    Math.max(0, Math.min(room - size, Math.round(middle - size / 2)));
  return { left: fit(x, width), top: fit(y, height) };
}

function cut(frame: Frame, { left, top }: Corner, size: number): Float64Array {
  const grey = greyOf(frame);
  return Float64Array.from(
    { length: size * size },
    (_, i) => grey[(top + Math.floor(i / size)) * frame.width + left + (i % size)]!,
  );
}
