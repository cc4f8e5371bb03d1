/** Where in a program something of ours was called, for whoever shows the line that is to be changed. */
import { fileURLToPath } from 'node:url';

export interface CallSite {
  /** Absolute path. */
  readonly file: string;
  /** Both from 1; where the name of what was called begins, or what it is called on. */
  readonly line: number;
  readonly column: number;
  /** 'createSandbox'. */
  readonly callee: string;
}

const place = /(?:\(|at (?:async )?)((?:file:\/\/|\/|[A-Za-z]:[\\/]).+):(\d+):(\d+)\)?$/;

/**
 * The call of `callee` that is going on; null where the stack does not tell. Some microseconds: for what is
 * made once.
 */
export function callSiteOf(callee: (...args: never[]) => unknown): CallSite | null {
  const { stackTraceLimit } = Error;
  const at: { stack?: string } = {};
  try {
    Error.stackTraceLimit = 1;
    Error.captureStackTrace(at, callee);
    const found = place.exec(String(at.stack).split('\n')[1] ?? '');
    if (!found) return null;
    const [, where = '', line, column] = found;
    const file = where.startsWith('file:') ? fileURLToPath(where) : where;
    return { file, line: Number(line), column: Number(column), callee: callee.name };
  } catch {
    return null;
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
  }
}
