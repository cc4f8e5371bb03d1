/**
 * The model of a pool's idle time-out. A pool with a time-out of 0 ends its extra workers as soon as
 * they idle and starts them again at the next burst, and calls wait for that start. The model sees it
 * as workers that start again and again while none was lost. (A burst of 64 calls every 30 ms took
 * several times longer on piscina's default.)
 */
import type { Seen, Window } from '../../src/contracts.ts';
import { durationText } from '../../src/foundation/units.ts';
import { countAtOrBelow, meanMs, mergeDistributions } from '../../src/measure/distribution.ts';
import { sameSettings } from '../entries/settings.ts';
import { type Context, isOpen, numberAt } from './context.ts';
import { intoDomain } from './ladder.ts';
import { inWords, isWorth, propose, type View } from './model.ts';

export const idleKnob = 'idleTimeoutMs';
/** The time-out that is proposed in place of 0. */
const idleMs = 10_000;

/** Windows with worker starts beside windows without. */
export interface IdleEvidence {
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
  if (!seen.knobs.some((knob) => knob.id === idleKnob)) return null;
  const base = { model: 'idle-timeout', knobs: [idleKnob], curve: [] };
  const evidence = idleEvidence(seen);
  if (!evidence)
    return { ...base, identifiable: false, reason: 'workers do not start again and again: nothing to keep alive' };
  const view = { ...base, identifiable: true, reason: evidence.text };
  // Windows in which no worker started show what latency would be. Where there are none, half of the
  // waiting is taken to be the start.
  const without = evidence.withoutMs < evidence.withMs ? evidence.withoutMs : evidence.withMs - 0.5 * evidence.waitMs;
  const mean = feltLog(context, Math.max(0.05, without / evidence.withMs));
  const gain = { mean, sd: 0.05 + 0.5 * Math.abs(mean) };
  const settings = { ...now.settings, [idleKnob]: evidence.value };
  if (!isWorth(context, gain) || !isOpen(context, settings)) return view;
  return { ...view, proposal: propose(context, 'idle-timeout', { [idleKnob]: evidence.value }, gain, evidence.text) };
}

/** What the objective gains (log) where latency becomes `shorter` times what it is. */
function feltLog({ seen, now }: Context, shorter: number): number {
  const { metric } = seen.goal.objective;
  if (metric === 'mean') return -Math.log(shorter);
  // An open loop completes what arrives anyway.
  if (metric === 'cpu' || seen.load === 'open') return 0;
  // A closed loop comes round sooner by what its calls take less; its own pauses stay as they are.
  return -Math.log(now.pauseFraction + (1 - now.pauseFraction) * shorter);
}

/** What the windows show of workers that start again and again; null where they do not. */
export function idleEvidence(seen: Seen): IdleEvidence | null {
  const knob = seen.knobs.find((one) => one.id === idleKnob);
  const windows = seen.windows.filter((window) => window.steady && sameSettings(window.settings, seen.current));
  if (!knob || numberAt(seen.current, idleKnob) !== 0 || windows.length < 3) return null;
  const started = windows.filter((window) => window.work.workerStarts > 0);
  const lost = windows.reduce((sum, window) => sum + window.outcomes.lost + window.outcomes.timeout, 0);
  // Every pool starts its workers once, and starts others for those it lost. Only starts that come again and again without a loss are due to the time-out.
  if (started.length < Math.max(3, 0.3 * windows.length) || lost > 0) return null;
  const starts = started.reduce((sum, window) => sum + window.work.workerStarts, 0);
  const seconds = windows.reduce((sum, window) => sum + (window.endMs - window.startMs), 0) / 1000;
  const quiet = windows.filter((window) => window.work.workerStarts === 0);
  const latencyOf = (list: readonly Window[]) => meanMs(mergeDistributions(list.map((window) => window.latency)));
  const [withMs, withoutMs] = [latencyOf(started), latencyOf(quiet)];
  const waitMs = meanMs(mergeDistributions(started.map((window) => window.wait)));
  const inTime = inTimeShares(seen, started, quiet);
  // Where calls take as long beside no start, or hardly wait, the starts are not what they wait for, however few show it.
  if (withoutMs >= withMs || !(waitMs >= leastWaiting * withMs) || (inTime && inTime.withStarts >= inTime.without))
    return null;
  const versus = Number.isFinite(withoutMs)
    ? `, against ${durationText(withoutMs)} in windows without`
    : ', which no window without can be compared with';
  const inTimeText = inTime
    ? `; ${percent(inTime.withStarts)} of their calls in time, against ${percent(inTime.without)}`
    : '';
  return {
    value: intoDomain(knob as never, idleMs),
    starts,
    seconds,
    withMs,
    withoutMs,
    waitMs,
    text: `${inWords(starts / seconds)} worker starts a second with none lost; mean latency ${durationText(withMs)} in windows with starts${versus}, ${durationText(waitMs)} of it waiting${inTimeText}`,
  };
}

/** Share of the mean latency beside starts from which waiting can be what the starts cost. */
const leastWaiting = 0.1;

/** Shares of calls within the objective's limit in windows with and without starts; null where it has none, or nothing is to compare. */
function inTimeShares({ goal }: Seen, started: readonly Window[], quiet: readonly Window[]) {
  if (goal.objective.metric !== 'goodput') return null;
  const { sloMs } = goal.objective;
  const shareOf = (list: readonly Window[]) => {
    const latency = mergeDistributions(list.map((window) => window.latency));
    return countAtOrBelow(latency, sloMs) / latency.count;
  };
  const [withStarts, without] = [shareOf(started), shareOf(quiet)];
  return Number.isFinite(without) && Number.isFinite(withStarts) ? { withStarts, without } : null;
}

function percent(share: number): string {
  return `${Math.round(100 * share)} %`;
}
