/**
 * What `sandtune stream` needs of a module, read from its bytes before anything runs: records lie in its memory, so
 * it exports that, room for them, and the function, as `records()` of sandtune/bindings takes them. A module that
 * has imports needs a binding that somebody wrote for it, and so a program.
 */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { messageOf } from '../../../src/foundation/errors.ts';
import { meantText } from '../../../src/foundation/nearest.ts';
import { describeModule, type ModuleShape, type Signature } from '../../../src/sandbox/module/describe-module.ts';
import { readSections } from '../../../src/sandbox/module/sections.ts';
import { listText } from '../../words/numbers.ts';
import { UsageError } from '../exit-codes.ts';

export interface RecordGuest {
  readonly bytes: Uint8Array;
  readonly sha256: string;
}

/** @throws {UsageError} with what is missing */
export function recordGuest(file: string, functionName: string): RecordGuest {
  const bytes = readModule(file);
  const misfit = misfitOf(shapeOf(file, bytes), functionName);
  if (misfit !== null) throw new UsageError(`${file}: ${misfit}`);
  return { bytes, sha256: createHash('sha256').update(bytes).digest('hex') };
}

/** Why a module cannot take records, with what was expected and got; null where it can. */
function misfitOf({ imports, functions, memories }: ModuleShape, functionName: string): string | null {
  if (imports.length > 0) {
    const names = imports.slice(0, mostNamed).map(({ module, name }) => `${module}.${name}`);
    return `expected a guest that imports nothing, got imports of ${named(names, imports.length)}; a guest with imports needs a binding and a program: createStreamProcessor() of sandtune/stream`;
  }
  if (!memories.has('memory'))
    return "expected a guest that exports its memory as 'memory', in which its records lie, got none";
  const alloc = functions.get('alloc');
  if (!alloc || !isAlloc(alloc))
    return `expected a guest that exports 'alloc' (i32) → i32, which gives room for so many bytes until it is called again, got ${alloc ? textOf(alloc) : 'none'}`;
  const found = functions.get(functionName);
  if (found && isTransform(found)) return null;
  const fitting = [...functions].filter(([, signature]) => isTransform(signature)).map(([name]) => name);
  const fits = fitting.length > 0 ? named(fitting.slice(0, mostNamed), fitting.length) : 'no function of it';
  return `expected --function to name an export (i32 pointer, i32 bytes) → i64, or → (i32, i32), as ${fits} of this module is, got '${functionName}'${found ? ` ${textOf(found)}` : meantText(functionName, fitting)}`;
}

/** Exports or imports that a message names. */
const mostNamed = 5;

function named(some: readonly string[], count: number): string {
  return listText([...some, ...(count > some.length ? [`${count - some.length} more`] : [])]);
}

function isAlloc({ params, results }: Signature): boolean {
  return params.join() === 'i32' && results.join() === 'i32';
}

function isTransform({ params, results }: Signature): boolean {
  return params.join() === 'i32,i32' && ['i64', 'i32,i32'].includes(results.join());
}

function textOf({ params, results }: Signature): string {
  return `(${params.join(', ')}) → ${results.length === 1 ? results[0] : `(${results.join(', ')})`}`;
}

function readModule(file: string): Uint8Array {
  try {
    return readFileSync(file);
  } catch (error) {
    throw new UsageError(`--module: expected a file that can be read, got ${messageOf(error)}`);
  }
}

function shapeOf(file: string, bytes: Uint8Array): ModuleShape {
  try {
    return describeModule(bytes, readSections(bytes));
  } catch (error) {
    throw new UsageError(`--module ${file}: ${messageOf(error)}`);
  }
}
