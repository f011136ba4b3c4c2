/** A policy says what it means, or is refused with the line of every mistake; it cannot call clean what is not. */
import { writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { UserError } from '../../src/errors.ts';
import { actionOf, defaultPolicy, readPolicy } from '../../src/screening/policy.ts';
import { verdicts } from '../../src/screening/types.ts';
import { workFolder } from '../media/tools.ts';

const at = workFolder();
function read(text: string | Buffer) {
  writeFileSync(at('policy.yaml'), text);
  return readPolicy(at('policy.yaml'));
}
const mistakesIn = (text: string | Buffer): string[] => {
  try {
    read(text);
    return [];
  } catch (error) {
    expect(error).toBeInstanceOf(UserError);
    return (error as Error).message.replaceAll(at('policy.yaml'), 'policy.yaml').split('\n');
  }
};

test('the policy that comes along is the default, and an empty one means the same', () => {
  expect(readPolicy('configs/screening-policy.yaml')).toEqual(defaultPolicy);
  expect(read('')).toEqual(defaultPolicy);
  expect(read('actions: { SUSPICIOUS: tag }').actions).toEqual({
    ...defaultPolicy.actions,
    SUSPICIOUS: 'tag',
  });
});

test('by default only what was found clean is let through, and what failed is held', () => {
  const actions = Object.fromEntries(verdicts.map((status) => [status, actionOf(status, defaultPolicy)]));
  expect(actions).toEqual({
    NO_SIGNS_FOUND: 'allow',
    SUSPICIOUS: 'quarantine',
    MANIPULATED: 'quarantine',
    NOT_APPLICABLE: 'tag',
    UNABLE_TO_EVALUATE: 'quarantine',
  });
  expect(actionOf('UNABLE_TO_EVALUATE', read('onFailure: fail-open'))).toBe('tag');
});

test.each([
  ['actions:\n  MANIPULATED: allow', '2:3', 'actions.MANIPULATED: expected tag, quarantine or reject'],
  ['actions:\n  NOT_APPLICABLE: allow', '2:3', 'actions.NOT_APPLICABLE: expected tag, quarantine or reject'],
  ['actions:\n  UNABLE_TO_EVALUATE: allow', '2:3', 'actions.UNABLE_TO_EVALUATE: unknown key'],
  [
    '# x\nonFailure: fail-opne',
    '2:1',
    'onFailure: expected one of "fail-closed"|"fail-open", got "fail-opne"',
  ],
  ['actoins: {}', '1:1', 'actoins: unknown key; did you mean "actions"?'],
  ['releasesNeeded: 3', '1:1', 'releasesNeeded: expected 1 or 2, got 3'],
  ['releasesNeeded: 0', '1:1', 'releasesNeeded: expected 1 or 2'],
  ['\n\nretentionDays:\n  MANIPULATED: -1', '4:3', 'retentionDays.MANIPULATED: expected a number of days'],
  ['retentionDays: { MANIPULATED: .nan }', '1:18', 'retentionDays.MANIPULATED: expected a number of days'],
  ['retentionDays: forever', '1:1', 'retentionDays: expected object, got "forever"'],
  ['deletion: never', '1:1', 'deletion: expected one of '],
  ['- a\n- b', '1:1', '(file): expected object, got ["a","b"]'],
  ['just words', '1:1', '(file): expected object, got "just words"'],
  ['__proto__: { onFailure: fail-open }', '1:1', '__proto__: this key is not allowed'],
  ['onFailure: fail-open\nonFailure: fail-closed', '2:1', '(YAML): Map keys must be unique'],
  ['onFailure: !!js/function "x"', '1:12', '(YAML): '],
])('%j is refused with its line and column', (text, place, told) => {
  const mistakes = mistakesIn(text);
  expect(
    mistakes.some((mistake) => mistake.startsWith(`policy.yaml:${place} ${told}`)),
    mistakes.join('\n'),
  ).toBe(true);
});

test('every mistake is told at once; no file, no text and no end are refused too', () => {
  expect(mistakesIn('onFailure: maybe\nreleasesNeeded: 7\nextra: 1')).toHaveLength(3);
  expect(mistakesIn(Buffer.from([0xff, 0xfe, 0]))).toEqual([
    'policy.yaml:1:1 (file): expected a text file in UTF-8, got other bytes',
  ]);
  expect(mistakesIn(`#${'x'.repeat(1 << 20)}`)).toEqual([
    expect.stringContaining('policy.yaml:1:1 (file): expected at most 1 MiB, got 1048577 bytes') as string,
  ]);
  const bomb = `a: &a [x,x,x,x,x,x,x,x,x]\n${'bcdefghi'.replaceAll(
    /./g,
    (key) =>
      `${key}: &${key} [${Array(9)
        .fill(`*${String.fromCharCode(key.charCodeAt(0) - 1)}`)
        .join()}]\n`,
  )}`;
  expect(mistakesIn(bomb)).toEqual([
    expect.stringMatching(/^policy\.yaml:1:1 \(YAML\): Excessive alias/) as string,
  ]);
  expect(() => readPolicy(at('nowhere.yaml'))).toThrow(/cannot be read \(ENOENT\)/);
});
