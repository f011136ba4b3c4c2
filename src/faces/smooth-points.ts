/** What is done to the points of a followed face over time: gaps bridged, jitter taken off. Clips are files, so both look ahead and nothing lags. */
import { quadraticWeights } from '../dsp/savitzky-golay.ts';
import { squareOfMesh } from './dense-landmarks.ts';

/** Half of the window that the local fit sees. */
const halfWindowSeconds = 0.12;
/** Jitter of the network from frame to frame, as a share of the square that it is shown (0.2 px of the 200 px around a GRID speaker's face). */
const jitter = 0.001;

/**
 * Frames without points between frames with points, at most `longest` in a row, are given points on the straight line between those around
 * them. Longer gaps, and those at the ends, stay.
 */
export function bridgeGaps(
  frames: readonly (Float32Array | null)[],
  longest: number,
): { frames: (Float32Array | null)[]; bridged: number } {
  const filled = [...frames];
  let bridged = 0;
  let last = -1;
  frames.forEach((after, i) => {
    if (!after) return;
    const before = frames[last];
    const gap = i - last - 1;
    if (before && gap <= longest)
      for (let k = 1; k <= gap; k++) {
        const share = k / (gap + 1);
        filled[last + k] = after.map((value, j) => before[j]! + share * (value - before[j]!));
        bridged++;
      }
    last = i;
  });
  return { frames: filled, bridged };
}

/**
 * Takes the network's jitter off: every coordinate is moved towards a parabola fitted to the frames around it (Savitzky and Golay 1964), but
 * only as far as jitter reaches. With r the distance from the parabola and τ the jitter, r·r²/(r² + τ²) of it stays ("coring"): a lip that
 * closes for two frames is no jitter. Frames without points part the clip; stretches are smoothed each for itself.
 */
export function smoothPoints(frames: readonly (Float32Array | null)[], fps: number): (Float32Array | null)[] {
  const smoothed: (Float32Array | null)[] = [];
  let stretch: Float32Array[] = [];
  const end = (): void => {
    smoothed.push(...smoothStretch(stretch, Math.round(halfWindowSeconds * fps)));
    stretch = [];
  };
  for (const points of frames) {
    if (points) stretch.push(points);
    else {
      end();
      smoothed.push(null);
    }
  }
  end();
  return smoothed;
}

function smoothStretch(frames: readonly Float32Array[], widest: number): Float32Array[] {
  const half = Math.min(widest, Math.floor((frames.length - 1) / 2));
  if (half < 2) return [...frames];
  return frames.map((points, t) => {
    const middle = Math.min(Math.max(t, half), frames.length - 1 - half);
    const weights = quadraticWeights(half, t - middle);
    const tau = jitter * squareOfMesh(points).side;
    return points.map((value, i) => {
      let fitted = 0;
      for (let k = 0; k < weights.length; k++) fitted += weights[k]! * frames[middle - half + k]![i]!;
      const rest = value - fitted;
      return fitted + (rest * rest * rest) / (rest * rest + tau * tau);
    });
  });
}
