/** The room and the microphone: a short reverberation and a noise floor. */
import { createRng } from '../random.ts';
import type { Rng } from '../random.ts';
import { speechSampleRate } from './klatt.ts';
import type { Room } from './voice.ts';

const tapsPerSecond = 1200;
const longestSeconds = 0.2;
const firstReflectionSeconds = 0.003;

/**
 * The room's impulse response without the direct sound, as sparse taps: velvet noise (one tap of either sign per cell;
 * Järvinen & Karjalainen, AES 30th Conf. 2007) under an exponential decay of 60 dB in `reverberationSeconds`.
 * The taps' energy lies `reverberationDb` against the direct sound.
 */
export function roomTaps(room: Room): { delaySamples: number; gain: number }[] {
  const rng = createRng(room.tapSeed, 'room');
  const cell = speechSampleRate / tapsPerSecond;
  const length = Math.min(longestSeconds, room.reverberationSeconds) * speechSampleRate;
  const taps: { delaySamples: number; gain: number }[] = [];
  for (let from = firstReflectionSeconds * speechSampleRate; from < length; from += cell) {
    const delaySamples = Math.floor(from + cell * rng.uniform());
    const decay = 10 ** ((-3 * delaySamples) / (room.reverberationSeconds * speechSampleRate));
    taps.push({ delaySamples, gain: rng.uniform() < 0.5 ? -decay : decay });
  }
  const energy = taps.reduce((sum, { gain }) => sum + gain * gain, 0);
  const scale = 10 ** (room.reverberationDb / 20) / Math.sqrt(energy);
  return taps.map(({ delaySamples, gain }) => ({ delaySamples, gain: gain * scale }));
}

/** The sound as recorded in the room: reverberation and a low-passed noise floor added; the length stays. */
export function inRoom(dry: Float32Array, room: Room, rng: Rng): Float32Array {
  const wet = Float32Array.from(dry);
  for (const { delaySamples, gain } of roomTaps(room)) {
    for (let n = delaySamples; n < wet.length; n++) wet[n] = wet[n]! + gain * dry[n - delaySamples]!;
  }
  // RMS of uniform noise in ±1 is 1/√3; the one-pole filter (pole 0.7) multiplies it by √((1 − 0.7) / (1 + 0.7)).
  const level = (10 ** (room.noiseDb / 20) * Math.sqrt(3)) / Math.sqrt(0.3 / 1.7);
  let noise = 0;
  for (let n = 0; n < wet.length; n++) {
    noise += 0.3 * (rng.uniform(-1, 1) - noise);
    wet[n] = wet[n]! + level * noise;
  }
  return wet;
}
