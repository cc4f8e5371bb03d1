/**
 * Both transports over the same workers, one of which is in force. A worker has calls of one of them at a time:
 *
 *   by messages ── has none out ──▶ serves the rings ── has been told, and answered all before that ──▶ by messages
 *
 * So nothing has to be kept warm for a flip: the threads and their instances are the same.
 */
import type { GuestCall } from './call.ts';
import type { MessageTransport } from './message-transport.ts';
import type { RingTransport } from './ring/ring-transport.ts';
import type { Transport } from './transport.ts';
import type { WorkerUnit } from './worker-unit.ts';

export type TransportName = 'message' | 'ring';

export class EitherTransport implements Transport {
  readonly #messages: MessageTransport;
  readonly #rings: RingTransport;
  #name: TransportName;

  constructor(name: TransportName, messages: MessageTransport, rings: RingTransport) {
    this.#name = name;
    this.#messages = messages;
    this.#rings = rings;
  }

  get name(): TransportName {
    return this.#name;
  }

  /** From now on calls go this way, to each unit once it has none out of the other. */
  use(name: TransportName, units: readonly WorkerUnit[]): void {
    this.#name = name;
    for (const unit of units) this.begin(unit);
  }

  /** True when the unit has come over. */
  has(unit: WorkerUnit): boolean {
    return this.#name === 'ring' ? unit.link !== null && !unit.isLeaving : unit.link === null;
  }

  begin(unit: WorkerUnit): void {
    if (unit.doomed || this.has(unit) || unit.isLeaving) return;
    if (this.#name === 'message') this.#rings.leave(unit);
    else if (unit.batch === null) this.#rings.begin(unit);
  }

  get held(): number {
    return this.#rings.held;
  }

  choose(units: readonly WorkerUnit[], limit: number, alone: boolean, isShared = false): WorkerUnit | undefined {
    return this.#name === 'ring'
      ? this.#rings.choose(units, limit, alone, isShared)
      : this.#messages.choose(units, limit);
  }

  send(unit: WorkerUnit, calls: readonly GuestCall[]): void {
    if (unit.link === null) this.#messages.send(unit, calls);
    else this.#rings.send(unit, calls);
  }

  sendOne(unit: WorkerUnit, call: GuestCall, atMs: number): void {
    if (unit.link === null) this.#messages.send(unit, [call]);
    else this.#rings.sendOne(unit, call, atMs);
  }

  takeBack(call: GuestCall): boolean {
    return call.heldBy === null ? this.#messages.takeBack(call) : this.#rings.takeBack(call);
  }

  abandoned(call: GuestCall): void {
    if (call.heldBy === null) this.#messages.abandoned(call);
    else this.#rings.abandoned(call);
  }

  confirm(unit: WorkerUnit): void {
    if (unit.link === null) this.#messages.confirm(unit);
    else this.#rings.confirm(unit);
  }

  gone(unit: WorkerUnit): void {
    this.#rings.gone(unit);
  }

  close(): void {
    this.#messages.close();
    this.#rings.close();
  }
}
