/** What a session is made of. */
import type { Executor } from '../../src/contracts.ts';
import type { Clock, Timers } from '../../src/foundation/clock.ts';
import type { Turns } from '../../src/store/turns.ts';
import type { Entry } from '../entries/entries.ts';
import type { TunerLedger } from '../ledger.ts';
import type { Announcer } from './announcer.ts';
import type { OpenedSession } from './session.ts';

export interface SessionParts {
  readonly executor: Executor;
  readonly ledger: TunerLedger;
  readonly session: OpenedSession;
  readonly clock: Clock;
  readonly timers: Timers;
  /** CPUs that this process may use now. */
  readonly cpus: () => number;
  /** With whom turns are taken. */
  readonly turns: Turns;
  readonly announcer: Announcer;
  /** Hears of entries once they are in the ledger and the session has moved on; may call the session. */
  readonly onEntries: (entries: readonly Entry[]) => void;
  /** Asks whether a ledger can be opened where there could be none when the session began. */
  readonly canOpen: () => Promise<boolean>;
}
