/**
 * Spans of the tuner: `sandtune.trial` over a whole trial, with a child `sandtune.decision` at the moment
 * of each decision. Each trial is a trace of its own: it spans many calls and belongs to none.
 *
 * This room is the only one that touches OpenTelemetry, so the tuner says here, in its own words,
 * what happened and when.
 */
import { ROOT_CONTEXT, type Span, SpanKind, trace } from '@opentelemetry/api';
import type { Interval, Settings, Verdict } from '../contracts.ts';
import type { Clock } from '../foundation/clock.ts';
import { toHrTime } from '../foundation/units.ts';
import { attributeNames, spanNames } from './names.ts';
import { endAfter, sandtuneTracer, TelemetryGuard } from './telemetry.ts';

export interface TrialSpanStart {
  readonly clock: Clock;
  /** On `clock`, as all times here. */
  readonly startMs: number;
  readonly executor: string;
  /** The trial's number. */
  readonly trial: number;
  readonly purpose: string;
  readonly baseline: Settings;
  readonly candidate: Settings;
}

interface TrialSpanDecision {
  readonly atMs: number;
  readonly decision: string;
  readonly trigger: string;
  /** In force from now on. */
  readonly settings: Settings;
}

/** What is known when a trial ends; a trial that was stopped has no verdict. */
interface TrialSpanEnd {
  readonly endMs: number;
  readonly verdict?: Verdict;
  readonly effect?: Interval;
  /** The ratio of the sums over all calls. */
  readonly allCalls?: Interval | null;
  readonly eValue?: number;
  readonly pairs?: number;
}

/** Its methods never throw. After `end` they do nothing. */
export interface TrialSpan {
  decision(decision: TrialSpanDecision): void;
  end(end: TrialSpanEnd): void;
  /** Times telemetry threw for this trial. */
  readonly errorCount: number;
}

/** Begins `sandtune.trial`. Never throws; costs next to nothing where no OpenTelemetry SDK is registered. */
export function startTrialSpan(start: TrialSpanStart): TrialSpan {
  const { clock, startMs } = start;
  const guard = new TelemetryGuard();
  const originMs = clock.timeOrigin;
  const startTime = toHrTime(originMs, startMs);
  let span = guard.run<Span | undefined>(
    () =>
      sandtuneTracer().startSpan(
        spanNames.trial,
        {
          kind: SpanKind.INTERNAL,
          startTime,
          attributes: {
            [attributeNames.executor]: start.executor,
            [attributeNames.trial]: start.trial,
            [attributeNames.purpose]: start.purpose,
            [attributeNames.baseline]: JSON.stringify(start.baseline),
            [attributeNames.candidate]: JSON.stringify(start.candidate),
          },
        },
        ROOT_CONTEXT,
      ),
    undefined,
  );

  return {
    decision({ atMs, decision, trigger, settings }) {
      const parent = span;
      if (!parent) return;
      guard.run(() => {
        const at = toHrTime(originMs, atMs);
        const attributes = {
          [attributeNames.decision]: decision,
          [attributeNames.trigger]: trigger,
          [attributeNames.settings]: JSON.stringify(settings),
        };
        sandtuneTracer()
          .startSpan(
            spanNames.decision,
            { kind: SpanKind.INTERNAL, startTime: at, attributes },
            trace.setSpan(ROOT_CONTEXT, parent),
          )
          .end(endAfter(at, at));
      }, undefined);
    },
    end({ endMs, verdict, effect, allCalls, eValue, pairs }) {
      const ending = span;
      span = undefined;
      if (!ending) return;
      guard.run(() => {
        try {
          if (verdict !== undefined) ending.setAttribute(attributeNames.verdict, verdict);
          if (pairs !== undefined) ending.setAttribute(attributeNames.pairs, pairs);
          if (eValue !== undefined) ending.setAttribute(attributeNames.eValue, eValue);
          if (effect) {
            ending.setAttribute(attributeNames.effect, effect.estimate);
            ending.setAttribute(attributeNames.effectLow, effect.low);
            ending.setAttribute(attributeNames.effectHigh, effect.high);
          }
          if (allCalls) ending.setAttribute(attributeNames.allCalls, allCalls.estimate);
        } finally {
          ending.end(endAfter(startTime, toHrTime(originMs, endMs)));
        }
      }, undefined);
    },
    get errorCount() {
      return guard.errorCount;
    },
  };
}
