/**
 * Opens ledger and session for a tuner, whatever state the ledger is in. A damaged one is set aside, and
 * where none can be opened the session has one in memory, only observes, and says so. `tune()` never
 * fails because of its ledger, since the program that calls it has work to do.
 */
import type { Executor } from '../../src/contracts.ts';
import { messageOf } from '../../src/foundation/errors.ts';
import { StoreError } from '../../src/store/store-error.ts';
import type { Note } from '../entries/entries.ts';
import { configuredSettings } from '../entries/settings.ts';
import { type OpenLedgerOptions, openLedger, type TunerLedger } from '../ledger.ts';
import { mayChange, type resolveTuneOptions } from '../options.ts';
import { type OpenedSession, openSession } from './session.ts';
import { warn } from './warn.ts';

export interface Started {
  readonly ledger: TunerLedger;
  readonly session: OpenedSession;
}

type Resolved = ReturnType<typeof resolveTuneOptions>;

export function start(executor: Executor, resolved: Resolved): Started {
  const { stateDir } = resolved.options;
  const options = { stateDir, executor: executor.name, configured: configuredSettings(executor.knobs) };
  try {
    return sayWhatWasSetAside(begin(executor, options, resolved));
  } catch (error) {
    if (!(error instanceof StoreError)) throw error;
    return error.trouble === 'damaged'
      ? startAnew(executor, options, resolved)
      : startInMemory(executor, options, resolved, error);
  }
}

/** Starts with a new ledger, after the damage of the old one showed only when it was read. */
function startAnew(executor: Executor, options: OpenLedgerOptions, resolved: Resolved): Started {
  try {
    return sayWhatWasSetAside(begin(executor, options, resolved));
  } catch (error) {
    if (!(error instanceof StoreError)) throw error;
    return startInMemory(executor, options, resolved, error);
  }
}

function startInMemory(
  executor: Executor,
  options: OpenLedgerOptions,
  { options: tuneOptions, ...rest }: Resolved,
  error: StoreError,
): Started {
  const { mode } = tuneOptions;
  const text = `the ledger cannot be used (${messageOf(error)}): '${executor.name}' is only observed, and what is seen is forgotten`;
  warn('SANDTUNE_LEDGER', text);
  const observing: Resolved = { ...rest, options: { ...tuneOptions, mode: mayChange(mode) ? 'observe' : mode } };
  const { ledger, session } = begin(executor, { ...options, stateDir: ':memory:' }, observing);
  const note: Note = { kind: 'note', code: 'ledger', title: 'no ledger', text };
  return { ledger, session: { ...session, notes: [...session.notes, note] } };
}

function begin(executor: Executor, options: OpenLedgerOptions, resolved: Resolved): Started {
  const ledger = openLedger(options);
  try {
    return { ledger, session: openSession(executor, ledger, resolved, resolved.surroundings.clock) };
  } catch (error) {
    // The lease may have been taken: whoever comes next is not to wait for a session that never began.
    ledger.release().catch(() => undefined);
    ledger[Symbol.dispose]();
    throw error;
  }
}

function sayWhatWasSetAside(started: Started): Started {
  const { setAside } = started.ledger;
  if (setAside) warn('SANDTUNE_LEDGER', `${setAside.reason}; it is at ${setAside.path} now, and a new one was begun`);
  return started;
}
