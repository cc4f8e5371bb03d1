/** What a search leaves to the next session: what it found, by what its load is known again, and the harm it owes. */
import type { Visit } from '../../src/contracts.ts';
import type { LoadSigns } from './known-load.ts';

/**
 * Looks at what nobody expects anything of: one tour of them a day. It is over once what it found says nothing any more;
 * and in a session that begins after the process ended under a probe there is none, whose tour is barred.
 */
export interface Tour {
  /** Unix ms. */
  readonly beganAtMs: number;
  readonly is: 'open' | 'over' | 'barred';
}

export interface SearchLeft {
  /** Oldest first. */
  readonly visits: readonly Visit[];
  /** Of the newest visit. */
  readonly under: LoadSigns | null;
  /** Of the time in which probes harmed, what the time that went by has not paid yet. */
  readonly owedMs: number;
  /** The newest one. Absent: there was none. */
  readonly tour?: Tour;
}
