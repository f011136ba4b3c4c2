/** Written English to the words that `speak` takes. */
import { UserError } from '../errors.ts';
import { pause } from './lexicon.ts';

/** Longer texts fit into no clip. */
const mostLetters = 500;

/**
 * Lower-case words of the letters a to z, with `pause` where punctuation divides them. Apostrophes are dropped, hyphens divide words.
 * @throws UserError for text without a word, with other letters or digits, or of more than 500 characters.
 */
export function wordsOfText(text: string): string[] {
  if (text.length > mostLetters)
    throw new UserError(`a text of ${text.length} characters; at most ${mostLetters} can be spoken`);
  const plain = text.toLowerCase().replaceAll(/['’"“”()]/g, '');
  const unknown = /[^a-z\s,.;:!?…–—-]/u.exec(plain);
  if (unknown)
    throw new UserError(
      `the text holds "${unknown[0]}", which the voices cannot read. They know the letters a to z; write numbers as words`,
    );
  const marked = plain.replaceAll(/[,.;:!?…–—]+/g, ` ${pause} `).split(/[\s-]+/);
  const words = marked.filter((word, i) => word !== '' && !(word === pause && marked[i - 1] === pause));
  while (words[0] === pause) words.shift();
  while (words.at(-1) === pause) words.pop();
  if (words.length === 0) throw new UserError('the text holds no word to speak. Write a sentence');
  return words.filter((word, i) => !(word === pause && words[i - 1] === pause));
}
