/** What the verdict on a session is made from. */
import type { Settings } from '../../../src/contracts.ts';
import type { SessionHistory, SessionWindows, TrialHistory } from '../../../tuner/history.ts';
import type { Runner } from '../../words/open-session.ts';
import type { BrokenData, GainData, NoiseData } from '../data.ts';
import type { RefusedSetting } from './refused.ts';

export interface SessionJudgement {
  readonly session: SessionHistory;
  readonly windows: SessionWindows;
  readonly start: Settings;
  readonly chosen: Settings;
  /** Trials that lead to `chosen`, kept or waiting for a yes; or the one commit that is pending. */
  readonly chain: readonly TrialHistory[];
  readonly asked: boolean;
  /** The last commit, when its hold-back decided nothing; in `chain` only where it stands alone. */
  readonly pending: TrialHistory | null;
  readonly gain: GainData | null;
  /** With the number of its entry. */
  readonly noise: (NoiseData & { readonly entry: number }) | null;
  readonly refused: RefusedSetting | null;
  readonly brokenNow: readonly BrokenData[];
  /** True of the session that a tuner runs here and now. */
  readonly live: boolean;
  /** Who runs it, where it has no recorded end; null when that is not known. */
  readonly runner: Runner | null;
}
