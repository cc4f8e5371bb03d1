/** The kept settings and off switches, which are carried over from a ledger that is set aside. */
import type { DatabaseSync } from 'node:sqlite';
import { readCells } from '../src/store/cells.ts';
import type { Cell } from '../src/store/row.ts';
import { cellKeys } from './ledger-cells.ts';

/** @throws for a file that holds neither cells as they were put nor the tables of version 2 */
export function salvagedCells(database: DatabaseSync): readonly Cell[] {
  const hasCells = database.prepare("SELECT 1 FROM sqlite_master WHERE name = 'cells'").get() !== undefined;
  return hasCells ? readCells(database) : cellsOfVersion2(database);
}

function cellsOfVersion2(database: DatabaseSync): readonly Cell[] {
  const kept = database
    .prepare('SELECT executor, configured, settings FROM kept')
    .all()
    .map((row) => ({
      subject: String(row['executor']),
      key: cellKeys.kept,
      value: `{"configured":${String(row['configured'])},"settings":${String(row['settings'])}}`,
    }));
  const switches = database
    .prepare('SELECT executor, off FROM switches')
    .all()
    .map((row) => ({ subject: String(row['executor']), key: cellKeys.off, value: row['off'] === 1 ? 'yes' : 'no' }));
  return [...kept, ...switches];
}
