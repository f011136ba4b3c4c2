/** A small grammar of English statements over the pronouncing list: some ten million sentences of four to ten words. */
import type { Rng } from '../random.ts';
import { type WordRole, wordsOf } from './lexicon.ts';

const words = Object.fromEntries(
  (['person', 'thing', 'quality', 'doing', 'moving', 'place', 'time'] as const).map((role) => [
    role,
    wordsOf(role),
  ]),
) as Record<Exclude<WordRole, 'small'>, string[]>;

const determiners = ['the', 'a', 'my', 'his', 'our', 'every', 'that'];
const prepositions = ['by', 'near', 'behind', 'above', 'in', 'below', 'past', 'from'];
const openings = ['maybe', 'perhaps'];

/** One statement, its words in order. Its length varies from about 1.2 to 3 seconds; callers choose what fits. */
export function makeSentence(rng: Rng): string[] {
  const some = (role: keyof typeof words): string => rng.pick(words[role]);
  const sometimes = (chance: number, phrase: () => string[]): string[] =>
    rng.uniform() < chance ? phrase() : [];
  const determiner = (next: string): string => {
    const chosen = rng.pick(determiners);
    return chosen === 'a' && /^[aeiou]/.test(next) ? 'the' : chosen;
  };
  const described = (role: 'person' | 'thing', chance: number): string[] => {
    const phrase = [...sometimes(chance, () => [some('quality')]), some(role)];
    return [determiner(phrase[0]!), ...phrase];
  };
  const subject = (): string[] =>
    rng.uniform() < 0.2 ? [rng.pick(['we', 'they', 'you'])] : described('person', 0.35);
  const where = (): string[] => [rng.pick(prepositions), 'the', some('place')];
  const predicate =
    rng.uniform() < 0.68
      ? [some('doing'), ...described('thing', 0.5), ...sometimes(0.4, where)]
      : [some('moving'), ...where()];
  return [
    ...sometimes(0.1, () => [rng.pick(openings)]),
    ...subject(),
    ...predicate,
    ...sometimes(0.35, () => [some('time')]),
  ];
}
