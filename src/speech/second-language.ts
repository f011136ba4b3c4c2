/**
 * Another language than the voices' own: made up, so that it belongs to nobody, with words of syllables that may be anything. It lacks phones of the first (r-colours, `th`, `w`, most
 * diphthongs) and has three that nobody else ever says: the front rounded vowels `ue` and `oe`, and `kh`, a rasp at the back of the mouth.
 */
import type { Rng } from '../random.ts';

const onsets = ['p', 'b', 'm', 'f', 'v', 't', 'd', 'n', 's', 'z', 'l', 'sh', 'k', 'g', 'kh'];
const vowels = ['iy', 'eh', 'aa', 'ao', 'uw', 'ue', 'oe'];
const codas = ['n', 'm', 't', 'k', 's', 'kh', 'l'];

/** Three to seven words as `phonesOf` takes them: phones between slashes. Their length varies from about 1 to 3 seconds. */
export function makeForeignSentence(rng: Rng): string[] {
  return Array.from({ length: 3 + rng.int(5) }, () => `/${foreignWord(rng).join(' ')}/`);
}

/** One to three syllables, the first stressed; the last may end in a consonant. */
function foreignWord(rng: Rng): string[] {
  const syllables = 1 + rng.int(3);
  const open = Array.from({ length: syllables }, (_, i) => [
    rng.pick(onsets),
    i === 0 ? `${rng.pick(vowels)}1` : `${rng.pick([...vowels, 'ax'])}0`,
  ]).flat();
  return rng.uniform() < 0.4 ? [...open, rng.pick(codas)] : open;
}
