/**
 * The ledger: a store (src/store/) of entries, one file per state folder, shared by every executor
 * tuned from there. It stores what the tuner has as follows:
 *
 *   an entry   a row of the run that has its session's number; windows are bulk rows
 *   cells      kept setting, anchor of the holder, off switch (ledger-cells.ts)
 *   a lease    who tunes an executor now: a second process observes or follows, and says so
 *
 * Retention: 30 days or 64 MiB, oldest windows first. Everything else is kept, unless it alone takes half of
 * that: then the oldest sessions go as a whole, and none of the last two days, which budgets rest on.
 *
 * What is asked of the file on the host's thread (opening, `claim`, `isOff`, `anchor`, `read`) waits some
 * milliseconds for another process at most, and never for the disk. While a tuner runs it asks by
 * `claimLater`, `state`, `renew` and `prune`, which the writer's thread answers.
 */
import { join } from 'node:path';
import type { Ledger, LedgerPart, Settings } from '../src/contracts.ts';
import { systemClock, wallMs } from '../src/foundation/clock.ts';
import { SandtuneError } from '../src/foundation/errors.ts';
import type { ChainFault } from '../src/store/chain.ts';
import type { Granted, HeldLease } from '../src/store/lease.ts';
import { type OpenedStore, openStore } from '../src/store/open-store.ts';
import type { Fence } from '../src/store/row.ts';
import type { Store } from '../src/store/store.ts';
import type { StoreError } from '../src/store/store-error.ts';
import { type Entry, ledgerSchemaVersion, type RemarkOf } from './entries/entries.ts';
import { extendKept, type KeptSession, nothingKept } from './history/kept.ts';
import {
  type AnchorOfHolder,
  anchorIn,
  anchorOfHolderIn,
  type CellOf,
  type CellOwner,
  isOffIn,
  type Stands,
  standsCells,
  switchCell,
} from './ledger-cells.ts';
import { entryIn, rowOf } from './ledger-rows.ts';
import { salvagedCells } from './ledger-salvage.ts';

export type { AnchorOfHolder, Stands } from './ledger-cells.ts';

export interface OpenLedgerOptions {
  /** Folder of the file `ledger.sqlite`, made when missing; ':memory:' keeps nothing. */
  readonly stateDir: string;
  /** Another file in it, say one that was set aside. @defaultValue 'ledger.sqlite' */
  readonly file?: string;
  /** The executor whose anchor `anchor()` gives and whose lease is claimed. */
  readonly executor: string;
  /** What the executor was configured with: the anchor unless a kept setting is still valid. */
  readonly configured?: Settings;
  /** Only reads what is on disk, also where nothing can be written: makes no file, and sets no damaged one aside. @defaultValue false */
  readonly readOnly?: boolean;
}

/** A file that could not be used: of another version, damaged, or somebody else's. */
export interface LedgerSetAside {
  /** Where it is now. */
  readonly path: string;
  readonly reason: string;
  /** Its off switches and kept settings were read and hold on. */
  readonly carriedOver: boolean;
}

export interface TunerLedger extends Ledger<Entry>, Disposable, AsyncDisposable {
  readonly path: string;
  readonly setAside: LedgerSetAside | null;
  /** Puts what `stands` names in the same transaction, under the lease. */
  append(entries: readonly Entry[], stands?: Stands): void;
  /**
   * Resolves when all that was appended so far is on disk.
   * @throws {SandtuneError} ERR_SANDTUNE_STORE when it could not be written (it is tried again),
   *   ERR_SANDTUNE_LEASE when the lease claimed here was granted to somebody else meanwhile
   */
  durable(): Promise<void>;
  /** The newest session of this ledger's executor; null when there is none. */
  lastSession(): number | null;
  /** Entries of these kinds ('record:trial', 'event:done' …) of this executor's newest sessions, oldest first. */
  history(kinds: readonly string[], sessions: number): Iterable<Entry>;
  /**
   * Asks to be the one that tunes, at once: for a start.
   * @param nowMs on a clock that only goes forward
   * @throws {SandtuneError} ERR_SANDTUNE_STORE, with trouble 'locked' when another process writes just now
   */
  claim(wallMs: number, nowMs: number): Claimed;
  /**
   * The same, asked by the writer's thread: for asking again and again, as whoever observes does. Holders
   * that stand still are found out by asking at least once in some seconds. @throws {SandtuneError} ERR_SANDTUNE_STORE
   */
  claimLater(wallMs: number, nowMs: number): Promise<Claimed>;
  /** Says that whoever claimed still tunes; resolves with false once somebody else does. @throws {SandtuneError} ERR_SANDTUNE_STORE */
  renew(wallMs: number): Promise<boolean>;
  /** Leaves the lease to whoever asks next. @throws {SandtuneError} ERR_SANDTUNE_STORE */
  release(): Promise<void>;
  /** Who tunes what from this ledger, holders that are gone included. @throws {SandtuneError} ERR_SANDTUNE_STORE */
  leases(): readonly HeldLease[];
  /** @throws {SandtuneError} ERR_SANDTUNE_STORE, with trouble 'damaged' when what was switched cannot be known */
  isOff(): boolean;
  setOff(off: boolean): void;
  /** All of that, read by the writer's thread: for looking again and again. @throws {SandtuneError} ERR_SANDTUNE_STORE, as `isOff` */
  state(): Promise<LedgerState>;
  /** Drops the oldest rows beyond the limits, in small steps; resolves with how many. @throws {SandtuneError} ERR_SANDTUNE_STORE */
  prune(wallMs: number): Promise<number>;
  /** The rows that were altered, taken out or cut off since they were written. Reads all of the session, or of the ledger. */
  faults(session?: number): readonly ChainFault[];
  /** All that a report needs of the session last begun here, folded as it was appended; null when none was. */
  kept(): KeptSession | null;
  /** What keeps this ledger from being written, or whole; null while all is well. */
  readonly trouble: StoreError | null;
  /**
   * Calls `listener` when trouble begins, also when it began before, and not again until it was over. Where
   * `error.mayHeal`, writing is tried again and again, what is appended waits in order, and `onHealed` tells
   * when it is written again. Else (the file was deleted, replaced or found damaged) this ledger will never
   * be written again, and nothing more is told, be it the first trouble or one that followed another: end
   * the session, dispose of the ledger, and open another at the same place, which sets a damaged file aside
   * for the reason met here. The function it returns ends that.
   */
  onTrouble(listener: (error: StoreError) => void): () => void;
  /** Calls `listener` once for each trouble that is over. The function it returns ends that. */
  onHealed(listener: () => void): () => void;
}

export type Claimed = { readonly granted: true } | { readonly granted: false; readonly holder: string };

/** What stands in the ledger now. */
export interface LedgerState {
  readonly off: boolean;
  readonly anchor: Settings;
  /** Where the holder of the lease stands, as it wrote it; null when nobody has, or nobody knows that it lives. */
  readonly anchorOfHolder: AnchorOfHolder | null;
}

/** The file in a state folder. */
export const ledgerFile = 'ledger.sqlite';

const dayMs = 86_400_000;
const retention = Object.freeze({ windowsMs: 30 * dayMs, bytes: 64 * 2 ** 20, sessionsMs: 2 * dayMs });

/**
 * A damaged file is set aside and another begun, also one that this process found damaged while it was open.
 * @throws {SandtuneError} ERR_SANDTUNE_STORE when the file cannot be opened: with `readOnly` because it is
 *   missing or damaged, else for what may heal (locked, full, read-only, failed), so that it can be tried again
 */
export function openLedger(options: OpenLedgerOptions): TunerLedger {
  const { stateDir, file = ledgerFile, readOnly = false } = options;
  const opened = openStore({
    path: stateDir === ':memory:' ? stateDir : join(stateDir, file),
    version: ledgerSchemaVersion,
    wallMs: wallMs(systemClock),
    readOnly,
    salvage: salvagedCells,
  });
  return new StoredLedger(opened, options);
}

class StoredLedger implements TunerLedger {
  readonly path: string;
  readonly setAside: LedgerSetAside | null;
  readonly #opened: OpenedStore;
  readonly #store: Store;
  readonly #owner: CellOwner;
  readonly #cell: CellOf;
  /** Tells the claims of this ledger from those of others. */
  readonly #id = crypto.randomUUID();
  #fence: Fence | null = null;
  /** The last claim whose answer is awaited. */
  #asked: Promise<unknown> | null = null;
  /** Windows in a row that were not taken, because too much waits for a file that cannot be written. */
  #refused: { kind: 'remark'; session: number; remark: RemarkOf<'pruned'> } | null = null;
  #kept = nothingKept;
  /** That of the newest entry which has one. */
  #lastAtMs = 0;

  constructor(opened: OpenedStore, { executor, configured = {} }: OpenLedgerOptions) {
    const { store, setAside } = opened;
    this.path = store.path;
    this.setAside = setAside && { path: setAside.path, reason: setAside.reason, carriedOver: setAside.cells !== null };
    this.#opened = opened;
    this.#store = store;
    this.#owner = { executor, configured };
    this.#cell = (subject, key) => store.cell(subject, key);
  }

  append(entries: readonly Entry[], stands: Stands = {}): void {
    const cells = standsCells(stands, this.#owner);
    const rows = entries.map((entry) => {
      const row = rowOf(entry, this.#owner.executor, this.#lastAtMs);
      this.#lastAtMs = row.atMs;
      return row;
    });
    const refused = this.#store.append(rows, { cells, ...(this.#fence && { fence: this.#fence }) });
    this.#kept = entries.reduce(extendKept, this.#kept);
    if (refused > 0) this.#refuse(entries, refused);
    else if (rows.some((row) => row.bulk)) this.#tellRefused();
  }

  #refuse([first]: readonly Entry[], count: number): void {
    const windows = count + (this.#refused?.remark.windows ?? 0);
    if (first) this.#refused = { kind: 'remark', session: first.session, remark: { kind: 'pruned', windows } };
  }

  /** Once windows are taken again, or nothing more comes: until then every remark would wait with the rest. */
  #tellRefused(): void {
    const refused = this.#refused;
    this.#refused = null;
    if (refused) this.append([refused]);
  }

  async durable(): Promise<void> {
    await this.#store.durable();
    if (this.#fence && !this.#store.holds(this.#fence))
      throw new SandtuneError(
        'ERR_SANDTUNE_LEASE',
        `another process has taken over the tuning of '${this.#owner.executor}'`,
      );
  }

  *read({ session, windows = true }: LedgerPart = {}): Iterable<Entry> {
    const selection = { bulk: windows, ...(session !== undefined && { run: session }) };
    yield* this.#entries(selection);
    for (const { run, count } of this.#store.pruned(session))
      yield { kind: 'remark', session: run, remark: { kind: 'pruned', windows: count } };
    const refused = this.#refused;
    if (refused && (session ?? refused.session) === refused.session) yield refused;
  }

  lastSession(): number | null {
    return this.#store.runs(this.#owner.executor, 1)[0] ?? null;
  }

  *history(kinds: readonly string[], sessions: number): Iterable<Entry> {
    for (const run of this.#store.runs(this.#owner.executor, sessions).toReversed())
      yield* this.#entries({ run, kinds, bulk: false });
  }

  anchor(): Settings {
    return anchorIn(this.#cell, this.#owner);
  }

  claim(unixMs: number, nowMs: number): Claimed {
    return this.#claimed(this.#store.claim(this.#claimAt(unixMs, nowMs)));
  }

  claimLater(unixMs: number, nowMs: number): Promise<Claimed> {
    const asked = this.#store.claimLater(this.#claimAt(unixMs, nowMs)).then((answer) => this.#claimed(answer));
    this.#asked = asked.catch(() => undefined);
    return asked;
  }

  async renew(unixMs: number): Promise<boolean> {
    return this.#fence !== null && (await this.#store.renew(this.#fence, unixMs));
  }

  async release(): Promise<void> {
    // What is granted by an answer that is on its way is released too.
    await this.#asked;
    const fence = this.#fence;
    this.#fence = null;
    if (fence) await this.#store.release(fence);
  }

  leases(): readonly HeldLease[] {
    return this.#store.held();
  }

  isOff(): boolean {
    return isOffIn(this.#cell, this.#owner);
  }

  async state(): Promise<LedgerState> {
    const owner = this.#owner;
    const [cell, lives] = await Promise.all([this.#store.cellsLater(), this.#store.holderLives(owner.executor)]);
    const anchorOfHolder = lives ? anchorOfHolderIn(cell, owner) : null;
    return { off: isOffIn(cell, owner), anchor: anchorIn(cell, owner), anchorOfHolder };
  }

  setOff(off: boolean): void {
    this.#store.append([], { cells: [switchCell(off, this.#owner)] });
  }

  prune(unixMs: number): Promise<number> {
    const { windowsMs, bytes, sessionsMs } = retention;
    return this.#store.prune({ oldestMs: unixMs - windowsMs, maxBytes: bytes, recentMs: unixMs - sessionsMs });
  }

  faults(session?: number): readonly ChainFault[] {
    return this.#store.faults(session);
  }

  kept(): KeptSession | null {
    return this.#kept.history && this.#kept;
  }

  get trouble(): StoreError | null {
    return this.#store.trouble;
  }

  onTrouble(listener: (error: StoreError) => void): () => void {
    return this.#store.onTrouble(listener);
  }

  onHealed(listener: () => void): () => void {
    return this.#store.onHealed(listener);
  }

  [Symbol.dispose](): void {
    this.#tellRefused();
    this.#opened[Symbol.dispose]();
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.#tellRefused();
    return Promise.resolve(this.#opened[Symbol.asyncDispose]());
  }

  *#entries(selection: Parameters<Store['read']>[0]): Iterable<Entry> {
    for (const { text } of this.#store.read(selection)) {
      const entry = entryIn(text);
      // A damaged row is skipped here; `faults` lists it.
      if (entry) yield entry;
    }
  }

  #claimAt(unixMs: number, nowMs: number) {
    return { subject: this.#owner.executor, owner: this.#id, wallMs: unixMs, nowMs };
  }

  #claimed(answer: Granted): Claimed {
    if (!answer.granted) return { granted: false, holder: answer.holder };
    this.#fence = answer.fence;
    return { granted: true };
  }
}
