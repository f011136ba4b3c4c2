/** Question and answer with a running program, a line each. */
import { exitCodes, ItemError, UserError } from '../../src/errors.ts';
import { type Exit, type Launched, launch } from '../../src/media/launch.ts';
import { quoted } from './answer.ts';

/** `name`: as the user wrote it, for messages. */
type Program = { binary: string; args: string[]; secondsPerClip: number; name: string };
export type Conversation = {
  /**
   * The line that the program says next, `clip` for messages. The program is started where it does not run. Questions wait for each other.
   * @throws ItemError E_COMMAND_TIMEOUT, E_COMMAND_ENDED (with what it said last on its standard error), E_COMMAND_ANSWER where it
   * talks without end or without being asked; the program is then ended. UserError (exit 4) when it cannot be started.
   */
  ask(question: object, clip: string): Promise<string>;
  /** Ends the program with all its children; the next question starts it again. */
  end(): void;
};
type Running = { program: Launched; line(): Promise<string>; idle(): boolean; lastWords(): string };

const lineLimitBytes = 64 * 1024;
const stderrKeptBytes = 2000;
/** After its output has ended a program has so long to end itself, to be told by its exit code. */
const exitGraceMs = 1000;

export function openConversation(given: Program): Conversation {
  let running: Running | undefined;
  let turn: Promise<unknown> = Promise.resolve();
  const end = (): void => {
    running?.program.kill();
    running?.program.forget();
    for (const stream of running?.program.stdio ?? []) stream.destroy();
    running = undefined;
  };
  const askNow = async (question: object, clip: string): Promise<string> => {
    try {
      running ??= await start(given);
      if (!running.idle()) throw trouble('ANSWER', clip, given.name, 'spoke without being asked');
      running.program.stdio[0].write(`${JSON.stringify(question)}\n`);
      return await inTime(running, clip, given);
    } catch (error) {
      end();
      throw error;
    }
  };
  return {
    end,
    ask(question, clip) {
      const answer = turn.then(() => askNow(question, clip));
      turn = answer.catch(() => {});
      return answer;
    },
  };
}

const trouble = (code: string, clip: string, program: string, what: string): ItemError =>
  new ItemError(`E_COMMAND_${code}`, `${clip}: ${program} ${what}`);

async function start({ binary, args }: Program): Promise<Running> {
  // One thread, so that as many programs as there are workers do not fight for the processor; who sets the variable decides.
  const environment = { OMP_NUM_THREADS: '1', ...process.env } as Record<string, string>;
  const program = await launch(binary, args, environment);
  const [, stdout, stderr] = program.stdio;
  // A program that ends early breaks its pipes; how it ended says more than EPIPE does.
  for (const stream of program.stdio) stream.on('error', () => {});
  let words = Buffer.alloc(0);
  stderr.on('data', (chunk: Buffer) => {
    words = Buffer.concat([words, chunk]).subarray(-stderrKeptBytes);
  });
  const chunks = stdout.iterator({ destroyOnReturn: false }) as AsyncIterator<Buffer, undefined>;
  let rest: Buffer = Buffer.alloc(0);
  return {
    program,
    idle: () => rest.length === 0,
    lastWords: () => words.toString(),
    async line() {
      for (;;) {
        const stop = rest.indexOf('\n');
        if (stop > lineLimitBytes || (stop < 0 && rest.length > lineLimitBytes))
          return rest.toString('utf8', 0, lineLimitBytes + 1);
        if (stop >= 0) {
          const said = rest.toString('utf8', 0, stop);
          rest = rest.subarray(stop + 1);
          return said;
        }
        const { value, done } = await chunks.next();
        if (done) throw new Error('the output has ended');
        rest = Buffer.concat([rest, value]);
      }
    },
  };
}

/** The next line, or why there is none. */
async function inTime(running: Running, clip: string, { name, secondsPerClip }: Program): Promise<string> {
  const timers: NodeJS.Timeout[] = [];
  const after = (ms: number): Promise<undefined> =>
    new Promise((resolve) => timers.push(setTimeout(() => resolve(undefined), ms)));
  const line = running.line().catch(async () => {
    const exit = await Promise.race([running.program.exited, after(exitGraceMs)]);
    throw ended(exit, running.lastWords(), clip, name);
  });
  line.catch(() => {}); // it may end after its time
  try {
    const said = await Promise.race([line, after(secondsPerClip * 1000)]);
    if (said === undefined) throw trouble('TIMEOUT', clip, name, `said nothing for ${secondsPerClip} s`);
    if (Buffer.byteLength(said) > lineLimitBytes)
      throw trouble(
        'ANSWER',
        clip,
        name,
        `said more than ${lineLimitBytes} bytes without an end: ${quoted(said)}`,
      );
    return said;
  } finally {
    for (const timer of timers) clearTimeout(timer);
  }
}

function ended(exit: Exit | undefined, words: string, clip: string, name: string): Error {
  if (exit?.error !== undefined)
    return new UserError(`${name} cannot be started: ${exit.error}`, { exitCode: exitCodes.environment });
  const how = exit ? (exit.signal ?? `exit code ${exit.code}`) : 'it closed its output';
  const said = words.trim() === '' ? 'without a word' : `its last words: ${quoted(words.trim().slice(-200))}`;
  return trouble('ENDED', clip, name, `ended without an answer (${how}), ${said}`);
}
