/**
 * What `sandtune check` says of the sessions of an executor: what could be judged at all, and whether what was
 * proven is what the next start begins on. Pure.
 */
import type { Settings, SettingValue } from '../../../src/contracts.ts';
import { valueIn } from '../../../src/foundation/settings.ts';
import { changes, configuredSettings, sameSettings } from '../../../tuner/entries/settings.ts';
import {
  awaitingAnswer,
  isJudged,
  pendingCommit,
  recommendedTrials,
  type SessionHistory,
  type SessionWindows,
  type TrialHistory,
} from '../../../tuner/history.ts';
import { type BrokenLimit, brokenNow, keptNow, type Limit } from '../../../tuner/trial/limits-now.ts';

/** What the newest windows of a session say of its limits. */
export interface JudgedLimits {
  readonly broken: readonly BrokenLimit[];
  readonly kept: readonly Limit[];
  /** Those for which its calls are too few. */
  readonly unjudged: readonly Limit[];
}

export function judgedLimits({ entry }: SessionHistory, { newest }: SessionWindows): JudgedLimits {
  const limits = entry.goal.guardrails.filter((one): one is Limit => one.kind === 'absolute');
  const broken = brokenNow(limits, newest);
  const kept = keptNow(limits, newest);
  const judged = [...broken.map(({ limit }) => limit), ...kept];
  return { broken, kept, unjudged: limits.filter((limit) => !judged.includes(limit)) };
}

/** Trials that came to a verdict about a candidate. */
export function judgedTrials(sessions: readonly SessionHistory[]): number {
  return sessions.reduce((sum, { trials }) => sum + trials.filter(isJudged).length, 0);
}

/** What one trial proved better, or as good and cheaper, and is not what the next start begins on. */
export interface NotApplied {
  readonly session: SessionHistory;
  readonly trial: TrialHistory;
  /** The knobs that are configured otherwise: what was proven, and what is configured. */
  readonly proven: Settings;
  readonly configured: Settings;
  /** Knobs that were proven to stand elsewhere and that the newest session has not. */
  readonly gone: Settings;
}

interface Proven {
  readonly id: string;
  readonly value: SettingValue;
  readonly session: SessionHistory;
  readonly trial: TrialHistory;
}

/**
 * Of each knob what was proven last counts, in whichever session that was.
 * @param sessions of one executor, oldest first
 * @returns one for each trial, oldest first
 */
export function notApplied(sessions: readonly SessionHistory[]): readonly NotApplied[] {
  const newest = sessions.at(-1);
  if (!newest) return [];
  const now = configuredSettings(newest.entry.knobs);
  const kept = newest.entry.options.persist ? newest.anchor : {};
  const missing = provenIn(sessions).filter(
    ({ id, value }) => valueIn(now, id) !== value && valueIn(kept, id) !== value,
  );
  return [...Map.groupBy(missing, ({ trial }) => trial).values()].map((of) => {
    const [{ session, trial }] = of as [Proven, ...Proven[]];
    const isGone = ({ id }: Proven) => valueIn(now, id) === undefined;
    const there = of.filter((one) => !isGone(one));
    return {
      session,
      trial,
      proven: settingsOf(there, ({ value }) => value),
      configured: settingsOf(there, ({ id }) => valueIn(now, id) as SettingValue),
      gone: settingsOf(of.filter(isGone), ({ value }) => value),
    };
  });
}

/** What was proven once, by a commit whose hold-back said neither yes nor no, and is not what the next start begins on. */
export interface ProvenOnce {
  readonly session: SessionHistory;
  readonly trial: TrialHistory;
  readonly settings: Settings;
}

/**
 * Not told where a later session has judged the same setting, or has proven of each of its knobs where it belongs.
 * @param sessions of one executor, oldest first
 */
export function provenOnce(sessions: readonly SessionHistory[]): readonly ProvenOnce[] {
  const newest = sessions.at(-1);
  if (!newest) return [];
  const now = configuredSettings(newest.entry.knobs);
  const kept = newest.entry.options.persist ? newest.anchor : {};
  return sessions.flatMap((session, at) => {
    const trial = pendingCommit(session);
    const later = sessions.slice(at + 1);
    const judges = (one: TrialHistory) => isJudged(one) && sameSettings(one.candidate, trial?.candidate ?? {});
    if (!trial || later.some(({ trials }) => trials.some(judges))) return [];
    const decided = new Set(provenIn(later).map(({ id }) => id));
    const open = changes(trial.baseline, trial.candidate).filter(
      ([id, , value]) => !decided.has(id) && valueIn(now, id) !== value && valueIn(kept, id) !== value,
    );
    const settings = Object.fromEntries(open.map(([id, , value]) => [id, value]));
    return open.length === 0 ? [] : [{ session, trial, settings }];
  });
}

function provenIn(sessions: readonly SessionHistory[]): readonly Proven[] {
  const last = new Map<string, Proven>();
  for (const session of sessions) {
    const trial = provenTrial(session);
    const before = configuredSettings(session.entry.knobs);
    for (const [id, value] of Object.entries(trial?.candidate ?? {}))
      if (trial && valueIn(before, id) !== value) {
        // Behind those of earlier sessions.
        last.delete(id);
        last.set(id, { id, value, session, trial });
      }
  }
  return [...last.values()];
}

function settingsOf(of: readonly Proven[], value: (one: Proven) => SettingValue): Settings {
  return Object.fromEntries(of.map((one) => [one.id, value(one)]));
}

/** The last trial that leads to what is recommended; a commit whose hold-back has not ended is not proven yet. */
function provenTrial(session: SessionHistory): TrialHistory | null {
  const last = recommendedTrials(session).at(-1);
  return last && (last.passed || last === awaitingAnswer(session)) ? last : null;
}
