/**
 * The view that every model returns, and how a gain in it becomes a proposal.
 */
import type { Interval, Proposal, Settings, SettingValue } from '../../src/contracts.ts';
import { valueIn } from '../../src/foundation/settings.ts';
import { meanMs, quantileMs } from '../../src/measure/distribution.ts';
import { quantileOf } from '../trial/metric.ts';
import type { Context } from './context.ts';
import { gainInterval, type LogGain, probabilityOfGain } from './gain.ts';

/** What a model says of its knobs at the setting in force. */
export interface View {
  readonly model: string;
  readonly knobs: readonly string[];
  /** False: `reason` says what the model lacks. */
  readonly identifiable: boolean;
  readonly reason: string;
  /** Predicted gain by value of the (first) knob; empty where nothing can be said. */
  readonly curve: readonly { readonly value: SettingValue; readonly gain: Interval }[];
  /** A setting that is expected to gain enough for a trial. */
  readonly proposal?: Proposal;
  /** A setting that costs less and is expected to lose nothing. */
  readonly cheaper?: Proposal;
  readonly probe?: {
    readonly settings: Settings;
    readonly learns: string;
    readonly upside: number;
    readonly toBeat?: number;
    /** A look at what nobody expects anything of. */
    readonly tour?: true;
    /** It comes before a trial of what was seen already, which it may show to be only a step on the way. */
    readonly isFirst?: boolean;
  };
}

export type Model = (context: Context) => View | null;

/** Of all settings whose expected gain is this close to the best (log), a model takes the smallest. */
export const nearBest = 0.02;

/** Log of the smallest gain worth proposing. */
export function worthLog({ seen }: Context): number {
  return Math.log1p(seen.worth.gain);
}

export function isWorth(context: Context, gain: LogGain): boolean {
  return gain.mean > worthLog(context) && probabilityOfGain(gain) > context.seen.worth.probability;
}

/** The gain that a probe may find (log); 0 where that is less than twice the smallest gain worth proposing. */
export function upsideOf(context: Context, { mean, sd, most = Infinity }: LogGain): number {
  const upside = Math.min(mean + sd, most);
  return upside > 2 * worthLog(context) ? upside : 0;
}

/** True for a step of at most × 8; beyond it, true only where even the low end of the interval is a gain. */
export function inTrustRegion(from: number, to: number, gain: LogGain): boolean {
  return Math.abs(Math.log2(to / from)) <= 3 || gainInterval(gain).low > 0;
}

export function propose(context: Context, model: string, change: Settings, gain: LogGain, reason: string): Proposal {
  return {
    settings: { ...context.seen.current, ...change },
    gain: gainInterval(gain),
    pGain: probabilityOfGain(gain),
    risk: riskOf(context, change, gain),
    model,
    reason,
  };
}

/**
 * high: an absolute latency guardrail that holds now is expected to break. medium: two knobs, a step
 * beyond × 8, or a loss of 10 % inside the interval. low: everything else.
 */
function riskOf({ seen, nowLatency }: Context, change: Settings, gain: LogGain): Proposal['risk'] {
  const { low } = gainInterval(gain);
  const slower = gain.slower ?? -gain.mean;
  for (const guardrail of seen.goal.guardrails) {
    if (guardrail.kind !== 'absolute' || !guardrail.metric.startsWith('p')) continue;
    const nowMs = quantileMs(nowLatency, quantileOf(guardrail.metric as `p${number}`));
    if (nowMs <= guardrail.limit && nowMs * Math.exp(slower) > guardrail.limit) return 'high';
  }
  const steps = Object.entries(change).map(([id, value]) =>
    Math.abs(Math.log2(Number(value) / Number(valueIn(seen.current, id)))),
  );
  return steps.length > 1 || steps.some((step) => step > 3) || low < -0.1 ? 'medium' : 'low';
}

/** True while a limit on latency is broken: then nothing is spared. */
export function isLimitBroken({ seen, nowLatency }: Context): boolean {
  return seen.goal.guardrails.some(({ kind, metric, ...guardrail }) => {
    if (kind !== 'absolute' || !('limit' in guardrail) || nowLatency.count === 0) return false;
    if (metric === 'mean') return meanMs(nowLatency) > guardrail.limit;
    return metric.startsWith('p') && quantileMs(nowLatency, quantileOf(metric as `p${number}`)) > guardrail.limit;
  });
}

/** '1 call', '2.5 calls'. */
export function countedInWords(value: number, one: string): string {
  const number = inWords(value);
  return `${number} ${number === '1' ? one : `${one}s`}`;
}

/** '74 %', and 'all' of what cannot be used more than wholly, however it was measured. */
export function shareInWords(fraction: number): string {
  return fraction >= 0.995 ? 'all' : `${Math.round(100 * fraction)} %`;
}

/** Three significant digits without an exponent, for sentences. */
export function inWords(value: number): string {
  return Number(value.toPrecision(3)).toString();
}
