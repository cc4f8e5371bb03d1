/** Writes a store in memory: at once, on the thread that appends. */
import type { DatabaseSync } from 'node:sqlite';
import type { Batch } from './row.ts';
import { RowWriter } from './row-writer.ts';
import { withStoreErrors } from './store-error.ts';
import { type Answers, carryOut, type Request, type Writer, type WriterListener } from './writer.ts';

export class DirectWriter implements Writer {
  readonly waiting: readonly Batch[] = [];
  readonly waitingChars = 0;
  readonly #path: string;
  readonly #database: DatabaseSync;
  readonly #rows: RowWriter;
  readonly #listener: WriterListener;

  constructor(path: string, database: DatabaseSync, writer: string, listener: WriterListener) {
    this.#path = path;
    this.#database = database;
    this.#rows = new RowWriter(database, writer);
    this.#listener = listener;
  }

  append(batch: Batch): void {
    const outdated = withStoreErrors(this.#path, () => this.#rows.write([batch]));
    if (outdated.length > 0) this.#listener.outdated(outdated);
  }

  written(): Promise<void> {
    return Promise.resolve();
  }

  async ask<R extends Request>(request: R): Promise<Answers[R['kind']]> {
    return withStoreErrors(this.#path, () => carryOut(this.#database, request) as Answers[R['kind']]);
  }

  flush(): void {}

  close(): Promise<void> {
    return Promise.resolve();
  }
}
