import { z } from 'zod';
import { chromPulse, type Colours, posPulse, pulseSnr } from '../src/dsp/heartbeat.ts';
import { ItemError } from '../src/errors.ts';
import { deform, type Mesh, project } from '../src/head/mesh.ts';
import { type FaceTrack, trackOf } from '../src/head/track.ts';
import type { Detector, Frame, OpenClip } from '../src/types.ts';

const options = z.strictObject({});

/** Shorter clips hold less than one and a half beats of the slowest heart that is looked for (0.75 Hz). */
const leastSeconds = 2;
/** First of the six landmarks of either eye among the inner 51; the first and the fourth are its corners. */
const eyes = [19, 25];
/** Skin begins at this multiple of half an eye's width from its middle. */
const eyeReach = 1.5;

/**
 * Is there a heartbeat in the colour of the skin? The score is how far the rest of the signal stands above the strongest heart
 * rate, in dB, mean of POS and CHROM. Stated deviation: a clip of 2.4 s resolves 0.4 Hz, so a pure beat spreads beyond the ±0.1 Hz that count
 * as signal; the published figures are of a minute and more.
 */
export const pulse: Detector<z.infer<typeof options>> = {
  name: 'pulse',
  cite: 'remote photoplethysmography: POS (Wang et al., IEEE TBME 2017) and CHROM (de Haan, Jeanne, IEEE TBME 2013), signal to noise at the heart rate',
  family: 'physiological',
  judges: 'video',
  needs: 'faces',
  constructed:
    'rendered skin changes its colour with a heartbeat because we painted one; a fake loses it only where its generator paints skin anew',
  options,
  label: () => 'pulse',
  async load() {
    return { score: async (clip) => -(await pulseOf(clip)) };
  },
};

/** Signal to noise of the pulse in dB. @throws ItemError E_NOT_APPLICABLE without a face track, in short clips and where skin has no colour that changes. */
async function pulseOf(clip: OpenClip): Promise<number> {
  const { id, media } = clip.clip;
  const notApplicable = (cause: string): ItemError => new ItemError('E_NOT_APPLICABLE', `${id}: ${cause}`);
  const track = await trackOf(clip.clip, 'skin is');
  const { fps = 0, frameCount = 0 } = media.video ?? {};
  if (media.video && frameCount < leastSeconds * fps)
    throw notApplicable(`lasts ${(frameCount / fps).toFixed(2)} s; a pulse needs ${leastSeconds} s`);
  const colours = await skinColours(clip, track);
  const found = [posPulse(colours, fps), chromPulse(colours, fps)].flatMap(
    (signal) => pulseSnr(signal, fps)?.decibel ?? [],
  );
  if (found.length < 2) throw notApplicable('the colour of its skin never changes');
  return (found[0]! + found[1]!) / 2;
}

/** Mean colour of the face without mouth and eyes in every frame. @throws ItemError E_TRACK when the track ends before the frames. */
export async function skinColours(clip: OpenClip, track: FaceTrack): Promise<Colours> {
  const points = skinVertices(track.mesh);
  const colours: [number, number, number][] = [];
  for await (const frame of clip.frames()) {
    const tracked = track.frames[colours.length];
    if (!tracked)
      throw new ItemError(
        'E_TRACK',
        `${clip.clip.id}: its track has ${track.frames.length} frames, the clip more`,
      );
    const places = project(deform(track.mesh, tracked.expression), tracked.pose, track.camera);
    colours.push(meanColour(frame, track, points, places));
  }
  return colours;
}

function skinVertices({ neutral, landmarks, mouth, vertexCount }: Mesh): number[] {
  const at = (vertex: number): [number, number] => [neutral[vertex * 3]!, neutral[vertex * 3 + 1]!];
  const distance = (a: [number, number], b: [number, number]): number => Math.hypot(a[0] - b[0], a[1] - b[1]);
  const sockets = eyes.map((first) => {
    const [outer, inner] = [at(landmarks[first]!), at(landmarks[first + 3]!)];
    const middle: [number, number] = [(outer[0] + inner[0]) / 2, (outer[1] + inner[1]) / 2];
    return { middle, radius: (eyeReach * distance(outer, inner)) / 2 };
  });
  return Array.from({ length: vertexCount }, (_, v) => v).filter(
    (v) => mouth[v] === 0 && sockets.every(({ middle, radius }) => distance(at(v), middle) > radius),
  );
}

/** The mean of the pixels under the vertices `points`, which lie at `places` (x, y, depth) in the track's camera. */
function meanColour(
  { width, height, data }: Frame,
  { camera }: FaceTrack,
  points: readonly number[],
  places: Float32Array,
): [number, number, number] {
  const sum: [number, number, number] = [0, 0, 0];
  let count = 0;
  for (const v of points) {
    const x = Math.floor((places[v * 3]! * width) / camera.width);
    const y = Math.floor((places[v * 3 + 1]! * height) / camera.height);
    if (x < 0 || y < 0 || x >= width || y >= height) continue;
    for (let c = 0; c < 3; c++) sum[c]! += data[(y * width + x) * 3 + c]!;
    count++;
  }
  return [sum[0] / Math.max(1, count), sum[1] / Math.max(1, count), sum[2] / Math.max(1, count)];
}
