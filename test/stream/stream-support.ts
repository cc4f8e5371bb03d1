/** What tests of streams share: executors that are slow or fail as told, sinks that misbehave, and a source that can be watched. */
import { setImmediate as turn } from 'node:timers/promises';
import { measured } from 'sandtune';
import type { Ack, OpenSink, OutputRecord, Sink } from 'sandtune/stream';
import { randomStream } from '../../src/foundation/random.ts';

export const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
export const textOf = (given: Uint8Array): string => Buffer.from(given).toString();

let made = 0;

/** An executor of a function of text, with the least that a test says of it. */
export function executorOf(work: (text: string) => string | null | Promise<string | null>) {
  return measured({
    name: `work-${made++}`,
    run: async (given: Uint8Array) => {
      const result = await work(textOf(given));
      return result === null ? null : bytes(result);
    },
  });
}

/** Takes a few turns of the event loop, by chance: what is called first need not end first. */
export function jitter(seed: number): () => Promise<void> {
  const random = randomStream(seed, 'jitter');
  return async () => {
    for (let turns = Math.floor(random() * 6); turns > 0; turns--) await turn();
  };
}

export async function textsOf(results: AsyncIterable<OutputRecord>): Promise<string[]> {
  const all: string[] = [];
  for await (const result of results) all.push(textOf(result.bytes));
  return all;
}

/** An iterable of records that says how far it was read, and whether it was left. */
export class WatchedSource {
  read = 0;
  left = 0;
  readonly #records: readonly string[];

  constructor(records: readonly string[]) {
    this.#records = records;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array> {
    try {
      for (const record of this.#records) {
        this.read++;
        yield bytes(record);
      }
    } finally {
      this.left++;
    }
  }
}

/** A sink that does with each list of records what it is told to. */
export function sinkOf(write: OpenSink['write'], more: Partial<OpenSink> = {}): Sink & { closed: unknown[] } {
  const closed: unknown[] = [];
  return {
    name: 'test',
    undoes: 'none',
    closed,
    open: async () => ({
      write,
      flush: async () => ({ kind: 'none' }),
      close: async (error?: unknown) => {
        closed.push(error);
      },
      ...more,
    }),
  };
}

export function takeAll(into: string[]): (records: readonly OutputRecord[], ack: Ack) => Promise<void> {
  return async (records, ack) => {
    for (const record of records) {
      into.push(textOf(record.bytes));
      ack(record);
    }
  };
}

export const numbers = (count: number): string[] => Array.from({ length: count }, (_, i) => String(i));

export async function turns(count = 50): Promise<void> {
  for (let i = 0; i < count; i++) await turn();
}
