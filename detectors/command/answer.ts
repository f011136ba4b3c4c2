/** What a program's line means. */
import { ItemError } from '../../src/errors.ts';

/** `id`: that of the question. `outOfStep`: called where the line cannot be the answer to it, so that no other will be either. */
type Asked = { id: string; clip: string; program: string; outOfStep(): void };

/**
 * The score in an answer.
 * @throws ItemError E_COMMAND_REFUSED with what the program said in place of a score; E_COMMAND_ANSWER where the line is no JSON
 * object, belongs to another question, or holds no finite number.
 */
export function readAnswer(line: string, { id, clip, program, outOfStep }: Asked): number {
  const wrong = (what: string): ItemError =>
    new ItemError('E_COMMAND_ANSWER', `${clip}: ${program} answered ${what}: ${quoted(line)}`);
  const answer = parse(line);
  if (!answer || answer['id'] !== id) {
    outOfStep();
    throw wrong(answer ? 'for another clip' : 'with no JSON object');
  }
  const { score, error } = answer;
  if (typeof error === 'string')
    throw new ItemError('E_COMMAND_REFUSED', `${clip}: ${program} gives no score: ${quoted(error)}`);
  if (typeof score !== 'number' || !Number.isFinite(score)) throw wrong('without a finite number as score');
  return score;
}

function parse(line: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : undefined;
  } catch {
    return undefined;
  }
}

/** What a program said, fit for one line of a message. */
export function quoted(text: string): string {
  const plain = text.replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, ' ').trim();
  return `"${plain.length > 200 ? `${plain.slice(0, 200)}…` : plain}"`;
}
