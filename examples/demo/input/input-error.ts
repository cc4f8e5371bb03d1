/** The error of a demo that cannot run on what it was given. */
import { SandtuneError } from 'sandtune';

export function inputError(message: string, cause?: unknown): SandtuneError {
  return new SandtuneError('ERR_SANDTUNE_INPUT', message, { cause });
}
