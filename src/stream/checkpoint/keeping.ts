/**
 * What is done with checkpoints in a room, whatever it is: each builds on the one before it for a bounded number of
 * times; old ones go when enough newer ones were read back and verified; a start takes the newest that
 * verifies, puts aside what does not, and never takes none for the beginning where there were some.
 */
import type { Checkpoint, CheckpointKeeping, Position, Restored, VerifiedCheckpoint } from '../contracts.ts';
import { CheckpointError, checkpointError, damaged, unfit } from './checkpoint-error.ts';
import {
  type Base,
  checkBase,
  composeCheckpoint,
  type DecodedCheckpoint,
  decodeCheckpoint,
  depthOf,
  encodeCheckpoint,
} from './contents.ts';
import { checkPages, hasPages, type KnownPages, knownPages } from './guest-sections.ts';
import { type CheckpointRoom, newestFirst, type StoredCheckpoint } from './room.ts';

/** One that is known to be whole, with all it builds on. */
interface Whole extends Pick<DecodedCheckpoint, 'run' | 'digest'> {
  /** Id of what it builds on. */
  readonly base: string | null;
  readonly known: KnownPages;
  readonly position: Position;
}

/** What the next checkpoint of a run builds on. */
interface Last extends Base {
  readonly id: string;
  readonly known: KnownPages;
}

/** One of those that a restart is put together from. */
interface Link {
  readonly id: string;
  readonly decoded: DecodedCheckpoint;
}

const longestJob = 80;
/** At a list of checkpoints of which some go while they are read. */
const mostLooks = 3;
/** Old checkpoints that go with one save: a folder that has very many holds no save up. */
const mostRemoved = 500;

export class Keeping {
  readonly #room: CheckpointRoom;
  readonly #options: CheckpointKeeping;
  readonly #last = new Map<string, Last>();
  readonly #whole = new Map<string, Whole>();
  /** Pages of the memories that a start was given, until its run saves something. */
  readonly #restored = new Map<string, KnownPages>();

  constructor(room: CheckpointRoom, options: CheckpointKeeping) {
    this.#room = room;
    this.#options = options;
  }

  /** @throws {CheckpointError} */
  fence(job: string): number {
    if (typeof job !== 'string' || job === '' || encodeURIComponent(job.toWellFormed()).length > longestJob)
      throw unfit(`expected a job with a name of 1 to ${longestJob} characters, got '${String(job).slice(0, 100)}'`);
    this.#last.delete(job);
    return this.#room.fence(job);
  }

  /** @throws {CheckpointError} */
  save(checkpoint: Checkpoint): void {
    this.#restored.delete(checkpoint.job);
    this.#put(checkpoint, this.#baseFor(checkpoint.job, this.#options.longestChain));
  }

  /**
   * As `save`, of memories that are those that `restore` gave last: nothing is hashed, and no page is written that
   * stands in what they were put together from. It may be one more than the longest chain: what its run claims again
   * after an early end builds on the same.
   * @throws {CheckpointError}
   */
  claim(checkpoint: Checkpoint): void {
    const { job } = checkpoint;
    this.#put(checkpoint, this.#baseFor(job, this.#options.longestChain + 1), this.#restored.get(job));
    this.#restored.delete(job);
  }

  #put(checkpoint: Checkpoint, base: Last | null, same?: KnownPages): void {
    const { job, fencingToken, epoch, savedAtMs } = checkpoint;
    const encoded = encodeCheckpoint(checkpoint, base, base?.known ?? new Map(), same);
    const id = this.#room.put({ job, fencingToken, epoch, savedAtMs }, encoded.parts);
    const { digest, known } = encoded;
    this.#last.set(job, { id, fencingToken, epoch, digest, depth: base ? base.depth + 1 : 0, known });
    this.#whole.delete(id);
    try {
      this.#prune(job);
    } catch {
      // What could not go stays until the next one is saved; a disk that fills up is told by `put`.
    }
  }

  /** Null where the checkpoint is to stand alone. */
  #baseFor(job: string, longestChain: number): Last | null {
    const last = this.#last.get(job);
    // One whose transaction was taken back, or whose file somebody has deleted, can be built on no more.
    return last && last.known.size > 0 && last.depth < longestChain && this.#room.has(last.id) ? last : null;
  }

  /** @throws {CheckpointError} 'lost' where there are some and none verifies */
  restore(job: string): Restored {
    for (let left = mostLooks; ; left--) {
      try {
        return this.#newestOf(job);
      } catch (error) {
        // A later run has let it go since it was listed: what that one has saved is the newest now.
        if (left === 1 || !isGone(error)) throw error;
      }
    }
  }

  #newestOf(job: string): Restored {
    this.#whole.clear();
    const all = newestFirst(this.#room.list(job));
    const quarantined: { id: string; reason: string }[] = [];
    const last = this.#room.lastSaved(job);
    if (last && !all.some(({ fencingToken, epoch }) => fencingToken === last.fencingToken && epoch === last.epoch)) {
      const id = `run ${last.fencingToken}, epoch ${last.epoch}`;
      quarantined.push({ id, reason: 'expected the checkpoint that was saved last, found none' });
    }
    for (const one of all.filter(({ isQuarantined }) => !isQuarantined)) {
      try {
        const chain = this.#chainOf(one);
        const [newest, ...older] = chain.map(({ decoded }) => decoded) as [DecodedCheckpoint, ...DecodedCheckpoint[]];
        const checkpoint = composeCheckpoint(newest, older, this.#options.mostStateBytes);
        this.#remember(job, chain);
        return { checkpoint, quarantined };
      } catch (error) {
        if (!(error instanceof CheckpointError) || error.trouble !== 'damaged') throw error;
        quarantined.push({ id: this.#putAside(one.id, error.message), reason: error.message });
      }
    }
    if (all.length === 0 && last === null) return { checkpoint: undefined, quarantined };
    const reasons = quarantined.map(({ id, reason }) => `; ${id}: ${reason}`).join('');
    throw new CheckpointError(
      'lost',
      `job '${job}': expected a checkpoint that verifies, found ${all.length} and none does${reasons}; recovery: 'from-beginning' begins anew`,
    );
  }

  /** What was read for a start need not be read again to be known as whole, nor hashed to be built on. */
  #remember(job: string, chain: readonly Link[]): void {
    chain.forEach(({ id, decoded: { run, digest, guests, checkpoint } }, at) => {
      const { position } = checkpoint.input;
      this.#whole.set(id, { run, digest, base: chain[at + 1]?.id ?? null, known: knownPages(guests), position });
    });
    // One that has no page of its own adds nothing to what it builds on but its length.
    const built = chain.find(({ decoded }) => hasPages(decoded.guests)) ?? chain.at(-1);
    const [newest] = chain;
    if (!built || !newest) return;
    const { id, decoded } = built;
    const { fencingToken, epoch } = decoded.run;
    const known = knownPages(decoded.guests);
    this.#last.set(job, { id, fencingToken, epoch, digest: decoded.digest, depth: depthOf(decoded), known });
    this.#restored.set(job, knownPages(newest.decoded.guests));
  }

  #putAside(id: string, reason: string): string {
    try {
      return this.#room.quarantine(id, reason);
    } catch {
      // Where nothing can be written it stays where it is, and does not verify the next time either.
      return id;
    }
  }

  list(job?: string): readonly StoredCheckpoint[] {
    return newestFirst(this.#room.list(job));
  }

  verify(id: string): VerifiedCheckpoint {
    try {
      this.#whole.clear();
      const { position } = this.#verify(this.#named(id));
      return { id, isWhole: true, reason: undefined, position };
    } catch (error) {
      return { id, isWhole: false, reason: checkpointError(id, error).message };
    }
  }

  close(): void {
    this.#room.close();
  }

  /** Drops what is older than the newest ones that verify, and than what these build on. */
  #prune(job: string): void {
    const all = newestFirst(this.#room.list(job)).filter(({ isQuarantined }) => !isQuarantined);
    if (all.length <= this.#options.keep) return;
    const staying = new Set<string>();
    let verified = 0;
    for (const one of all) {
      if (verified === this.#options.keep) break;
      staying.add(one.id);
      if (!this.#isWhole(one)) continue;
      verified++;
      for (let id: string | null = one.id; id !== null; id = this.#whole.get(id)?.base ?? null) staying.add(id);
    }
    if (verified < this.#options.keep) return;
    const going = all
      .map(({ id }) => id)
      .filter((id) => !staying.has(id))
      .slice(-mostRemoved);
    this.#room.remove(going);
    for (const id of going) this.#whole.delete(id);
  }

  #isWhole(one: StoredCheckpoint): boolean {
    try {
      this.#verify(one);
      return true;
    } catch {
      return false;
    }
  }

  /** Reads one, and what it builds on where that was not read before. */
  #verify(one: StoredCheckpoint): Whole {
    const known = this.#whole.get(one.id);
    if (known) return known;
    const decoded = this.#decoded(one);
    const { base } = decoded.run;
    const before = base && this.#baseOf(one, base);
    const wholeBase = before && this.#verify(before);
    if (wholeBase) checkBase(decoded, wholeBase);
    checkPages(decoded.guests, wholeBase?.known ?? new Map());
    const { run, digest, guests, checkpoint } = decoded;
    const { position } = checkpoint.input;
    const whole = { run, digest, base: before?.id ?? null, known: knownPages(guests), position };
    this.#whole.set(one.id, whole);
    return whole;
  }

  #decoded(one: StoredCheckpoint): DecodedCheckpoint {
    const decoded = decodeCheckpoint(this.#room.read(one.id));
    const { job, fencingToken, epoch } = decoded.run;
    if (job !== one.job || fencingToken !== one.fencingToken || epoch !== one.epoch)
      throw damaged(
        `expected that of job '${one.job}', run ${one.fencingToken}, epoch ${one.epoch}, got that of '${job}', ${fencingToken}, ${epoch}`,
      );
    return decoded;
  }

  /** It and all it builds on, newest first. */
  #chainOf(one: StoredCheckpoint): Link[] {
    const chain: Link[] = [];
    for (let next: StoredCheckpoint | null = one; next; ) {
      const decoded: DecodedCheckpoint = this.#decoded(next);
      const before = chain.at(-1);
      // Each has one less below it, so that the chain ends.
      if (before) checkBase(before.decoded, decoded);
      chain.push({ id: next.id, decoded });
      const { base } = decoded.run;
      next = base && this.#baseOf(next, base);
    }
    return chain;
  }

  #baseOf(one: StoredCheckpoint, { fencingToken, epoch }: Base): StoredCheckpoint {
    // Of those before it alone, so that no chain turns back on itself.
    const isOlder = fencingToken < one.fencingToken || (fencingToken === one.fencingToken && epoch < one.epoch);
    const found = isOlder ? this.#room.at({ job: one.job, fencingToken, epoch }) : undefined;
    if (!found) throw damaged(`expected what it builds on (run ${fencingToken}, epoch ${epoch}), found none`);
    return found;
  }

  #named(id: string): StoredCheckpoint {
    const found = this.#room.find(id);
    if (!found) throw unfit(`expected the id of a checkpoint that is there, got '${id}'`);
    return found;
  }
}

function isGone(error: unknown): boolean {
  const { cause } = error as { readonly cause?: NodeJS.ErrnoException };
  return error instanceof CheckpointError && cause?.code === 'ENOENT';
}
