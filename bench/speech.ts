/**
 * Speed of the embedded voices on one core, in multiples of real time.
 *   npx tsx bench/speech.ts
 */
import { createRng } from '../src/random.ts';
import { articulate } from '../src/speech/articulate.ts';
import { makeSentence } from '../src/speech/grammar.ts';
import { perform } from '../src/speech/perform.ts';
import { speak } from '../src/speech/speak.ts';
import { createVoice } from '../src/speech/voice.ts';

const [utterances, durationSeconds, fps] = [60, 4.4, 25];
const frameCount = durationSeconds * fps;
const seat = { position: [0, 0, 700], yaw: 0, pitch: 0, roll: 0 } as const;

/** Times faster than real time: speaking, and moving the face to it. */
export function benchSpeech(): { speaking: number; moving: number } {
  const seconds = { speaking: 0, moving: 0 };
  for (let i = 0; i < utterances; i++) {
    const rng = createRng(1, 'bench', i);
    const voice = createVoice(rng.fork('voice'));
    const words = makeSentence(rng.fork('words'));
    const started = performance.now();
    const { phones } = speak({ words, voice, rng, durationSeconds });
    const spoken = performance.now();
    const mouth = articulate({ phones, style: voice.style, fps, frameCount });
    perform({ phones, mouth, style: voice.style, seat, rng: rng.fork('movement'), fps });
    const moved = performance.now();
    // The first utterances are slow while the engine compiles; a clip of a run is not the first either.
    if (i < 10) continue;
    seconds.speaking += (spoken - started) / 1000;
    seconds.moving += (moved - spoken) / 1000;
  }
  const heard = (utterances - 10) * durationSeconds;
  return { speaking: heard / seconds.speaking, moving: heard / seconds.moving };
}

if (process.argv[1] === import.meta.filename) {
  const { speaking, moving } = benchSpeech();
  process.stdout.write(
    `speech: ${speaking.toFixed(0)} × real time, face movements: ${moving.toFixed(0)} × real time\n`,
  );
}
