/** What a search leaves to the next session: what it found, by what its load is known again, and the harm it owes. */
import type { Visit } from '../../src/contracts.ts';
import type { LoadSigns } from './known-load.ts';

export interface SearchLeft {
  /** Oldest first. */
  readonly visits: readonly Visit[];
  /** Of the newest visit. */
  readonly under: LoadSigns | null;
  /** Of the time in which probes harmed, what the time that went by has not paid yet. */
  readonly owedMs: number;
}
