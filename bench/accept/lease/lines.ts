/** What a program of a story is started with, told, and says. */
import type { ProcessIdentity } from '../../../src/store/process-identity.ts';
import type { Followed, RecordOf } from '../../../tuner/entries/entries.ts';
import type { Mode } from '../../../tuner/options.ts';

export interface ChildOptions {
  readonly stateDir: string;
  /** @defaultValue 'auto' */
  readonly mode?: Mode;
  /** The size it begins with. @defaultValue 1 */
  readonly configured?: number;
  /** @defaultValue false */
  readonly persist?: boolean;
  /** Longest trial. @defaultValue 20_000: one whose windows got long on a busy machine is soon tried again */
  readonly maxDurationMs?: number;
  /** What it commits becomes its anchor only after a hold-back. @defaultValue false: at once */
  readonly holdsBack?: boolean;
  /** What the program does against what is to hold, to see that it would show. @defaultValue nothing */
  readonly guardOff?: GuardOff;
}

/** The lease is taken from whoever has it; the fence is set back; what is tried elsewhere is applied; no limit is ever broken. */
export type GuardOff = 'lease' | 'fence' | 'anchor only' | 'guardrails';

export type Command =
  | { readonly do: 'propose'; readonly size: number }
  /** From size 8 on three calls of ten fail. */
  | { readonly do: 'fail'; readonly on: boolean }
  /** The system's clock, as this process reads it, is so much later than it is. */
  | { readonly do: 'step clock'; readonly byMs: number }
  | { readonly do: 'stand' }
  | { readonly do: 'stop' };

export type Line =
  | { readonly kind: 'ready'; readonly identity: ProcessIdentity; readonly wallMs: number }
  | { readonly kind: 'session'; readonly mode: Mode; readonly anchor: number }
  /** A knob was set. */
  | { readonly kind: 'applied'; readonly size: number }
  | { readonly kind: 'intent'; readonly purpose: RecordOf<'intent'>['purpose']; readonly size: number }
  | { readonly kind: 'anchor'; readonly size: number }
  | { readonly kind: 'decision'; readonly decision: string; readonly reason: string }
  | { readonly kind: 'follow'; readonly outcome: Followed['outcome']; readonly size: number; readonly text: string }
  | { readonly kind: 'note'; readonly code: string; readonly text: string }
  | { readonly kind: 'warning'; readonly text: string }
  | { readonly kind: 'answered'; readonly text: string }
  | { readonly kind: 'clock'; readonly wallMs: number }
  | { readonly kind: 'stands'; readonly size: number; readonly anchor: number; readonly mode: Mode }
  | { readonly kind: 'stopped'; readonly size: number; readonly anchor: number };

export type LineOf<K extends Line['kind']> = Extract<Line, { readonly kind: K }>;
