/**
 * The calls that wait in a dispatch queue: first come, first served, until one names a tenant or a priority,
 * and from then on by the turns of fair-line.ts. Until then what follows costs one comparison a call.
 */
import type { SandtuneError } from '../foundation/errors.ts';
import { type Linked, Ring } from '../foundation/ring.ts';
import type { Call } from '../measure/call.ts';
import { FairLine, type FairLineOptions } from './fair-line.ts';
import { tenantError } from './tenants.ts';

/** What may leave now: nothing; nothing before the turn of the event loop ends; nothing yet, for it lingers; a dispatch. */
export type Ready = 'none' | 'later' | 'lingering' | 'ready';

export interface WaitingOptions<T> extends FairLineOptions<T> {
  /** The executor's, for errors. */
  readonly name: string;
  /** True while calls that wait since then may wait for others. */
  readonly lingers: (sinceMs: number) => boolean;
}

export class WaitingCalls<T extends Call & Linked> {
  readonly #options: WaitingOptions<T>;
  readonly #plain = new Ring<T>();
  #fair: FairLine<T> | null = null;

  constructor(options: WaitingOptions<T>) {
    this.#options = options;
  }

  /** True while calls of tenants wait or run, so that what a unit holds beyond what it runs may be in another's way. */
  get isShared(): boolean {
    return this.tenantCount > 0;
  }

  /** A call has named a tenant or a priority. */
  get isFair(): boolean {
    return this.#fair !== null;
  }

  get tenantCount(): number {
    return this.#fair?.tenantCount ?? 0;
  }

  /** The error of a call that would be more than its tenant may have waiting; null where it is not. */
  refusalOf(call: T): SandtuneError | null {
    if (this.#fair === null && call.standing !== null) this.#share();
    const limit = this.#fair === null ? null : this.#fair.wouldBreak(call);
    if (limit === null) return null;
    const { name, tenants } = this.#options;
    return tenantError(name, call.standing?.tenant ?? '', limit, tenants[limit]);
  }

  append(call: T): void {
    if (this.#fair === null) this.#plain.append(call);
    else this.#fair.append(call);
  }

  /** The call, which was unlinked, does not wait any more; it may have waited elsewhere. */
  removed(call: T): void {
    this.#fair?.removed(call);
  }

  /**
   * @param count of the calls that wait here
   * @param partFilled true at the end of a turn of the event loop, or of a linger, and when a setting has changed
   */
  ready(count: number, partFilled: boolean): Ready {
    const size = this.#options.size();
    const fair = this.#fair;
    if (fair === null) {
      if (count === 0) return 'none';
      if (count >= size) return 'ready';
      if (!partFilled) return 'later';
      return this.#options.lingers((this.#plain.first as T).offeredMs) ? 'lingering' : 'ready';
    }
    if (!fair.hasAny) return 'none';
    return fair.hasFull || fair.hasOlder || partFilled ? 'ready' : 'later';
  }

  /** Removes the calls of the next dispatch; none where all that wait linger, or wait for this turn to end. */
  take(partFilled: boolean): T[] {
    if (this.#fair === null) return this.#plain.take(this.#options.size());
    return this.#fair.take((lane, isOlder) => (partFilled || isOlder) && !this.#options.lingers(lane.sinceMs));
  }

  /** Removes the call that came first, and returns it. There must be one, and none of a tenant or a priority. */
  shift(): T {
    return this.#plain.shift();
  }

  turnEnded(): void {
    this.#fair?.turnEnded();
  }

  resized(): void {
    this.#fair?.resized();
  }

  /** The call goes out, though not from here. */
  passed(call: T): void {
    this.#fair?.passed(call);
  }

  /** The dispatch with this call first is back, or never went. */
  back(call: T): void {
    this.#fair?.back(call);
  }

  clear(): T[] {
    return this.#fair === null ? this.#plain.take(Number.POSITIVE_INFINITY) : this.#fair.clear();
  }

  #share(): void {
    const waited = this.clear();
    this.#fair = new FairLine(this.#options);
    for (const call of waited) this.#fair.append(call);
  }
}
