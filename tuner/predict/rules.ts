/**
 * Rules: causes that can be recognised without a model, each with its measured evidence.
 *
 * idle time-out 0: a pool that ends its extra workers as soon as they idle starts them again at the
 * next burst, and calls wait for that. Seen as workers that start again and again while none was
 * lost. (A burst of 64 calls every 30 ms took several times longer on piscina's default.)
 */
import type { Seen, Window } from '../../src/contracts.ts';
import { durationText } from '../../src/foundation/units.ts';
import { meanMs, mergeDistributions } from '../../src/measure/distribution.ts';
import type { TunerRecord } from '../entries/entries.ts';
import { sameSettings } from '../entries/settings.ts';
import { type Context, isOpen, numberAt } from './context.ts';
import { intoDomain } from './ladder.ts';
import { inWords, isWorth, propose, type View } from './model.ts';

export type SettingRecommendation = Omit<Extract<TunerRecord, { kind: 'recommendation' }>, 'kind'>;

const id = 'idleTimeoutMs';
const idleMs = 10_000;

interface IdleEvidence {
  readonly value: number;
  readonly starts: number;
  readonly seconds: number;
  /** Mean latency of windows with and without starts; NaN where there are none. */
  readonly withMs: number;
  readonly withoutMs: number;
  readonly waitMs: number;
  readonly text: string;
}

export function idleModel(context: Context): View | null {
  const { seen, now } = context;
  if (!seen.knobs.some((knob) => knob.id === id)) return null;
  const base = { model: 'idle-timeout', knobs: [id], curve: [] };
  const evidence = idleEvidence(seen);
  if (!evidence)
    return { ...base, identifiable: false, because: 'workers do not start again and again: nothing to keep alive' };
  const view = { ...base, identifiable: true, because: evidence.text };
  // Windows without a start tell what latency would be; else most of the wait is the start.
  const without = evidence.withoutMs < evidence.withMs ? evidence.withoutMs : evidence.withMs - 0.5 * evidence.waitMs;
  const mean = Math.log(evidence.withMs / Math.max(0.05 * evidence.withMs, without));
  const gain = { mean: mean * paysBack(context), sd: 0.05 + 0.5 * Math.abs(mean) * paysBack(context) };
  const settings = { ...now.settings, [id]: evidence.value };
  if (!isWorth(context, gain) || !isOpen(context, settings)) return view;
  return { ...view, proposal: propose(context, 'idle-timeout', { [id]: evidence.value }, gain, evidence.text) };
}

/** What needs no trial to be recommended. */
export function idleRecommendation(seen: Seen): readonly SettingRecommendation[] {
  const evidence = idleEvidence(seen);
  if (!evidence) return [];
  return [
    {
      priority: evidence.starts / evidence.seconds >= 1 ? 'high' : 'medium',
      settings: { [id]: evidence.value },
      because:
        'workers end as soon as they idle and are started again at the next burst; keeping them alive costs memory only',
      evidence: evidence.text,
    },
  ];
}

/** How much of a shorter latency the objective feels. */
function paysBack({ seen, now }: Context): number {
  if (seen.goal.objective.metric === 'mean') return 1;
  if (seen.goal.objective.metric === 'cpu') return 0;
  // A closed loop that pauses between bursts feels it in part; an open one completes what arrives anyway.
  return seen.load === 'closed' ? 1 - Math.min(1, now.busyFraction) : 0;
}

function idleEvidence(seen: Seen): IdleEvidence | null {
  const knob = seen.knobs.find((one) => one.id === id);
  const windows = seen.windows.filter((window) => window.steady && sameSettings(window.settings, seen.current));
  if (!knob || numberAt(seen.current, id) !== 0 || windows.length < 3) return null;
  const started = windows.filter((window) => window.work.workerStarts > 0);
  const lost = windows.reduce((sum, window) => sum + window.outcomes.lost + window.outcomes.timeout, 0);
  // A pool starts its workers once; only again and again, and not to replace, is the rule's cause.
  if (started.length < Math.max(3, 0.3 * windows.length) || lost > 0) return null;
  const starts = started.reduce((sum, window) => sum + window.work.workerStarts, 0);
  const seconds = windows.reduce((sum, window) => sum + (window.endMs - window.startMs), 0) / 1000;
  const quiet = windows.filter((window) => window.work.workerStarts === 0);
  const latencyOf = (list: readonly Window[]) => meanMs(mergeDistributions(list.map((window) => window.latency)));
  const [withMs, withoutMs] = [latencyOf(started), latencyOf(quiet)];
  const waitMs = meanMs(mergeDistributions(started.map((window) => window.wait)));
  const versus = Number.isFinite(withoutMs) ? `, against ${durationText(withoutMs)} in windows without` : '';
  return {
    value: intoDomain(knob as never, idleMs),
    starts,
    seconds,
    withMs,
    withoutMs,
    waitMs,
    text: `${inWords(starts / seconds)} worker starts a second with none lost; mean latency ${durationText(withMs)} in windows with starts${versus}, ${durationText(waitMs)} of it waiting`,
  };
}
