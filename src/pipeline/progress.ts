/**
 * What a person sees while a run works: on a terminal a line that moves for each kind of job under way, with the time left; otherwise a
 * plain line every ten seconds. Either way a line stays when all jobs of a kind that were asked for are done and for a second no other is asked for. All of it
 * goes to stderr; stdout belongs to results.
 */
import cliProgress from 'cli-progress';

export type Task = {
  /** It was asked for when it began, and runs from now on. */
  started(): void;
  progress(fraction: number): void;
  end(how: 'cached' | 'computed' | 'failed' | 'notApplicable'): void;
};
export type Progress = { begin(name: string): Task; note(message: string): void; stop(): void };

type Kind = {
  name: string;
  asked: number;
  cached: number;
  computed: number;
  failed: number;
  notApplicable: number;
  underWay: Set<{ fraction: number }>;
  /** When the first of it started to run; until then all of it waits. */
  startedMs?: number;
  /** The line that stays, unless another of it is asked for soon. */
  last?: { timer: NodeJS.Timeout; text: string };
};
const plainIntervalMs = 10_000;
const lastLineMs = 1000;

/** Progress on `stream`; a terminal gets a moving line. */
export function createProgress(stream: NodeJS.WriteStream = process.stderr): Progress {
  const kinds = new Map<string, Kind>();
  const bars = stream.isTTY ? terminalBars(stream) : undefined;
  let stopped = false;
  const say = (message: string): void => {
    if (stopped) return;
    if (bars) bars.log(`${message}\n`);
    else stream.write(`${message}\n`);
  };
  const sayLast = (kind: Kind): void => {
    if (!kind.last) return;
    clearTimeout(kind.last.timer);
    say(kind.last.text);
    delete kind.last;
    // What is asked for later, perhaps an hour, is counted and timed by itself.
    kinds.delete(kind.name);
  };
  const timer = setInterval(
    () => {
      for (const kind of kinds.values()) {
        if (kind.underWay.size === 0) continue;
        if (bars) bars.show(kind, describe(kind));
        else if (kind.startedMs !== undefined && performance.now() - kind.startedMs > plainIntervalMs)
          say(`  ${kind.name}: ${describe(kind)}`);
      }
    },
    bars ? 200 : plainIntervalMs,
  );
  timer.unref();

  return {
    begin(name) {
      const kind = kinds.get(name) ?? {
        name,
        asked: 0,
        cached: 0,
        computed: 0,
        failed: 0,
        notApplicable: 0,
        underWay: new Set(),
      };
      kinds.set(name, kind);
      kind.asked++;
      clearTimeout(kind.last?.timer);
      delete kind.last;
      const task = { fraction: 0 };
      kind.underWay.add(task);
      return {
        started() {
          kind.startedMs ??= performance.now();
        },
        progress(fraction) {
          task.fraction = fraction;
        },
        end(how) {
          kind.underWay.delete(task);
          kind[how]++;
          if (kind.underWay.size > 0) return;
          bars?.hide(kind);
          if (kind.computed + kind.failed === 0 && kind.asked > kind.cached) return;
          kind.last = {
            text: `${kind.name}: ${describe(kind)}`,
            timer: setTimeout(() => sayLast(kind), lastLineMs).unref(),
          };
        },
      };
    },
    note: say,
    stop() {
      for (const kind of kinds.values()) sayLast(kind);
      stopped = true;
      clearInterval(timer);
      bars?.stop();
    },
  };
}

/** For instance `12/64 (3 cached) 18 s, 40 s left`. */
function describe(kind: Kind): string {
  const finished = kind.cached + kind.computed + kind.failed + kind.notApplicable;
  const extras = [
    kind.notApplicable > 0 ? `${kind.notApplicable} not applicable` : '',
    kind.cached > 0 ? `${kind.cached} cached` : '',
    kind.failed > 0 ? `${kind.failed} failed` : '',
  ].filter(Boolean);
  const counts = `${finished}/${kind.asked}${extras.length > 0 ? ` (${extras.join(', ')})` : ''}`;
  if (kind.startedMs === undefined) return counts;
  const seconds = (performance.now() - kind.startedMs) / 1000;
  const left = secondsLeft(kind, seconds);
  return `${counts} ${duration(seconds)}${left === undefined ? '' : `, ${duration(left)} left`}`;
}

function secondsLeft(kind: Kind, seconds: number): number | undefined {
  if (kind.underWay.size === 0) return undefined;
  const done = finishedWork(kind);
  const toCompute = kind.asked - kind.cached;
  return done > 0.02 * toCompute ? (seconds / done) * (toCompute - done) : undefined;
}

/** Tasks done but for those from the cache, and what is done of those under way. */
function finishedWork({ computed, failed, notApplicable, underWay }: Kind): number {
  return [...underWay].reduce((sum, task) => sum + task.fraction, computed + failed + notApplicable);
}

/** `48 s`, `3 min 20 s`, `2 h 5 min`. */
export function duration(seconds: number): string {
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${whole % 60} s`;
  return `${Math.floor(whole / 3600)} h ${Math.floor((whole % 3600) / 60)} min`;
}

function terminalBars(stream: NodeJS.WriteStream) {
  const options = {
    format: '{name} {bar} {text}',
    stream,
    hideCursor: true,
    barsize: 24,
    clearOnComplete: false,
    autopadding: true,
  };
  const multi = new cliProgress.MultiBar(options, cliProgress.Presets.shades_classic);
  const shown = new Map<string, cliProgress.SingleBar>();
  return {
    log: (text: string): void => multi.log(text),
    show(kind: Kind, text: string): void {
      let bar = shown.get(kind.name);
      if (!bar) {
        bar = multi.create(kind.asked, 0, { name: kind.name.padEnd(22), text: '' });
        shown.set(kind.name, bar);
      }
      bar.setTotal(kind.asked);
      bar.update(kind.cached + finishedWork(kind), { name: kind.name.padEnd(22), text });
    },
    hide({ name }: Kind): void {
      const bar = shown.get(name);
      if (bar) multi.remove(bar);
      shown.delete(name);
    },
    stop: (): void => multi.stop(),
  };
}
