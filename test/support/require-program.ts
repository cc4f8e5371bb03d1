/**
 * For tests that need a program: where it is missing they are skipped and say so in their name, and
 * with SANDTUNE_REQUIRE_ALL=1 they fail.
 *
 *   const protoc = findProgram('protoc', 'apt-get install protobuf-compiler');
 *   describe.skipIf(protoc.missing)(`what is sent${protoc.note}`, …);
 */
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

export interface FoundProgram {
  readonly path: string;
  /** Skip the test. */
  readonly missing: boolean;
  /** '' or why it is skipped, for the test's name. */
  readonly note: string;
}

/** @throws when the program is missing and SANDTUNE_REQUIRE_ALL=1 */
export function findProgram(name: string, install: string, environment = process.env): FoundProgram {
  for (const folder of (environment['PATH'] ?? '').split(delimiter)) {
    const path = join(folder, name);
    try {
      accessSync(path, constants.X_OK);
      return { path, missing: false, note: '' };
    } catch {
      // Not in this folder.
    }
  }
  const reason = `${name} is not installed: ${install}`;
  if (environment['SANDTUNE_REQUIRE_ALL'] === '1') throw new Error(`SANDTUNE_REQUIRE_ALL=1, and ${reason}`);
  return { path: name, missing: true, note: ` (skipped: ${reason})` };
}

/** The same for something a variable points to, which no machine has by itself: never required. */
export function findVariable(name: string, what: string, environment = process.env) {
  const value = environment[name];
  return { value: value ?? '', missing: !value, note: value ? '' : ` (skipped: ${name}, ${what}, is not set)` };
}
