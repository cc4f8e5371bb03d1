/** A fault as an edit: one place in one file, found by its exact text. */
import { SandtuneError } from '../../../src/foundation/errors.ts';

export interface Mutant {
  /** What is wrong with it, in a few words. */
  readonly name: string;
  readonly file: string;
  /** Stands exactly once in the file. */
  readonly find: string;
  readonly put: string;
  /** Files one of which must fail. */
  readonly tests: readonly string[];
}

/**
 * @returns the file's text with the fault
 * @throws {SandtuneError} ERR_SANDTUNE_INPUT where the place is gone or stands more than once: the fault
 *   then has to be put into what replaced it
 */
export function mutated(text: string, { name, file, find, put }: Mutant): string {
  const places = text.split(find).length - 1;
  if (places !== 1)
    throw new SandtuneError(
      'ERR_SANDTUNE_INPUT',
      `mutant '${name}': expected its place once in ${file}, found it ${places} times`,
    );
  // A function, since `$` means something in a text that replaces.
  return text.replace(find, () => put);
}
