/**
 * A worker's instances, least recently used out first.
 *
 * The order remembers every guest ever asked for, with or without an instance, so a reference has
 * its LRU rank whatever the capacity: that is what a miss-ratio curve is drawn from. An instance is
 * kept up to rank `reserved`, but a hit at rank ≥ `capacity` is paid like a miss (the instance is made
 * anew): a trial can then flip the capacity both ways over contents that stay warm.
 *
 * An instance for one call is kept only until that call, where it was brought up before.
 */
import type { BringUp } from './bring-up.ts';
import { GuestSelf } from './guest-self.ts';
import { stateFunction } from './guest-state.ts';
import { type GuestCallable, type Instance, memoriesOf, pick } from './instance.ts';
import type { WorkerGuest } from './protocol.ts';
import { Recency } from './recency.ts';

export class Instances {
  readonly #guests: readonly WorkerGuest[];
  readonly #bringUp: BringUp | undefined;
  readonly #instances: (Instance | undefined)[];
  readonly #order: Recency;
  /** Instances made so far, by guest. */
  readonly #made: Uint32Array;
  /** The guest that was called last. */
  #newest = -1;
  /** No guest of this rank or a later one has an instance. */
  #emptyFrom = 0;
  /** The instance of a call that may still run, when no other call may use it. */
  #used: Instance | undefined;
  /** Of the last reference: LRU rank (−1 never seen), and whether a kept instance served it. */
  rank = -1;
  hit = false;

  /** @param bringUp what brings up guests that have a binding; undefined where none has */
  constructor(guests: readonly WorkerGuest[], bringUp: BringUp | undefined) {
    this.#guests = guests;
    this.#bringUp = bringUp;
    this.#instances = guests.map(() => undefined);
    this.#order = new Recency(guests.length);
    this.#made = new Uint32Array(guests.length);
  }

  /**
   * The guest's functions, in the order the host listed them, for one call; a promise of them where its
   * binding has to bring up an instance first. Sets `rank` and `hit`.
   * @throws whatever the guest's start or its binding throws; the guest then has no instance
   */
  callables(
    guest: number,
    capacity: number,
    reserved: number,
  ): readonly GuestCallable[] | Promise<readonly GuestCallable[]> {
    const kept = this.#instances[guest];
    // By far the most calls: the guest is the one that was called last.
    if (kept?.isKept && this.#newest === guest) {
      this.rank = 0;
      this.hit = true;
      return kept.callables;
    }
    const instance = this.#instanceFor(guest, capacity, reserved);
    return instance instanceof Promise
      ? instance.then((made) => this.#callablesOf(guest, made))
      : this.#callablesOf(guest, instance);
  }

  /** Brings up an instance for the first call that will ask for the guest. @throws like `callables` */
  async prepare(guest: number, capacity: number, reserved: number): Promise<undefined> {
    await this.#instanceFor(guest, capacity, reserved);
  }

  #instanceFor(guest: number, capacity: number, reserved: number): Instance | Promise<Instance> {
    if (this.#used) this.#release();
    const rank = this.#order.use(guest);
    this.#newest = guest;
    const kept = this.#instances[guest];
    this.rank = rank;
    this.hit = kept !== undefined && rank < capacity;
    // What is used comes before all that were used later than it.
    if (rank < 0 || rank >= this.#emptyFrom) this.#emptyFrom++;
    if (this.hit && kept) return kept;
    this.destroy(guest);
    this.evict(reserved);
    const plan = this.#guests[guest] as WorkerGuest;
    if (plan.binding === undefined || !this.#bringUp) {
      return this.#keep(guest, plan, rawInstance(plan));
    }
    return this.#bringUp(plan, plan.binding).then((made) => this.#keep(guest, plan, made));
  }

  /** Of a guest that keeps state, the function that takes it stands behind its own. */
  #keep(guest: number, { state }: WorkerGuest, made: Instance): Instance {
    const count = (this.#made[guest] as number) + 1;
    this.#made[guest] = count;
    const { exports, callables } = made;
    const kept = state ? { ...made, callables: [...callables, stateFunction(state, exports, callables, count)] } : made;
    this.#instances[guest] = kept;
    return kept;
  }

  #callablesOf(guest: number, instance: Instance): readonly GuestCallable[] {
    if (!instance.isKept) {
      this.#instances[guest] = undefined;
      this.#used = instance;
    }
    return instance.callables;
  }

  /** Drops what stands beyond rank `reserved`. */
  evict(reserved: number): void {
    if (this.#used) this.#release();
    for (; this.#emptyFrom > reserved; this.#emptyFrom--) this.destroy(this.#order.at(this.#emptyFrom - 1));
  }

  /** After a trap nothing inside an instance can be relied on. */
  destroy(guest: number): void {
    this.#instances[guest]?.release();
    this.#instances[guest] = undefined;
  }

  /** Bytes of imported and exported memories; others cannot be seen. */
  guestBytes(): number {
    let bytes = 0;
    for (const instance of this.#instances) {
      if (instance) for (const { buffer } of memoriesOf(instance)) bytes += buffer.byteLength;
    }
    return bytes;
  }

  /** The instance that the last call ran in. Asked before it is destroyed. */
  of(guest: number): Instance | undefined {
    return this.#instances[guest] ?? this.#used;
  }

  #release(): void {
    this.#used?.release();
    this.#used = undefined;
  }
}

/** Without a binding: the exports as they are. */
function rawInstance(guest: WorkerGuest): Instance {
  const self = new GuestSelf(guest);
  const { exports } = self.instantiate();
  const isKept = guest.instance === 'keep';
  return { callables: pick(guest.functions, exports), exports, isKept, memory: self.memory, release: nothingToRelease };
}

function nothingToRelease(): void {}
