/**
 * SQLite, asked for rather than imported by name: an older Node has none, and would refuse the import
 * before anything could say so in a sentence.
 */
import '../foundation/node-version.ts';
import type * as Sqlite from 'node:sqlite';

export type DatabaseSync = Sqlite.DatabaseSync;
export const { DatabaseSync } = process.getBuiltinModule('node:sqlite');
