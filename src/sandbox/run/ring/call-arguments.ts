/** The arguments of the call that a worker runs: read out of its frame, or from the port, with no list for one or two. */
import { type MessagePort, receiveMessageOnPort } from 'node:worker_threads';
import type { GuestCallable } from '../instance.ts';
import { frameError, type RingMemory } from './byte-ring.ts';
import type { LentBytes } from './lent-bytes.ts';
import { RegionReader } from './regions.ts';
import type { SignatureCodec } from './signature-codec.ts';
import { ValueReader } from './values.ts';
import { byPort, bySignature, type WorkerMemory } from './worker-memory.ts';

const none: readonly unknown[] = [];

export class CallArguments {
  readonly #ring: RingMemory;
  readonly #values: ValueReader;
  readonly #port: MessagePort;
  /** Of the guest whose call it is; null where it gets bytes of its own. */
  #lent: LentBytes | null = null;
  #count = 0;
  #first: unknown = undefined;
  #second: unknown = undefined;
  #list: readonly unknown[] = none;

  constructor({ requests, argumentRegions }: WorkerMemory, port: MessagePort) {
    this.#ring = requests;
    this.#values = new ValueReader(requests, new RegionReader(argumentRegions, port));
    this.#port = port;
  }

  /**
   * @param id of the call
   * @param at where they begin in the ring
   * @param end of their frame
   * @param count of the frame; `byPort`, `bySignature`
   * @param lent where its bytes are taken from, the guest's until `takeBack()`; null: they are its own
   * @param codec of its function; null where that has no signature
   */
  read(id: number, at: number, end: number, count: number, lent: LentBytes | null, codec: SignatureCodec | null): void {
    if (count === bySignature) return this.#readBySignature(at, end, codec);
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

  #readBySignature(at: number, end: number, codec: SignatureCodec | null): void {
    if (codec === null || codec.argumentBytes > end - at)
      throw frameError('arguments of a function with a signature', `${end - at} bytes`);
    const ring = this.#ring;
    const { argumentCount } = codec;
    this.#count = argumentCount;
    this.#lent = null;
    if (argumentCount > 2) {
      this.#list = Array.from({ length: argumentCount }, (_, index) => codec.readArgument(ring, at, index));
      return;
    }
    if (argumentCount > 0) this.#first = codec.readArgument(ring, at, 0);
    if (argumentCount > 1) this.#second = codec.readArgument(ring, at, 1);
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
