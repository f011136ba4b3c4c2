/** How numbers and names look in tables, the same in every view. */
import { genuineAlone } from '../records/record.ts';
import type { Measured } from '../types.ts';

/** `0.812`, or `–` where there is no value. */
export function formatValue(measured: Measured, digits = 3): string {
  return measured.value === null ? '–' : measured.value.toFixed(digits);
}

/** `0.741–0.893`, `-0.472 to -0.067`, or `–` where there is no interval. */
export function formatInterval(measured: Measured, digits = 3): string {
  const interval = intervalOf(measured);
  if (!interval) return '–';
  const between = interval.low < 0 ? ' to ' : '–';
  return `${interval.low.toFixed(digits)}${between}${interval.high.toFixed(digits)}`;
}

/** The interval of a measured number, where it has one. */
export function intervalOf(measured: Measured): { low: number; high: number } | undefined {
  if (measured.value === null || typeof measured.low !== 'number' || typeof measured.high !== 'number')
    return undefined;
  return { low: measured.low, high: measured.high };
}

/** Why the number or its interval is missing, where it is. */
export function reasonOf(measured: Measured): string | undefined {
  return 'reason' in measured ? measured.reason : undefined;
}

/** A number for a table whose scale is unknown: four significant digits, no exponent where it can be avoided. */
export function formatNumber(value: number): string {
  const size = Math.abs(value);
  if (Number.isInteger(value) || size >= 10_000)
    return size >= 1e15 ? value.toPrecision(4) : value.toFixed(0);
  return size !== 0 && size < 1e-4 ? value.toExponential(2) : String(Number(value.toPrecision(4)));
}

export function formatPercent(share: number | null): string {
  return share === null ? '–' : `${Number((share * 100).toFixed(1))} %`;
}

/** `0.8 s`, `42 s`, `3 min 5 s`, `2 h 4 min`. */
export function formatDuration(seconds: number): string {
  if (seconds < 10) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  const minutes = Math.floor(whole / 60);
  return minutes < 60
    ? `${minutes} min ${whole % 60} s`
    : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

/** Mebibytes below one gibibyte, gibibytes above: `210 MiB`, `1.8 GiB`. */
export function formatBytes(bytes: number): string {
  const mebibytes = bytes / 2 ** 20;
  return mebibytes < 1024 ? `${Math.round(mebibytes)} MiB` : `${(mebibytes / 1024).toFixed(1)} GiB`;
}

/** `1 clip`, `2 clips`. */
export function plural(count: number, noun: string, nouns = `${noun}s`): string {
  return `${count} ${count === 1 ? noun : nouns}`;
}

/** What a trained detector learned from, as it stands behind `trained on`. */
export function formatLessons(trainedOn: string): string {
  return trainedOn === genuineAlone ? `${genuineAlone} alone` : trainedOn.replaceAll('+', ' + ');
}

/** `a`, `a and b`, `a, b and c`. */
export const listed = (names: readonly string[]): string =>
  names.length < 2 ? names.join('') : `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`;

/** Order of texts by code unit: the same on every machine, whatever its language. */
export function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** Whether an AUC's interval excludes 0.5, chance. */
export function isApart(measured: Measured): boolean {
  const interval = intervalOf(measured);
  return interval !== undefined && (interval.low > 0.5 || interval.high < 0.5);
}
