/** How a session ends, and which one follows. */
import type { StoreError } from '../../src/store/store-error.ts';
import type { UserProposal } from '../entries/entries.ts';

/** Why another session follows. */
export type Succession =
  /** This one only observed, and what it waited for has come. */
  | { readonly to: 'lease' | 'ledger' }
  /** Another process tunes now. */
  | { readonly to: 'observing' }
  /** The ledger's file is gone or damaged. */
  | { readonly to: 'new ledger'; readonly error: StoreError };

/** How a session ended. */
export type SessionEnd =
  | { readonly kind: 'over' }
  /** Something the session cannot go on without failed; above all, a knob would not return to the anchor. */
  | { readonly kind: 'failed'; readonly error: unknown }
  | {
      readonly kind: 'handed over';
      readonly succession: Succession;
      /** Proposals of users that were not tried yet. */
      readonly queue: readonly UserProposal[];
    };
