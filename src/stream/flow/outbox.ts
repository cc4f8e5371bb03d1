/** Results in the order in which the sink gets them. The results of one record are never torn apart. */
import { copyOfBytes } from '../../foundation/copy-bytes.ts';
import { type FlowEntry, Output } from './entry.ts';
import { isOneOutput } from './outputs.ts';

export class Outbox {
  #entries: FlowEntry[] = [];
  #head = 0;

  get isEmpty(): boolean {
    return this.#head === this.#entries.length;
  }

  get first(): FlowEntry | undefined {
    return this.#entries[this.#head];
  }

  add(entry: FlowEntry): void {
    this.#entries.push(entry);
  }

  /**
   * @param may false ends it before this record
   * @param borrows the sink looks at no bytes after it has acknowledged them: what lies in shared memory need not be copied
   */
  take(
    mostRecords: number,
    mostBytes: number,
    may: (entry: FlowEntry) => boolean,
    borrows: boolean,
  ): readonly Output[] {
    const outputs: Output[] = [];
    let bytes = 0;
    for (let next = this.first; next && outputs.length < mostRecords && bytes < mostBytes; next = this.first) {
      if (!may(next)) break;
      this.#head++;
      const mustCopy = next.block !== null && !borrows;
      const { outputs: own } = next;
      if (isOneOutput(own)) outputs.push(new Output(next, mustCopy ? copyOfBytes(own) : own));
      else for (const output of own) outputs.push(new Output(next, mustCopy ? copyOfBytes(output) : output));
      bytes += next.chargedBytes;
    }
    if (this.isEmpty) {
      this.#entries.length = 0;
      this.#head = 0;
    } else if (this.#head >= 1024) {
      this.#entries = this.#entries.slice(this.#head);
      this.#head = 0;
    }
    return outputs;
  }
}
