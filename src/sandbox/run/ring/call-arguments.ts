/** The arguments of the call that a worker runs: read out of its frame, or from the port, with no list for one or two. */
import { type MessagePort, receiveMessageOnPort } from 'node:worker_threads';
import type { GuestCallable } from '../instance.ts';
import { frameError } from './byte-ring.ts';
import type { LentBytes } from './lent-bytes.ts';
import { RegionReader } from './regions.ts';
import { ValueReader } from './values.ts';
import { byPort, type WorkerMemory } from './worker-memory.ts';

const none: readonly unknown[] = [];

export class CallArguments {
  readonly #values: ValueReader;
  readonly #port: MessagePort;
  /** Of the guest whose call it is; null where it gets bytes of its own. */
  #lent: LentBytes | null = null;
  #count = 0;
  #first: unknown = undefined;
  #second: unknown = undefined;
  #list: readonly unknown[] = none;

  constructor({ requests, argumentRegions }: WorkerMemory, port: MessagePort) {
    this.#values = new ValueReader(requests, new RegionReader(argumentRegions, port));
    this.#port = port;
  }

  /**
   * @param id of the call
   * @param at where they begin in the ring
   * @param end of their frame
   * @param count of the frame; `byPort`
   * @param lent where its bytes are taken from, the guest's until `takeBack()`; null: they are its own
   */
  read(id: number, at: number, end: number, count: number, lent: LentBytes | null): void {
    this.#count = count;
    this.#lent = lent;
    this.#values.place = lent;
    if (count === byPort) {
      this.#list = this.#receive(id);
      return;
    }
    const values = this.#values;
    values.at = at;
    if (count < 0 || count > (end - at) >> 3) throw frameError('arguments within their frame', count);
    if (count > 2) {
      this.#list = Array.from({ length: count }, () => values.read(end));
      return;
    }
    if (count > 0) this.#first = values.read(end);
    if (count > 1) this.#second = values.read(end);
  }

  call(callable: GuestCallable): unknown {
    switch (this.#count) {
      case 0:
        return callable();
      case 1:
        return callable(this.#first);
      case 2:
        return callable(this.#first, this.#second);
      default:
        return callable(...this.#list);
    }
  }

  /** What was lent for the call is no longer the guest's. */
  takeBack(): void {
    this.#lent?.takeBack();
  }

  /** What the last call was given is not kept while nothing is to be done. */
  forget(): void {
    this.#first = undefined;
    this.#second = undefined;
    this.#list = none;
  }

  /** The arguments that were posted for this call. */
  #receive(id: number): readonly unknown[] {
    const [posted, args] = (receiveMessageOnPort(this.#port)?.message ?? []) as readonly [unknown?, unknown?];
    if (posted !== id || !Array.isArray(args)) throw frameError(`the arguments of call ${id}`, posted);
    return args;
  }
}
