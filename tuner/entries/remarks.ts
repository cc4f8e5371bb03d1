/** What the shell adds to the ledger for readers; `transition` never reads it. */
import type { Interval, Patch, Settings, Window } from '../../src/contracts.ts';

export type Remark =
  | {
      readonly kind: 'patch';
      readonly settings: Settings;
      readonly patches: readonly { readonly knob: string; readonly patch: Patch }[];
    }
  | { readonly kind: 'overhead'; readonly fraction: Interval; readonly pairs: number; readonly how: string }
  | { readonly kind: 'sweep'; readonly title: string; readonly points: readonly SweepPoint[] }
  | {
      readonly kind: 'accounting';
      readonly offered: number;
      readonly outcomes: Window['outcomes'];
      readonly inFlight: number;
    }
  /** Old windows of this session were dropped to keep the ledger small: it cannot be replayed any more. */
  | { readonly kind: 'pruned'; readonly windows: number }
  | Note;

/** A sentence for readers. Whoever wants to know what it is about reads its code. */
export type Note =
  | {
      readonly kind: 'note';
      readonly code:
        | 'kept-setting-refused'
        | 'observing-only'
        /** SANDTUNE_MODE holds the tuner to less than it was asked for. */
        | 'mode-held-down'
        /** Another executor of this name is tuned from the same folder. */
        | 'shared-name'
        | 'took-over'
        | 'following'
        | 'switched-off'
        | 'ended'
        | 'no-knobs'
        | 'no-calls'
        /** A knob that executors of this kind have and this one has not. */
        | 'withheld'
        | 'window'
        | 'knob'
        | 'listener'
        | 'nobody-to-ask'
        | 'not-waited-for'
        | 'ledger'
        | 'other';
      readonly title: string;
      readonly text: string;
    }
  /** The session before this one ended inside this trial. */
  | {
      readonly kind: 'note';
      readonly code: 'interrupted';
      readonly trial: number;
      readonly candidate: Settings;
      readonly title: string;
      readonly text: string;
    };

export type RemarkOf<K extends Remark['kind']> = Extract<Remark, { readonly kind: K }>;

/** A tested point: the metric's mean over `windows` interleaved windows with its interval. */
export interface SweepPoint {
  readonly settings: Settings;
  readonly metric: Interval;
  readonly windows: number;
  /** How much better it is than the sweep's first point, by rounds that visited both; + is better. */
  readonly gain?: Interval;
}
