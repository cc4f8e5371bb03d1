/**
 * A folder for what is only tried out, gone again when it is disposed of, and also where the process exits before:
 * a reader of its output may have ended (`sandtune doctor | head`), and somebody may press Ctrl-C.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { exitCodes } from '../exit-codes.ts';

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

export interface ScratchFolder extends Disposable {
  readonly path: string;
}

/** @param inside a folder that exists @throws what Node throws where nothing can be made there */
export function scratchFolder(inside: string): ScratchFolder {
  const path = mkdtempSync(join(inside, '.sandtune-doctor-'));
  const remove = () => rmSync(path, { recursive: true, force: true });
  const interrupted = () => process.exit(exitCodes.interrupted);
  process.once('exit', remove);
  for (const signal of signals) process.once(signal, interrupted);
  return {
    path,
    [Symbol.dispose]: () => {
      process.off('exit', remove);
      for (const signal of signals) process.off(signal, interrupted);
      remove();
    },
  };
}
