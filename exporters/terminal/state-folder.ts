/**
 * Where the ledger is, and numbers from the command line. This file loads no ledger, which would need a
 * Node with SQLite.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { UsageError } from './exit-codes.ts';

/** `given`, else $SANDTUNE_DIR, else '.sandtune'. */
export function stateFolder(given: string | undefined): string {
  if (given === '') throw new UsageError("--state-dir: expected a folder, got ''");
  return given ?? process.env['SANDTUNE_DIR'] ?? '.sandtune';
}

export function hasLedger(folder: string): boolean {
  return existsSync(join(folder, 'ledger.sqlite'));
}

/** @throws {UsageError} unless `text` is a whole number; undefined stays undefined */
export function wholeNumber(option: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (!/^\d+$/.test(text)) throw new UsageError(`${option}: expected a whole number, got '${text}'`);
  return Number(text);
}
