/**
 * What the live view remembers of the entries it has seen: plain data, renewed by follow.ts, drawn
 * by status.ts. A view may join late: everything is optional until its entry came by.
 */
import type { Settings } from '../../../src/contracts.ts';
import type {
  OpenGuardrail,
  PairPoint,
  Sealed,
  SessionEntry,
  TrialDesign,
  TrialPurpose,
} from '../../../tuner/entries/entries.ts';
import type { Cell } from './strip.ts';

export interface ViewState {
  readonly session: SessionEntry | null;
  readonly startedAtMs: number | null;
  readonly nowMs: number | null;
  readonly doing: Doing;
  /** Metric of the newest steady windows, oldest first: the sparkline and the live rate. */
  readonly recent: readonly number[];
  /** Newest steady windows, for where the time goes. */
  readonly glances: readonly Glance[];
  /** The setting outside trials, as far as it is known: others are told by their difference from it. */
  readonly inForce: Settings | null;
  readonly trial: LiveTrial | null;
  /** By trial: what was sealed before it. */
  readonly sealed: Readonly<Record<number, { readonly predicted: Sealed | null; readonly by: 'predictor' | 'user' }>>;
  /** A baseline was already told in full. */
  readonly baselines: number;
}

export type Doing =
  | { readonly kind: 'waiting' }
  | { readonly kind: 'observing'; readonly windows: number }
  | { readonly kind: 'choosing' }
  | { readonly kind: 'probing'; readonly settings: Settings }
  | { readonly kind: 'trying' }
  | { readonly kind: 'asking'; readonly trial: number; readonly settings: Settings }
  | { readonly kind: 'resting' }
  | { readonly kind: 'ended' };

export interface LiveTrial {
  readonly trial: number;
  readonly purpose: TrialPurpose;
  readonly baseline: Settings;
  readonly candidate: Settings;
  readonly design: TrialDesign;
  readonly cells: readonly Cell[];
  readonly last: PairPoint | null;
  /** Guardrails a commit waits for, as of the last pair. */
  readonly waitsFor: readonly OpenGuardrail[];
  readonly pairs: number;
  /** The strip was told with the verdict: not again with the decision. */
  readonly told: boolean;
}

/** Of one window, as much as the story needs. */
export interface Glance {
  readonly settings: Settings;
  readonly stages: Readonly<Record<string, number>>;
  readonly stageSamples: number;
  readonly meanMs: number;
  readonly calls: number;
}

export const initialView: ViewState = {
  session: null,
  startedAtMs: null,
  nowMs: null,
  doing: { kind: 'waiting' },
  recent: [],
  glances: [],
  inForce: null,
  trial: null,
  sealed: {},
  baselines: 0,
};
