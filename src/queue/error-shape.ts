/** Errors as plain data, to be told to another process. */
import { ItemError, UserError } from '../errors.ts';

export type ErrorShape = {
  type: 'item' | 'user' | 'bug';
  message: string;
  code?: `E_${string}`;
  exitCode?: number;
  stack?: string;
};

export function describe(error: unknown): ErrorShape {
  if (error instanceof ItemError) return { type: 'item', code: error.code, message: error.message };
  if (error instanceof UserError) return { type: 'user', message: error.message, exitCode: error.exitCode };
  if (error instanceof Error)
    return { type: 'bug', message: error.message, ...(error.stack ? { stack: error.stack } : {}) };
  return { type: 'bug', message: String(error) };
}

export function revive(shape: ErrorShape): Error {
  if (shape.type === 'item') return new ItemError(shape.code ?? 'E_UNKNOWN', shape.message);
  if (shape.type === 'user')
    return new UserError(shape.message, shape.exitCode === undefined ? {} : { exitCode: shape.exitCode });
  const error = new Error(shape.message);
  if (shape.stack) error.stack = shape.stack;
  return error;
}
