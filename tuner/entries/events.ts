/** What comes in: the inputs of `transition`, one row each. */
import type { Discarded, Settings, SettingValue, Window } from '../../src/contracts.ts';

/** `atMs`: Unix time in ms (windows carry the executor's own clock). */
export type TunerEvent =
  | { readonly kind: 'begin'; readonly atMs: number }
  | {
      readonly kind: 'measured';
      readonly atMs: number;
      readonly arm: Arm;
      readonly window: Window;
      readonly discarded?: Discarded;
      readonly effective: Settings;
      /** CPUs this process may use now, where these are others than when the session began. */
      readonly cpus?: number;
    }
  /** An action other than measuring was carried out: warmed, settled, waited. */
  | {
      readonly kind: 'done';
      readonly atMs: number;
      /** Who compares settings on this machine now, so that this tuner may not; absent where it may. */
      readonly waitsFor?: string;
    }
  /** An action could not be carried out; the executor is on `settings`. */
  | {
      readonly kind: 'failed';
      readonly atMs: number;
      /** The action that failed. */
      readonly what: 'measure' | 'warm' | 'settle' | 'await';
      readonly message: string;
      readonly settings: Settings;
      /** The knobs that failed, each with the value it was asked for; absent where it was no knob. */
      readonly knobs?: readonly { readonly id: string; readonly value: SettingValue }[];
    }
  | { readonly kind: 'propose'; readonly atMs: number; readonly proposal: UserProposal }
  | { readonly kind: 'answer'; readonly atMs: number; readonly trial: number; readonly accept: boolean }
  /** The anchor that the holder of the lease stands on, as it wrote it. Only sessions that follow hear of it. */
  | { readonly kind: 'anchor'; readonly atMs: number; readonly settings: Settings }
  | { readonly kind: 'off'; readonly atMs: number; readonly reason: string }
  /** `interruptedBy`: what asked the whole program to end, 'SIGINT'; absent where only the tuner was asked to. */
  | { readonly kind: 'stop'; readonly atMs: number; readonly interruptedBy?: string }
  /** What ends a session that nobody stopped. */
  | {
      readonly kind: 'end';
      readonly atMs: number;
      /** 'handed over': another session follows, of this process or of another. 'closed': the executor was. 'failed': the tuner itself did. */
      readonly why: 'handed over' | 'closed' | 'failed';
      readonly reason: string;
    }
  /** The ledger cannot be written for now, or is written again. */
  | { readonly kind: 'ledger'; readonly atMs: number; readonly writable: boolean; readonly reason: string };

/** What a session was ended by. Each is a trigger too, of the trial that was under way. */
export type SessionEnding = 'stopped' | 'interrupted' | 'off' | 'handed over' | 'closed' | 'failed';

export type Arm = 'baseline' | 'candidate';

/** A setting for which somebody wants a trial. It skips the start gates, and nothing else. */
export interface UserProposal {
  /** Knobs to move; the others keep the values that are in force when the trial begins. */
  readonly settings: Settings;
  readonly reason: string;
}
