/** Settings that failed rest for a while, longer each time. */
import type { Settings } from '../../src/contracts.ts';
import type { Trigger, TunerRecord } from '../entries/entries.ts';
import { sameSettings } from '../entries/settings.ts';
import { meaningOf } from '../entries/triggers.ts';
import type { State } from './state.ts';

/** Not to be proposed again for a while: doubling with every failure. */
export function ruleOut(state: State, settings: Settings, atMs: number, failures: number): State {
  const before = state.ruledOut.find((one) => sameSettings(one.settings, settings))?.failures ?? 0;
  const total = before + failures;
  const untilMs = atMs + Math.max(1000, state.session.options.restMs) * 2 ** Math.min(10, total);
  return {
    ...state,
    ruledOut: [
      ...state.ruledOut.filter((one) => !sameSettings(one.settings, settings)),
      { settings, failures: total, untilMs },
    ],
  };
}

/** The same after a trial that ended so. A breaker may have been bad luck: it counts only when it happens again. */
export function ruleOutAfter(state: State, settings: Settings, trigger: Trigger, atMs: number): State {
  return ruleOut(state, settings, atMs, meaningOf(trigger).judgedBy === 'breaker' ? 0 : 1);
}

/** Without what an ending has made worthless: another load, or none, needs another reference. */
export function forgetting(state: State, trigger: Trigger): State {
  const { voids } = meaningOf(trigger);
  if (voids === 'nothing') return state;
  return { ...state, baseline: [], seen: voids === 'everything' ? [] : state.seen };
}

/** What a ruled-out setting leaves in the ledger; empty for one that is not. */
export function backOffOf(state: State, settings: Settings): readonly TunerRecord[] {
  const found = state.ruledOut.find((one) => sameSettings(one.settings, settings));
  return found ? [{ kind: 'back-off', ...found }] : [];
}
