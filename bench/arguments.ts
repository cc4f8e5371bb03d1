/** Arguments of the programs of this folder: read, or refused with what was expected and exit code 2. */
import { type ParseArgsConfig, parseArgs } from 'node:util';
import { isSandtuneError, messageOf, SandtuneError } from '../src/foundation/errors.ts';
import { checkInteger } from '../src/foundation/options.ts';

/** @throws {SandtuneError} ERR_SANDTUNE_OPTION for an option that is not among `options` */
export function readArguments<const O extends NonNullable<ParseArgsConfig['options']>>(
  args: readonly string[],
  options: O,
) {
  try {
    return parseArgs({ args: [...args], allowPositionals: true, options });
  } catch (error) {
    throw new SandtuneError('ERR_SANDTUNE_OPTION', messageOf(error), { cause: error });
  }
}

/**
 * The number that was given, undefined where none was.
 * @throws {SandtuneError} ERR_SANDTUNE_OPTION for anything but a whole number from `min`
 */
export function wholeNumber(name: string, text: string | undefined, min: number): number | undefined {
  if (text === undefined) return undefined;
  return checkInteger(name, text.trim() === '' ? text : Number(text), { min });
}

/** What `read` gives; the program ends if it refuses. */
export function orExit<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    return refuse(error);
  }
}

/** Ends the program for an error of ours; any other is passed on. */
export function refuse(error: unknown): never {
  if (!isSandtuneError(error)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exit(2);
}
