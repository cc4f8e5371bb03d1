/**
 * Opens ledger and session for a tuner, whatever state the ledger is in. A damaged one is set aside, and
 * where none can be opened the session has one in memory, only observes, and says so. `tune()` never
 * fails because of its ledger, since the program that calls it has work to do.
 *
 *   start ──▶ session ─┬─ the lease was granted, or lost ──▶ follow: the same ledger
 *                      └─ the file is gone or damaged, or can be used at last ──▶ startAnew: another ledger
 */
import { constants } from 'node:fs';
import { access } from 'node:fs/promises';
import type { Executor, Settings } from '../../src/contracts.ts';
import { messageOf } from '../../src/foundation/errors.ts';
import { absolutePath, makeFolder } from '../../src/foundation/folders.ts';
import { inMemory } from '../../src/store/open-file.ts';
import { StoreError } from '../../src/store/store-error.ts';
import type { Note } from '../entries/entries.ts';
import { configuredSettings } from '../entries/settings.ts';
import { openLedger, type TunerLedger } from '../ledger.ts';
import { mayChange, type resolveTuneOptions } from '../options.ts';
import { type OpenedSession, openSession, type SessionStart } from './session.ts';

export interface Started {
  readonly ledger: TunerLedger;
  readonly session: OpenedSession;
}

type Resolved = ReturnType<typeof resolveTuneOptions>;

/** Starts the sessions of one tuner. */
export class Starter {
  readonly #executor: Executor;
  readonly #resolved: Resolved;
  /** The same one for as long as the tuner runs, wherever its program goes meanwhile. */
  readonly #folder: string;
  #triedMs = -Infinity;
  /** When a ledger was last begun in place of one that was gone or damaged. */
  #replacedMs = -Infinity;

  constructor(executor: Executor, resolved: Resolved) {
    this.#executor = executor;
    this.#resolved = resolved;
    const { stateDir } = resolved.options;
    this.#folder = stateDir === inMemory ? inMemory : absolutePath(stateDir);
  }

  /** The first session. */
  start(): Started {
    return this.#onLedger({ anchor: null, holdsLease: false });
  }

  /** Another session on the same ledger. @param anchor of the session before, if that may have changed settings, a follower's too */
  follow(ledger: TunerLedger, anchor: Settings | null, holdsLease: boolean): Started {
    try {
      return { ledger, session: this.#open(ledger, { anchor, holdsLease }) };
    } catch (error) {
      if (!(error instanceof StoreError)) throw error;
      return this.startAnew(anchor);
    }
  }

  /** Another session on a new ledger: one that was found damaged is set aside. */
  startAnew(anchor: Settings | null): Started {
    return this.#onLedger({ anchor, holdsLease: false });
  }

  /** The same of a ledger that was found gone or damaged. One that is so again soon after is not begun a third time at once. */
  replace(error: StoreError, anchor: Settings | null): Started {
    const nowMs = this.#resolved.surroundings.clock.now();
    const sinceMs = nowMs - this.#replacedMs;
    this.#replacedMs = nowMs;
    return sinceMs < shortLivedMs ? this.startInMemory(error) : this.startAnew(anchor);
  }

  /** One that only observes and keeps nothing. */
  startInMemory(error: StoreError): Started {
    const { options, ...rest } = this.#resolved;
    const text = `the ledger cannot be used (${messageOf(error)}): '${this.#executor.name}' is only observed, and what is seen is forgotten`;
    const observing = {
      ...rest,
      options: { ...options, mode: mayChange(options.mode) ? 'observe' : options.mode },
    } as const;
    const ledger = this.#openLedger(inMemory);
    const session = this.#open(ledger, { anchor: null, holdsLease: false }, observing);
    const note: Note = { kind: 'note', code: 'ledger', title: 'no ledger', text };
    return { ledger, session: { ...session, notes: [...session.notes, note], awaits: 'ledger' } };
  }

  /** Whether a ledger can be opened where there could be none before. Looks every half minute. */
  async canOpen(): Promise<boolean> {
    const nowMs = this.#resolved.surroundings.clock.now();
    if (nowMs - this.#triedMs < tryEveryMs) return false;
    this.#triedMs = nowMs;
    try {
      makeFolder(this.#folder);
      await access(this.#folder, constants.W_OK);
      using _ledger = this.#openLedger(this.#folder);
      return true;
    } catch {
      return false;
    }
  }

  #onLedger(begun: SessionStart, tries = 2): Started {
    try {
      return this.#begin(begun);
    } catch (error) {
      if (!(error instanceof StoreError)) throw error;
      // A damage may show only when the file is read: the file is set aside when it is opened again.
      const isNew = error.trouble === 'damaged' && tries > 1;
      return isNew ? this.#onLedger(begun, tries - 1) : this.startInMemory(error);
    }
  }

  #begin(begun: SessionStart): Started {
    const ledger = this.#openLedger(this.#folder);
    try {
      return { ledger, session: this.#open(ledger, begun) };
    } catch (error) {
      // The lease may have been taken: whoever comes next is not to wait for a session that never began.
      ledger.release().catch(() => undefined);
      ledger[Symbol.dispose]();
      throw error;
    }
  }

  #openLedger(stateDir: string): TunerLedger {
    const { name, knobs } = this.#executor;
    return openLedger({ stateDir, executor: name, configured: configuredSettings(knobs) });
  }

  #open(ledger: TunerLedger, begun: SessionStart, resolved = this.#resolved): OpenedSession {
    return openSession(this.#executor, ledger, resolved, begun);
  }
}

const tryEveryMs = 30_000;
const shortLivedMs = 10_000;
