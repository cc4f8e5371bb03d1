/**
 * What one run has around it, held by gates: a source that gives what it is fed, calls, a sink and a store that wait
 * until they are let, and a count of all that is asked of them. Each can be told to fail.
 */
import type {
  Ack,
  Checkpoint,
  CheckpointStorage,
  OpenSink,
  OpenSource,
  OutputRecord,
  Sink,
  Source,
} from '../../../src/stream/index.ts';

/** Open: what comes passes. Closed: it waits, for good where it is never opened. */
export class Gate {
  #opened: PromiseWithResolvers<void> | undefined;
  /** Those that have waited. */
  waited = 0;

  close(): void {
    this.#opened ??= Promise.withResolvers();
  }

  open(): void {
    this.#opened?.resolve();
    this.#opened = undefined;
  }

  async pass(): Promise<void> {
    while (this.#opened) {
      this.waited++;
      await this.#opened.promise;
    }
  }
}

interface Held {
  readonly record: OutputRecord;
  readonly ack: Ack;
}

/** Fresh for each cell: what it is made of must be gone when the cell is over. */
export class Scene {
  readonly gates = {
    fence: new Gate(),
    sourceOpen: new Gate(),
    sinkOpen: new Gate(),
    call: new Gate(),
    write: new Gate(),
    save: new Gate(),
    letter: new Gate(),
    sinkClose: new Gate(),
    sourceReturn: new Gate(),
  };
  /** What fails from now on, and with what. */
  readonly failing: {
    call?: unknown;
    write?: unknown;
    ack?: unknown;
    save?: unknown;
    sinkClose?: unknown;
    sourceClose?: unknown;
    letter?: unknown;
  } = {};
  /** Checkpoints that fail from now on, before one is saved. */
  savesToFail = 0;
  readonly asked = { reads: 0, returns: 0, opens: 0, calls: 0, writes: 0, letters: 0 };
  readonly closed: { source: number; readonly sink: unknown[] } = { source: 0, sink: [] };
  readonly saved: Checkpoint[] = [];
  /** Offsets in the order in which they were acknowledged. */
  readonly acknowledged: number[] = [];
  isWithholding = false;
  isDoubling = false;
  sinkOpens = 0;
  readonly #held: Held[] = [];
  readonly #fed: Uint8Array[] = [];
  #reader: PromiseWithResolvers<IteratorResult<Uint8Array>> | undefined;
  #end: { readonly error?: unknown } | undefined;
  /** The source has told that it has ended, or failed. */
  hasToldEnd = false;
  readonly source: Source;
  readonly sink: Sink;
  readonly storage: CheckpointStorage;

  constructor() {
    this.source = { name: 'edges', open: () => this.#openSource() };
    this.sink = { name: 'edges', undoes: 'none', open: () => this.#openSink() };
    this.storage = this.#makeStorage();
  }

  get heldAcks(): number {
    return this.#held.length;
  }

  feed(record: string | Uint8Array): void {
    if (this.#end) return;
    this.#fed.push(typeof record === 'string' ? new TextEncoder().encode(record) : record);
    this.#answer();
  }

  end(error?: { readonly error: unknown }): void {
    if (this.#end) return;
    this.#end = error ?? {};
    this.#answer();
  }

  /** The acknowledgements that were held back. */
  acknowledge(): void {
    this.isWithholding = false;
    for (const { record, ack } of this.#held.splice(0)) this.#ack(record, ack);
  }

  async call(bytes: Uint8Array): Promise<Uint8Array> {
    this.asked.calls++;
    this.#throwIf('call');
    await this.gates.call.pass();
    this.#throwIf('call');
    return bytes;
  }

  async letter(): Promise<void> {
    this.asked.letters++;
    this.#throwIf('letter');
    await this.gates.letter.pass();
    this.#throwIf('letter');
  }

  #throwIf(what: keyof Scene['failing']): void {
    if (what in this.failing) throw this.failing[what];
  }

  async #openSource(): Promise<OpenSource> {
    await this.gates.sourceOpen.pass();
    this.asked.opens++;
    const iterator = {
      next: () => this.#next(),
      return: async () => {
        this.asked.returns++;
        await this.gates.sourceReturn.pass();
        return { done: true as const, value: undefined };
      },
    };
    return {
      partitions: [
        {
          partition: '0',
          identity: null,
          gives: 'records',
          canSeek: true,
          read: () => ({ [Symbol.asyncIterator]: () => iterator }),
        },
      ],
      close: async () => {
        this.closed.source++;
        this.#throwIf('sourceClose');
      },
    };
  }

  #next(): Promise<IteratorResult<Uint8Array>> {
    this.asked.reads++;
    this.#reader = Promise.withResolvers();
    const { promise } = this.#reader;
    this.#answer();
    return promise;
  }

  #answer(): void {
    const reader = this.#reader;
    if (!reader) return;
    const value = this.#fed.shift();
    if (value === undefined && !this.#end) return;
    this.#reader = undefined;
    if (value !== undefined) return reader.resolve({ done: false, value });
    this.hasToldEnd = true;
    if (this.#end && 'error' in this.#end) reader.reject(this.#end.error);
    else reader.resolve({ done: true, value: undefined });
  }

  async #openSink(): Promise<OpenSink> {
    await this.gates.sinkOpen.pass();
    this.sinkOpens++;
    return {
      write: async (records, ack) => {
        this.asked.writes++;
        this.#throwIf('write');
        await this.gates.write.pass();
        this.#throwIf('write');
        for (const record of records) {
          if (this.isWithholding) this.#held.push({ record, ack });
          else this.#ack(record, ack);
        }
      },
      flush: async () => ({ kind: 'none' }),
      close: async (error) => {
        this.closed.sink.push(error);
        await this.gates.sinkClose.pass();
        this.#throwIf('sinkClose');
      },
    };
  }

  #ack(record: OutputRecord, ack: Ack): void {
    if ('ack' in this.failing) return ack(record, this.failing.ack);
    this.acknowledged.push(record.offset);
    ack(record);
    if (this.isDoubling) ack(record, new Error('told twice'));
  }

  #makeStorage(): CheckpointStorage {
    return {
      name: 'edges',
      fence: async () => {
        await this.gates.fence.pass();
        return 1;
      },
      save: async (checkpoint) => {
        this.#throwIf('save');
        await this.gates.save.pass();
        this.#throwIf('save');
        if (this.savesToFail-- > 0) throw new Error('the disk is full');
        this.saved.push(checkpoint);
      },
      restore: async () => ({ checkpoint: undefined, quarantined: [] }),
      list: async () => [],
      verify: async (id) => ({ id, isWhole: true, reason: undefined }),
      close: async () => {},
    };
  }
}
