/** How trials are named, what became of them, and which of the three colours they get. One place for all outputs. */
import type { Objective } from '../../src/contracts.ts';
import { durationText } from '../../src/foundation/units.ts';
import { changesText, settingsKey } from '../../tuner/entries/settings.ts';
import { triggers } from '../../tuner/entries/triggers.ts';
import { verdictText } from '../words/evidence.ts';
import { metricName } from '../words/metric.ts';
import { countedText, wholeText } from '../words/numbers.ts';
import type { RevertData, TrialData } from './trial-data.ts';

/** kept: blue. harm: vermillion. plain: grey. The words beside a colour always say the same. */
export type Tone = 'kept' | 'harm' | 'plain';

export function toneOf(trial: TrialData): Tone {
  if (trial.takenBack) return 'plain';
  if (trial.ending === 'kept' || trial.ending === 'passed') return 'kept';
  const harms = trial.trigger !== null && triggers[trial.trigger].harms;
  return harms && trial.ending !== 'unchanged' ? 'harm' : 'plain';
}

/** 'batchSize 1 → 64', 'hold-back of batchSize 1 → 64', 'same setting twice (A/A)'. */
export function trialName(trial: TrialData): string {
  if (trial.purpose === 'a/a') return 'same setting twice (A/A)';
  const change = changesText(trial.baseline, trial.candidate);
  return trial.purpose === 'hold-back' ? `hold-back of ${change}` : change;
}

/** 'mean latency ' before a change of that in a table of another metric; '' before the table's own. */
export function otherMetricText({ objective }: TrialData, metric: Objective['metric']): string {
  return objective.metric === metric ? '' : `${metricName(objective.metric)} `;
}

/** 'kept', 'reverted', 'passed' …: what became of it. */
export function outcomeWord({
  ending,
  takenBack,
  verdict,
  trigger,
}: Pick<TrialData, 'ending' | 'takenBack' | 'verdict' | 'trigger'>): string {
  switch (ending) {
    case 'kept':
      return takenBack ? 'kept, then taken back' : 'kept';
    case 'reverted':
    case 'passed':
    case 'cut off':
      return ending;
    case 'measured':
      return 'noise measured';
    case 'running':
    case 'judged':
    case 'unchanged':
      return verdict === null || trigger === null ? 'not decided' : verdictText({ verdict, trigger });
  }
}

/** 'breaker: drop, 2.65 s': why, and how long it took. Empty where the outcome says it all. */
export function outcomeDetail(trial: TrialData): string {
  if (trial.purpose === 'a/a') return '';
  if (trial.ending === 'running' || trial.ending === 'cut off') return waitingText(trial);
  if (trial.trigger === null) return '';
  const isVerdict = trial.ending === 'unchanged' || trial.ending === 'judged';
  const reason = isVerdict && triggers[trial.trigger].keeps !== 'saving' ? [] : [trial.trigger];
  return [...reason, ...(trial.afterMs ? [durationText(trial.afterMs)] : [])].join(', ');
}

/** Why a trial that shows so much is not over yet. */
export function waitingText({ eValue, proveAt, waitsFor }: TrialData): string {
  if (eValue === null || eValue < proveAt) return '';
  return waitsFor.length === 0
    ? 'better is proven'
    : `better is proven, but not yet that ${waitsFor.map((one) => one.text).join(', ')}`;
}

/** How often settings were reverted: `times` is larger where one was tried again. */
interface Reverted {
  readonly settings: number;
  readonly times: number;
  readonly harmful: number;
  readonly stopped: number;
}

/** '2 settings'; '3 settings, 14 times'. */
export function revertedText({ settings, times }: Pick<Reverted, 'settings' | 'times'>): string {
  const counted = countedText(settings, 'setting');
  return times > settings ? `${counted}, ${wholeText(times)} times` : counted;
}

/** '2 proven to do harm, 1 stopped by a breaker': of the settings reverted. The others were not proven better. */
export function harmText({ settings, times, harmful, stopped }: Reverted): string {
  const of = times > settings ? (count: number) => `${countedText(count, 'time')} ` : (count: number) => `${count} `;
  const parts = [
    harmful === 0 ? 'none proven to do harm' : `${of(harmful)}proven to do harm`,
    ...(stopped === 0 ? [] : [`${of(stopped)}stopped by a breaker, which waits for no proof`]),
  ];
  return parts.join(', ');
}

/** '9,017 calls ran under them': harm or not, which the words beside it say. */
export function underText(calls: number, { settings }: Pick<Reverted, 'settings'>): string {
  return `${countedText(calls, 'call')} ran under ${settings === 1 ? 'it' : 'them'}`;
}

/** Of the reverts of a session: how many settings they are of, and what was seen of them. */
export function revertedIn(reverts: readonly RevertData[]): Reverted {
  return {
    settings: new Set(reverts.map((one) => settingsKey(one.settings))).size,
    times: reverts.length,
    harmful: reverts.filter((one) => one.harmful).length,
    stopped: reverts.filter((one) => one.stopped).length,
  };
}

/** How long it took to revert a setting. */
export function delayText({ afterMs }: RevertData): string {
  return afterMs > 0 ? `after ${durationText(afterMs)}` : 'at once';
}
