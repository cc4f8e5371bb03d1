/**
 * The ledger: a store (src/store/) of entries, one file per state folder, shared by every executor
 * tuned from there. It stores what the tuner has as follows:
 *
 *   an entry   a row of the run that has its session's number; windows are bulk rows
 *   cells      'kept': the setting committed with `persist`, void once the configured default has
 *              changed; 'anchor': where the holder of the lease stands, for those that follow, void in
 *              the same way; 'off': the off switch, which works without a tuner
 *   a lease    who tunes an executor now: a second process observes or follows, and says so
 *
 * Retention: 30 days or 64 MiB, oldest windows first; everything else is kept.
 */
import { join } from 'node:path';
import type { Ledger, LedgerPart, Settings } from '../src/contracts.ts';
import { systemClock, wallMs } from '../src/foundation/clock.ts';
import { SandtuneError } from '../src/foundation/errors.ts';
import type { ChainFault } from '../src/store/chain.ts';
import { type OpenedStore, openStore } from '../src/store/open-store.ts';
import type { Cell, Fence, NewRow } from '../src/store/row.ts';
import type { Store } from '../src/store/store.ts';
import type { StoreError } from '../src/store/store-error.ts';
import { type Entry, ledgerSchemaVersion, type RemarkOf } from './entries/entries.ts';
import { sameSettings } from './entries/settings.ts';
import { cellKeys, salvagedCells } from './ledger-salvage.ts';

export interface OpenLedgerOptions {
  /** Folder of the file `ledger.sqlite`, made when missing; ':memory:' keeps nothing. */
  readonly stateDir: string;
  /** The executor whose anchor `anchor()` gives and whose lease is claimed. */
  readonly executor: string;
  /** What the executor was configured with: the anchor unless a kept setting is still valid. */
  readonly configured?: Settings;
  /** Only reads: makes no file, and does not set a damaged one aside. @defaultValue false */
  readonly readOnly?: boolean;
  /** An error that was found in the file after it was opened; the file is set aside for it. */
  readonly distrust?: StoreError;
}

/** A file that could not be used: of another version, damaged, or somebody else's. */
export interface LedgerSetAside {
  /** Where it is now. */
  readonly path: string;
  readonly reason: string;
  /** Its off switches and kept settings were read and hold on. */
  readonly carriedOver: boolean;
}

/** Where a session that tunes stands when it tries nothing. */
export interface Stands {
  /** The anchor, which sessions without the lease follow. */
  readonly anchor?: Settings;
  /** The setting to start from next time. */
  readonly keep?: Settings;
}

export interface AnchorOfHolder {
  readonly settings: Settings;
  /** False when the holder was configured with another default: what is good there may not be good here. */
  readonly sameDefault: boolean;
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
  /** Where the holder of the lease stands, as it wrote it; null when nobody has. */
  anchorOfHolder(): AnchorOfHolder | null;
  /** Asks to be the one that tunes. `nowMs`: on a clock that only goes forward. @throws {SandtuneError} ERR_SANDTUNE_STORE */
  claim(
    wallMs: number,
    nowMs: number,
  ): { readonly granted: true } | { readonly granted: false; readonly holder: string };
  /** Says that whoever claimed still tunes; resolves with false once somebody else does. @throws {SandtuneError} ERR_SANDTUNE_STORE */
  renew(wallMs: number): Promise<boolean>;
  /** Leaves the lease to whoever asks next. @throws {SandtuneError} ERR_SANDTUNE_STORE */
  release(): Promise<void>;
  isOff(): boolean;
  setOff(off: boolean): void;
  /** Drops the oldest windows beyond the limits, in small steps; resolves with how many. @throws {SandtuneError} ERR_SANDTUNE_STORE */
  prune(wallMs: number): Promise<number>;
  /** The rows that were altered, taken out or cut off since they were written. Reads all of the session, or of the ledger. */
  faults(session?: number): readonly ChainFault[];
  /** Calls `listener` once for each trouble in writing. The function it returns ends that. */
  onTrouble(listener: (error: StoreError) => void): () => void;
}

const retention = Object.freeze({ days: 30, bytes: 64 * 2 ** 20 });

/** The switch of all executors. */
const everyExecutor = '*';

/** @throws {SandtuneError} ERR_SANDTUNE_STORE when the file cannot be opened, or is damaged and `readOnly` */
export function openLedger(options: OpenLedgerOptions): TunerLedger {
  const { stateDir, readOnly = false, distrust } = options;
  const opened = openStore({
    path: stateDir === ':memory:' ? stateDir : join(stateDir, 'ledger.sqlite'),
    version: ledgerSchemaVersion,
    wallMs: wallMs(systemClock),
    readOnly,
    salvage: salvagedCells,
    ...(distrust && { distrust }),
  });
  return new StoredLedger(opened, options);
}

class StoredLedger implements TunerLedger {
  readonly path: string;
  readonly setAside: LedgerSetAside | null;
  readonly #opened: OpenedStore;
  readonly #store: Store;
  readonly #executor: string;
  readonly #configured: Settings;
  readonly #owner = crypto.randomUUID();
  #fence: Fence | null = null;
  /** Windows in a row that were not taken, because too much waits for a file that cannot be written. */
  #refused: { kind: 'remark'; session: number; remark: RemarkOf<'pruned'> } | null = null;
  /** Records and remarks have no time of their own: it is that of the event before them. */
  #lastAtMs = 0;

  constructor(opened: OpenedStore, { executor, configured = {} }: OpenLedgerOptions) {
    const { store, setAside } = opened;
    this.path = store.path;
    this.setAside = setAside && { path: setAside.path, reason: setAside.reason, carriedOver: setAside.cells !== null };
    this.#opened = opened;
    this.#store = store;
    this.#executor = executor;
    this.#configured = configured;
  }

  append(entries: readonly Entry[], { anchor, keep }: Stands = {}): void {
    const standing = (key: string, settings: Settings | undefined): readonly Cell[] =>
      settings ? [this.#cell(key, JSON.stringify({ configured: this.#configured, settings } satisfies Standing))] : [];
    const cells = [...standing(cellKeys.anchor, anchor), ...standing(cellKeys.kept, keep)];
    const rows = entries.map((entry) => this.#rowOf(entry));
    const refused = this.#store.append(rows, { cells, ...(this.#fence && { fence: this.#fence }) });
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
      throw new SandtuneError('ERR_SANDTUNE_LEASE', `another process has taken over the tuning of '${this.#executor}'`);
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
    return this.#store.runs(this.#executor, 1)[0] ?? null;
  }

  *history(kinds: readonly string[], sessions: number): Iterable<Entry> {
    for (const run of this.#store.runs(this.#executor, sessions).toReversed())
      yield* this.#entries({ run, kinds, bulk: false });
  }

  anchor(): Settings {
    const kept = this.#standing(cellKeys.kept);
    return kept?.sameDefault ? kept.settings : this.#configured;
  }

  anchorOfHolder(): AnchorOfHolder | null {
    return this.#standing(cellKeys.anchor);
  }

  claim(unixMs: number, nowMs: number): ReturnType<TunerLedger['claim']> {
    const answer = this.#store.claim({ subject: this.#executor, owner: this.#owner, wallMs: unixMs, nowMs });
    if (!answer.granted) return { granted: false, holder: answer.holder };
    this.#fence = answer.fence;
    return { granted: true };
  }

  async renew(unixMs: number): Promise<boolean> {
    return this.#fence !== null && (await this.#store.renew(this.#fence, unixMs));
  }

  async release(): Promise<void> {
    const fence = this.#fence;
    this.#fence = null;
    if (fence) await this.#store.release(fence);
  }

  isOff(): boolean {
    return [this.#executor, everyExecutor].some((name) => this.#store.cell(name, cellKeys.off) === 'yes');
  }

  setOff(off: boolean): void {
    this.#store.append([], { cells: [this.#cell(cellKeys.off, off ? 'yes' : 'no')] });
  }

  prune(unixMs: number): Promise<number> {
    return this.#store.prune({ oldestMs: unixMs - retention.days * 86_400_000, maxBytes: retention.bytes });
  }

  faults(session?: number): readonly ChainFault[] {
    return this.#store.faults(session);
  }

  onTrouble(listener: (error: StoreError) => void): () => void {
    return this.#store.onTrouble(listener);
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
      const entry = parsed(text);
      // A damaged row is skipped here; `faults` lists it.
      if (entry !== null && 'kind' in entry && 'session' in entry) yield entry as Entry;
    }
  }

  #rowOf(entry: Entry): NewRow {
    if (entry.kind === 'session') this.#lastAtMs = entry.startedAtMs;
    if (entry.kind === 'event') this.#lastAtMs = entry.event.atMs;
    return {
      subject: entry.kind === 'session' ? entry.executor : this.#executor,
      run: entry.session,
      kind: kindOf(entry),
      atMs: this.#lastAtMs,
      text: JSON.stringify(entry),
      bulk: entry.kind === 'event' && entry.event.kind === 'measured',
    };
  }

  #standing(key: string): AnchorOfHolder | null {
    const { configured, settings } = (parsed(this.#store.cell(this.#executor, key)) ?? {}) as Partial<Standing>;
    const isWhole = typeof configured === 'object' && typeof settings === 'object' && configured && settings;
    return isWhole ? { settings, sameDefault: sameSettings(configured, this.#configured) } : null;
  }

  #cell(key: string, value: string): Cell {
    return { subject: this.#executor, key, value };
  }
}

/** A setting, and the configured default it is good under. */
interface Standing {
  readonly configured: Settings;
  readonly settings: Settings;
}

function kindOf(entry: Entry): string {
  if (entry.kind === 'event') return `event:${entry.event.kind}`;
  if (entry.kind === 'record') return `record:${entry.record.kind}`;
  return entry.kind === 'remark' ? `remark:${entry.remark.kind}` : entry.kind;
}

/** The object that `text` holds as JSON; null for any other text. */
function parsed(text: string | null): object | null {
  try {
    const value: unknown = JSON.parse(text ?? 'null');
    return typeof value === 'object' ? value : null;
  } catch {
    return null;
  }
}
