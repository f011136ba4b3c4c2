import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createProgress } from '../../src/pipeline/progress.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test('without a terminal: time counts from when work of a kind starts, not from when it is asked for', () => {
  const said: string[] = [];
  const stream = { isTTY: false, write: (text: string) => said.push(text) };
  const progress = createProgress(stream as unknown as NodeJS.WriteStream);
  const [first, second, cached] = [1, 2, 3].map(() => progress.begin('score'));
  cached!.end('cached');
  vi.advanceTimersByTime(60_000);
  expect(said).toEqual([]);
  first!.started();
  vi.advanceTimersByTime(15_000);
  first!.end('computed');
  second!.started();
  vi.advanceTimersByTime(5_000);
  expect(said).toEqual(['  score: 2/3 (1 cached) 20 s, 20 s left\n']);
  second!.progress(0.5);
  vi.advanceTimersByTime(10_000);
  expect(said.at(-1)).toBe('  score: 2/3 (1 cached) 30 s, 10 s left\n');
  second!.end('failed');
  vi.advanceTimersByTime(1000);
  expect(said.at(-1)).toBe('score: 3/3 (1 cached, 1 failed) 30 s\n');
  progress.begin('report').end('cached');
  progress.stop();
  expect(said.at(-1)).toBe('report: 1/1 (1 cached)\n');
});

test('of jobs that are asked for one after another a single line says that they are done', () => {
  const said: string[] = [];
  const stream = { isTTY: false, write: (text: string) => said.push(text) };
  const progress = createProgress(stream as unknown as NodeJS.WriteStream);
  for (let job = 0; job < 3; job++) progress.begin('probe').end('cached');
  expect(said).toEqual([]);
  vi.advanceTimersByTime(1000);
  expect(said).toEqual(['probe: 3/3 (3 cached)\n']);
  progress.stop();
  expect(said).toHaveLength(1);
});

test('jobs of a kind that are asked for again much later are counted and timed by themselves', () => {
  const said: string[] = [];
  const stream = { isTTY: false, write: (text: string) => said.push(text) };
  const progress = createProgress(stream as unknown as NodeJS.WriteStream);
  const work = (): ReturnType<typeof progress.begin> => {
    const task = progress.begin('render');
    task.started();
    return task;
  };
  work().end('computed');
  vi.advanceTimersByTime(3_600_000);
  expect(said).toEqual(['render: 1/1 0 s\n']);
  const [first, second] = [work(), work()];
  vi.advanceTimersByTime(10_000);
  first!.end('computed');
  vi.advanceTimersByTime(10_000);
  expect(said.at(-1)).toBe('  render: 1/2 20 s, 20 s left\n');
  second!.end('computed');
  progress.stop();
  expect(said.at(-1)).toBe('render: 2/2 20 s\n');
});
