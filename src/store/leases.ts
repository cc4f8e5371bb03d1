/**
 * The leases of a store, as one process sees them: what it was granted, what it found to be lost, and what
 * it has seen of other holders. What a lease is stands in lease.ts.
 */
import type { DatabaseSync } from 'node:sqlite';
import {
  type Claim,
  claimLease,
  type Granted,
  type HeldLease,
  type HolderLook,
  heldLeases,
  type Sighting,
} from './lease.ts';
import { checkPlace, inMemory, openForHost, type StoreFile } from './open-file.ts';
import type { Fence } from './row.ts';
import { withStoreErrors } from './store-error.ts';
import type { Writer } from './writer.ts';

export class Leases {
  readonly #file: StoreFile;
  readonly #writable: () => Writer;
  /** Grants that turned out not to be the newest. */
  readonly #lost = new Set<string>();
  readonly #sightings = new Map<string, Sighting>();
  /** By subject, under the newest grant. */
  readonly #firstLooks = new Map<string, HolderLook>();

  /** @param writable gives the writer. Throws {StoreError} 'closed' or 'read-only' */
  constructor(file: StoreFile, writable: () => Writer) {
    this.#file = file;
    this.#writable = writable;
  }

  /**
   * Asks to act for `subject`, at once: holds the thread up for some milliseconds at most.
   * @throws {StoreError} 'locked' when another process writes just now: ask again, or `claimLater`
   */
  claim(claim: Omit<Claim, 'seen'>): Granted {
    this.#writable();
    const answer = this.#withHostFile((database) => claimLease(database, this.#withSighting(claim)));
    return this.#sighted(claim, answer);
  }

  /** The same, asked by the writer's thread: the caller's waits for nothing. @throws {StoreError} */
  async claimLater(claim: Omit<Claim, 'seen'>): Promise<Granted> {
    const answer = await this.#writable().ask({ kind: 'claim', claim: this.#withSighting(claim) });
    return this.#sighted(claim, answer);
  }

  /** Says that the holder lives. Resolves with whether it still is the holder. @throws {StoreError} */
  async renew(fence: Fence, wallMs: number): Promise<boolean> {
    const renewed = await this.#writable().ask({ kind: 'renew', fence, wallMs });
    if (!renewed) this.lost([fence]);
    return renewed && this.holds(fence);
  }

  /** Leaves the lease to the next one that asks. @throws {StoreError} */
  async release(fence: Fence): Promise<void> {
    await this.#writable().ask({ kind: 'release', fence });
  }

  /** Whether the grant is still the newest, as far as this process knows. O(1). */
  holds(fence: Fence): boolean {
    return !this.#lost.has(keyOf(fence));
  }

  /** Grants that were found not to be the newest. */
  lost(fences: readonly Fence[]): void {
    for (const fence of fences) this.#lost.add(keyOf(fence));
  }

  /** Who acts for which subject, as far as it is on disk. @throws {StoreError} */
  held(): readonly HeldLease[] {
    return withStoreErrors(this.#file.path, () => heldLeases(this.#file.database));
  }

  /**
   * Whether the holder of the lease of `subject` is known to live: it is seen from here, or its beat has
   * moved since the first look. Read by the writer's thread. @throws {StoreError}
   */
  async holderLives(subject: string): Promise<boolean> {
    const look = await this.#writable().ask({ kind: 'holder', subject });
    if (look === null || look.lives !== null) return look?.lives === true;
    const first = this.#firstLooks.get(subject);
    if (first?.fence === look.fence) return first.beat !== look.beat;
    this.#firstLooks.set(subject, look);
    return false;
  }

  /** A lease is claimed by a connection of its own: the one for reading must not write. */
  #withHostFile<T>(work: (database: DatabaseSync) => T): T {
    const { path, version, place, database: reading } = this.#file;
    return withStoreErrors(path, () => {
      if (path === inMemory) return work(reading);
      using database = openForHost(path, version);
      checkPlace(path, place);
      return work(database);
    });
  }

  #withSighting(claim: Omit<Claim, 'seen'>): Claim {
    return { ...claim, seen: this.#sightings.get(claim.subject) ?? null };
  }

  #sighted({ subject }: Omit<Claim, 'seen'>, answer: Granted): Granted {
    if (answer.granted) this.#sightings.delete(subject);
    else this.#sightings.set(subject, answer.sighting);
    return answer;
  }
}

function keyOf({ subject, number }: Fence): string {
  return `${number} ${subject}`;
}
