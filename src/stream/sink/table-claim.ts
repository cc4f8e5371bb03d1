/**
 * Which run of a job may commit rows to a table: the one that opened it last. That stands in the database, so that the
 * question and the commit are one transaction, and nothing of a run that was stopped, and goes on after a later one has
 * opened the table, gets in.
 */
import { identityIn, isGone, processText } from '../../store/process-identity.ts';
import { transaction } from '../../store/schema.ts';
import type { DatabaseSync } from '../../store/sqlite.ts';
import { fenced } from '../checkpoint/checkpoint-error.ts';
import type { DatabaseSinkSetup } from './database-protocol.ts';

type Run = NonNullable<DatabaseSinkSetup['run']>;

const tables = `
  CREATE TABLE IF NOT EXISTS sandtune_writers (
    output TEXT NOT NULL, job TEXT NOT NULL, token INTEGER NOT NULL, writer TEXT NOT NULL, PRIMARY KEY (output, job)
  ) STRICT;
`;

export class TableClaim {
  readonly #database: DatabaseSync;
  readonly #table: string;
  readonly #run: Run;

  /** @throws {CheckpointError} 'fenced' where a later run has it, and is not known to have ended; and SQLite's errors */
  constructor(database: DatabaseSync, table: string, run: Run) {
    this.#database = database;
    this.#table = table;
    this.#run = run;
    const { job, fencingToken, writer } = run;
    transaction(database, () => {
      database.exec(tables);
      const last = this.#last;
      // Of checkpoints that were begun anew, tokens are as well: a larger one is that of an earlier run once it has ended.
      if (last && last.token > fencingToken && mayCommit(last.writer))
        throw fenced(job, fencingToken, last.token, `; ${wayOut(last.writer)}`);
      database
        .prepare('INSERT OR REPLACE INTO sandtune_writers VALUES (?, ?, ?, ?)')
        .run(table, job, fencingToken, writer);
    });
  }

  /** To be asked in each transaction that is committed. @throws {CheckpointError} 'fenced' */
  check(): void {
    const { job, fencingToken, writer } = this.#run;
    const last = this.#last;
    if (last && last.writer !== writer) throw fenced(job, fencingToken, last.token);
  }

  /** It writes no more. Where that cannot be told, its process says it by its end. */
  end(): void {
    const { job, writer } = this.#run;
    try {
      this.#database
        .prepare("UPDATE sandtune_writers SET writer = '' WHERE output = ? AND job = ? AND writer = ?")
        .run(this.#table, job, writer);
    } catch {
      // A later run has a larger token.
    }
  }

  get #last(): { readonly token: number; readonly writer: string } | undefined {
    const query = 'SELECT token, writer FROM sandtune_writers WHERE output = ? AND job = ?';
    const row = this.#database.prepare(query).get(this.#table, this.#run.job);
    return row && { token: Number(row['token']), writer: String(row['writer']) };
  }
}

/** @param writer '': it has said that it writes no more. One that cannot be seen from here may live. */
function mayCommit(writer: string): boolean {
  const identity = identityIn(writer);
  return writer !== '' && (identity === null || !isGone(identity));
}

function wayOut(writer: string): string {
  const identity = identityIn(writer);
  const who = identity ? processText(identity) : 'its process';
  return `if ${who} has ended, its row in sandtune_writers may be deleted`;
}
