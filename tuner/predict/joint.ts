/**
 * The model that moves threads and batch size together, where that is worth clearly more than moving
 * one of them: larger batches need more calls in flight for each thread, and fewer threads provide
 * that. No model moves more than two knobs.
 */
import { sizesOf } from './batch.ts';
import { type Context, isOpen, numberAt } from './context.ts';
import { gainInterval, type LogGain } from './gain.ts';
import { fineLadder } from './ladder.ts';
import { inTrustRegion, isWorth, nearBest, propose, upsideOf, type View, worthLog } from './model.ts';
import { poolGains } from './pool-gain.ts';
import { mayUse } from './threads.ts';

interface Step {
  readonly threads: number;
  readonly batchSize: number;
  readonly gain: LogGain;
}

export function jointModel(context: Context): View | null {
  const { now, seen } = context;
  const [threadsKnob, batchKnob] = [context.knob('threads'), context.knob('batchSize')];
  const [threads, batchSize] = [numberAt(now.settings, 'threads'), numberAt(now.settings, 'batchSize')];
  if (!threadsKnob || !batchKnob || threads === undefined || batchSize === undefined) return null;
  const gainOf = poolGains(context);
  const steps: readonly Step[] = fineLadder(threadsKnob, threads)
    .filter((width) => mayUse(context, width))
    .flatMap((width) =>
      sizesOf(context, batchKnob, batchSize).map((size) => ({
        threads: width,
        batchSize: size,
        gain: width === threads && size === batchSize ? { mean: 0, sd: 0 } : gainOf({ width, batchSize: size }),
      })),
    );
  const single = Math.max(
    ...steps.filter((step) => step.threads === threads || step.batchSize === batchSize).map((step) => step.gain.mean),
  );
  const both = steps.filter(
    (step) =>
      step.threads !== threads &&
      step.batchSize !== batchSize &&
      inTrustRegion(threads, step.threads, step.gain) &&
      inTrustRegion(batchSize, step.batchSize, step.gain) &&
      isOpen(context, { ...seen.current, threads: step.threads, batchSize: step.batchSize }),
  );
  const top = Math.max(...both.map((step) => step.gain.mean));
  const best = both.find((step) => step.gain.mean >= top - nearBest);
  const view = {
    model: 'pool',
    knobs: ['threads', 'batchSize'],
    identifiable: context.costs.host.identifiable,
    curve: [],
  };
  if (!best || best.gain.mean < single + worthLog(context) || !isWorth(context, best.gain)) {
    const probe = probeFor(context, both, single);
    return {
      ...view,
      ...(probe && { probe }),
      reason: 'moving threads and batch size together promises no more than moving one of them',
    };
  }
  const room = Math.floor(now.inFlight / (best.threads + 1));
  const reason = `${Math.round(now.inFlight)} calls in flight fill batches of up to ${room} for ${best.threads} threads; together worth ${Math.round(100 * gainInterval(best.gain).estimate)} %, one alone at most ${Math.round(100 * Math.expm1(single))} %`;
  const change = { threads: best.threads, batchSize: best.batchSize };
  return { ...view, reason, proposal: propose(context, 'pool', change, best.gain, reason) };
}

/** A probe of the setting with both knobs moved that may be much better than any with one moved. */
function probeFor(context: Context, both: readonly Step[], single: number): View['probe'] {
  const { near, seen } = context;
  const [first] = both
    .filter(
      (step) => !near.some((point) => point.width === step.threads && point.settings['batchSize'] === step.batchSize),
    )
    .sort((a, b) => upsideOf(context, b.gain) - upsideOf(context, a.gain));
  if (!first || upsideOf(context, first.gain) < Math.max(0, single) + 2 * worthLog(context)) return undefined;
  return {
    settings: { ...seen.current, threads: first.threads, batchSize: first.batchSize },
    learns: `whether fewer threads with larger batches (${first.threads} × ${first.batchSize}) do better with the calls in flight`,
    upside: upsideOf(context, first.gain),
  };
}
