/**
 * The ledger: a store (src/store/) of entries, one file per state folder, shared by every executor
 * tuned from there. It stores what the tuner has as follows:
 *
 *   an entry   a row of the run that has its session's number; windows are bulk rows
 *   cells      kept setting, anchor of the holder, off switch, what sessions leave (ledger-cells.ts)
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
import type { LedgerPart, Settings } from '../src/contracts.ts';
import { systemClock, wallMs } from '../src/foundation/clock.ts';
import { SandtuneError } from '../src/foundation/errors.ts';
import { checkBoolean, checkKeys, checkPath, checkText } from '../src/foundation/options.ts';
import type { ChainFault } from '../src/store/chain.ts';
import type { Granted, HeldLease } from '../src/store/lease.ts';
import { type OpenedStore, openStore } from '../src/store/open-store.ts';
import type { RunWriter } from '../src/store/reader.ts';
import type { Fence } from '../src/store/row.ts';
import type { PruneOptions, Store } from '../src/store/store.ts';
import type { StoreError } from '../src/store/store-error.ts';
import { type Entry, ledgerSchemaVersion, type RemarkOf } from './entries/entries.ts';
import { settingsGiven } from './entries/settings.ts';
import { extendKept, type KeptSession, nothingKept } from './history/kept.ts';
import type { CarryOver } from './history.ts';
import { Carried } from './ledger-carried.ts';
import {
  anchorIn,
  anchorOfHolderIn,
  type CellOf,
  type CellOwner,
  cellKeys,
  isOffIn,
  type Stands,
  standsCells,
  switchCell,
  switchedOffIn,
} from './ledger-cells.ts';
import { entryIn, rowOf } from './ledger-rows.ts';
import { salvagedCells } from './ledger-salvage.ts';
import type { Claimed, LedgerExecutor, LedgerSetAside, LedgerState, TunerLedger } from './tuner-ledger.ts';

export type { AnchorOfHolder, Stands } from './ledger-cells.ts';
export type { Claimed, LedgerExecutor, LedgerSetAside, LedgerState, TunerLedger } from './tuner-ledger.ts';

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
  /** With `readOnly`: shows it as it was at the opening, also while a tuner writes and prunes. @defaultValue false */
  readonly asOfOpening?: boolean;
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
  checkKeys('openLedger()', options, ['stateDir', 'file', 'executor', 'configured', 'readOnly', 'asOfOpening']);
  checkPath('openLedger(): stateDir', options.stateDir);
  checkText('openLedger(): executor', options.executor);
  const { stateDir, file = ledgerFile, readOnly = false, asOfOpening = false, configured } = options;
  checkPath('openLedger(): file', file);
  checkBoolean('openLedger(): readOnly', readOnly);
  checkBoolean('openLedger(): asOfOpening', asOfOpening);
  if (configured !== undefined) settingsGiven('openLedger(): configured', configured);
  const opened = openStore({
    path: stateDir === ':memory:' ? stateDir : join(stateDir, file),
    version: ledgerSchemaVersion,
    wallMs: wallMs(systemClock),
    readOnly,
    asOfOpening,
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
  readonly #carried: Carried;
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
    this.#carried = new Carried(executor, {
      text: () => store.cell(executor, cellKeys.carried),
      history: (kinds, sessions) => this.history(kinds, sessions),
    });
  }

  append(entries: readonly Entry[], stands: Stands = {}): void {
    const carried = this.#carried.cellAfter(entries);
    const cells = [...standsCells(stands, this.#owner), ...(carried ? [carried] : [])];
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
    if (this.#fence && !this.#store.leases.holds(this.#fence))
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

  carriedOver(): CarryOver {
    return this.#carried.read();
  }

  *history(kinds: readonly string[], sessions: number): Iterable<Entry> {
    for (const run of this.#store.runs(this.#owner.executor, sessions).toReversed())
      yield* this.#entries({ run, kinds, bulk: false });
  }

  anchor(): Settings {
    return anchorIn(this.#cell, this.#owner);
  }

  claim(unixMs: number, nowMs: number): Claimed {
    return this.#claimed(this.#store.leases.claim(this.#claimAt(unixMs, nowMs)));
  }

  claimLater(unixMs: number, nowMs: number): Promise<Claimed> {
    const asked = this.#store.leases.claimLater(this.#claimAt(unixMs, nowMs)).then((answer) => this.#claimed(answer));
    this.#asked = asked.catch(() => undefined);
    return asked;
  }

  async renew(unixMs: number): Promise<boolean> {
    return this.#fence !== null && (await this.#store.leases.renew(this.#fence, unixMs));
  }

  async release(): Promise<void> {
    // What is granted by an answer that is on its way is released too.
    await this.#asked;
    const fence = this.#fence;
    if (fence === null) return;
    await this.#store.leases.release(fence);
    if (this.#fence === fence) this.#fence = null;
  }

  leases(): readonly HeldLease[] {
    return this.#store.leases.held();
  }

  isOff(): boolean {
    return isOffIn(this.#cell, this.#owner);
  }

  switchedOff(): readonly string[] {
    return switchedOffIn(this.#store.onDisk.cells());
  }

  executors(): readonly LedgerExecutor[] {
    return this.#store.onDisk.subjects().flatMap((name) => {
      const [session] = this.#store.runs(name, 1);
      return session === undefined ? [] : [{ name, session }];
    });
  }

  writerOf(session: number): RunWriter | null {
    return this.#store.onDisk.writerOf(session);
  }

  async state(): Promise<LedgerState> {
    const owner = this.#owner;
    const [cell, lives] = await Promise.all([this.#store.cellsLater(), this.#store.leases.holderLives(owner.executor)]);
    const anchorOfHolder = lives ? anchorOfHolderIn(cell, owner) : null;
    return { off: isOffIn(cell, owner), anchor: anchorIn(cell, owner), anchorOfHolder };
  }

  setOff(off: boolean): void {
    this.#store.append([], { cells: [switchCell(off, this.#owner)] });
  }

  prune(unixMs: number, options?: PruneOptions): Promise<number> {
    const { windowsMs, bytes, sessionsMs } = retention;
    const limits = { oldestMs: unixMs - windowsMs, maxBytes: bytes, recentMs: unixMs - sessionsMs };
    return this.#store.prune(limits, options);
  }

  asOfNow<T>(work: () => T): T {
    return this.#store.asOfNow(work);
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
