/** The arguments of the call that a worker runs: read out of its frame, or from the port, with no list for one or two. */
import { type MessagePort, receiveMessageOnPort } from 'node:worker_threads';
import type { GuestCallable } from '../instance.ts';
import { frameError } from './byte-ring.ts';
import { LentBytes } from './lent-bytes.ts';
import { RegionReader } from './regions.ts';
import { ValueReader } from './values.ts';
import { byPort, type WorkerMemory } from './worker-memory.ts';

const none: readonly unknown[] = [];

export class CallArguments {
  readonly #values: ValueReader;
  readonly #port: MessagePort;
  readonly #lent = new LentBytes();
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
   * @param areLent true where its bytes are the guest's until `takeBack()`
   */
  read(id: number, at: number, end: number, count: number, areLent: boolean): void {
    this.#count = count;
    this.#values.place = areLent ? this.#lent : null;
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
    this.#lent.takeBack();
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
