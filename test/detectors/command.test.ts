import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { command } from '../../detectors/command/index.ts';
import type { Context, OpenClip } from '../../src/types.ts';
import { openFrames } from '../support/clips.ts';

const folder = mkdtempSync(join(tmpdir(), 'masque-command-'));
afterAll(() => rmSync(folder, { recursive: true }));

const idOf = (clip: string): string => createHash('sha256').update(clip).digest('hex').slice(0, 16);
const clip = (id: string): OpenClip => openFrames(id, []);
/** The id of the question read last, in a shell. */
const readId = `read -r q; id=\${q#*'"id":"'}; id=\${id%%'"'*}`;
const answer = (rest: string): string => `${readId}; printf '{"id":"%s",${rest}}\\n' "$id"`;

async function scorerOf(script: string, secondsPerClip = 30) {
  const options = command.options.parse({ program: 'sh', arguments: ['-c', script], secondsPerClip });
  return command.load(await command.bring!(options, {} as Context), options, 1);
}

const misbehaving: [what: string, script: string, code: string, cause: RegExp][] = [
  ['is silent', 'read q; sleep 60', 'TIMEOUT', /said nothing for 1 s/],
  ['does not read', 'sleep 60', 'TIMEOUT', /said nothing for 1 s/],
  ['ends with a code', 'read q; echo out of memory >&2; exit 3', 'ENDED', /exit code 3.*"out of memory"/],
  ['is killed', 'read q; kill -9 $$', 'ENDED', /SIGKILL.*without a word/],
  ['ends before it is asked', 'exit 0', 'ENDED', /exit code 0/],
  ['closes its output', 'read q; exec >&-; sleep 60', 'ENDED', /closed its output/],
  ['talks without an end', 'read q; yes | tr -d "\\n"', 'ANSWER', /more than 65536 bytes without an end/],
  ['floods with lines', 'read q; yes hello', 'ANSWER', /no JSON object: "hello"/],
  ['greets first', `echo ready; ${answer('"score":1')}`, 'ANSWER', /no JSON object: "ready"/],
  ['answers for another clip', 'read q; echo \'{"id":"other","score":1}\'', 'ANSWER', /for another clip/],
  ['answers with a list', 'read q; echo "[1]"', 'ANSWER', /no JSON object/],
  ['scores NaN', answer('"score":NaN'), 'ANSWER', /no JSON object.*NaN/],
  ['scores infinity', answer('"score":1e999'), 'ANSWER', /without a finite number/],
  ['scores in words', answer('"score":"0.7"'), 'ANSWER', /without a finite number/],
  ['scores null', answer('"score":null'), 'ANSWER', /without a finite number/],
  ['gives no score', answer('"note":"well"'), 'ANSWER', /without a finite number/],
  ['refuses the clip', answer('"error":"no face","score":1'), 'REFUSED', /gives no score: "no face"/],
];

describe.each(misbehaving)('a program that %s', (_what, script, code, cause) => {
  test(`is a failure of that clip: ${code}`, async () => {
    const scorer = await scorerOf(script, code === 'TIMEOUT' ? 1 : 30);
    const failure = await scorer.score(clip('puppetry@cpu-96/a')).then(String, (error: Error) => error);
    expect(failure).toMatchObject({ name: 'ItemError', code: `E_COMMAND_${code}` });
    expect((failure as Error).message).toMatch(cause);
    expect((failure as Error).message).toMatch(/^puppetry@cpu-96\/a: sh /);
  });
});

test('is started once for many clips, and again after a failure, which costs no other clip its score', async () => {
  const log = join(folder, 'starts');
  const scorer = await scorerOf(
    `echo start >>'${log}'; while ${readId}; [ -n "$q" ]; do case $id in ${idOf('bad')}) exit 1;; esac; printf '{"id":"%s","score":%d}\\n' "$id" "\${#id}"; done`,
  );
  const starts = (): number => readFileSync(log, 'utf8').trim().split('\n').length;
  const good = await Promise.all(['a', 'b', 'c', 'd'].map((id) => scorer.score(clip(id))));
  expect(good).toEqual([16, 16, 16, 16]);
  expect(starts()).toBe(1);
  await expect(scorer.score(clip('bad'))).rejects.toMatchObject({ code: 'E_COMMAND_ENDED' });
  expect(await scorer.score(clip('e'))).toBe(16);
  expect(starts()).toBe(2);
});

test('who says more than the answer is not believed afterwards', async () => {
  const scorer = await scorerOf(`${answer('"score":1')}; echo more; read q; sleep 60`);
  expect(await scorer.score(clip('a'))).toBe(1);
  await expect(scorer.score(clip('b'))).rejects.toMatchObject({ code: 'E_COMMAND_ANSWER' });
});

test('is shown neither the name of the clip nor that of its file, which tell real from fake, but the file', async () => {
  const path = join(folder, 'puppetry.mp4');
  writeFileSync(path, 'seven b');
  const log = join(folder, 'asked');
  const scorer = await scorerOf(
    `${readId}; printf '%s' "$q" >'${log}'; path=\${q#*'"path":"'}; path=\${path%%'"'*}; printf '{"id":"%s","score":%d}\\n' "$id" "$(($(wc -c <"$path")))"`,
  );
  const open = clip('puppetry@cpu-96/a');
  open.clip.media.path = path;
  expect(await scorer.score(open)).toBe(7);
  const asked = readFileSync(log, 'utf8');
  expect(asked).not.toContain('puppetry');
  expect(asked).toMatch(new RegExp(`${idOf('puppetry@cpu-96/a')}\\.mp4"}$`));
});

const python = ((): boolean => {
  try {
    execFileSync('python3', ['-c', '']);
    return true;
  } catch {
    if (process.env['CI']) throw new Error('python3 is not there, and CI must have it');
    return false;
  }
})();
test.skipIf(!python)('the program in the README answers, refuses and goes on', async () => {
  const [, program] = /```python\n(.*?)```/s.exec(readFileSync('README.md', 'utf8'))!;
  const path = join(folder, 'readme.py');
  writeFileSync(path, program!.replace(/model = .*/, "model = lambda path: len(open(path, 'rb').read())"));
  const options = command.options.parse({ program: 'python3', arguments: [path] });
  const scorer = await command.load(await command.bring!(options, {} as Context), options, 1);
  const [good, gone] = [clip('good'), clip('gone')];
  good.clip.media.path = path;
  expect(await scorer.score(good)).toBe(readFileSync(path).length);
  await expect(scorer.score(gone)).rejects.toMatchObject({ code: 'E_COMMAND_REFUSED' });
  expect(await scorer.score(good)).toBe(readFileSync(path).length);
});

describe('bring', () => {
  const bring = (options: object) => command.bring!(command.options.parse(options), {} as Context);
  test('a program that is not there is refused by name, before anything is made', async () => {
    for (const program of ['', 'no-such-program', join(folder, 'none'), import.meta.filename])
      await expect(bring({ program })).rejects.toMatchObject({ name: 'UserError', exitCode: 2 });
    await expect(bring({ program: 'no-such-program' })).rejects.toThrow('"no-such-program" on PATH');
  });

  test('arguments that are files count by their content', async () => {
    const weights = join(folder, 'weights');
    const hash = async (): Promise<string | undefined> =>
      (await bring({ program: 'sh', arguments: ['--quiet', weights] })).files['argument 2']?.sha256;
    expect(await hash()).toBeUndefined();
    writeFileSync(weights, 'one');
    const before = await hash();
    expect(before).toBe(createHash('sha256').update('one').digest('hex'));
    writeFileSync(weights, 'two');
    expect(await hash()).not.toBe(before);
  });
});
