/** What whoever runs the service must mend, and what is no fault of a file or a request. */
import { exitCodes, machineTrouble, UserError } from '../errors.ts';

/** The error where the machine is its cause (a full disk, a tool that does not start), as this process met it or as a worker told it; undefined for any other. */
export const troubleOf = (error: unknown): UserError | undefined =>
  error instanceof UserError && error.exitCode === exitCodes.environment ? error : machineTrouble(error);
