/**
 * The model of the batch size: it sets what dispatching costs once a batch against what it costs
 * once a call.
 *
 * Windows at one setting already give a prediction: the guest's own time stays as it is, and the
 * prior of amortised.ts says how far everything around it is shared by the calls of a batch, so the
 * interval is wide. It becomes narrow once a probe or a trial gave windows at another mean fill.
 * Calls in flight bound the size: K batches in the workers and one being filled need n·(K + 1) calls.
 */
import type { KnobSpec } from '../../src/contracts.ts';
import { durationText } from '../../src/foundation/units.ts';
import { type Context, hasWorkers, isOpen, numberAt } from './context.ts';
import { gainInterval, type LogGain } from './gain.ts';
import { doublingLadder } from './ladder.ts';
import { countedInWords, inTrustRegion, isWorth, nearBest, propose, upsideOf, type View } from './model.ts';
import { fillAt, poolGains } from './pool-gain.ts';

interface Step {
  readonly size: number;
  readonly gain: LogGain;
}

export function batchModel(context: Context): View | null {
  const { now, batchKnob, costs } = context;
  const size = numberAt(now.settings, batchKnob?.id);
  if (!batchKnob || size === undefined) return null;
  const base = { model: 'batch', knobs: [batchKnob.id], identifiable: false, curve: [] };
  const gainOf = poolGains(context);
  const steps = sizesOf(context, batchKnob, size).map((one) => ({
    size: one,
    gain: one === size ? noGain : gainOf({ batchSize: one }),
  }));
  const curve = steps.map((step) => ({ value: step.size, gain: gainInterval(step.gain) }));
  const identifiable = hasWorkers(now) ? costs.host.identifiable : costs.wake.identifiable || costs.around.identifiable;
  const reason = reasonOf(context, size, identifiable);
  const view = { ...base, identifiable, curve, reason };
  const open = steps.filter(
    (step) => step.size !== size && isOpen(context, { ...context.seen.current, [batchKnob.id]: step.size }),
  );
  const best = bestStep(open.filter((step) => inTrustRegion(size, step.size, step.gain)));
  if (!best) return view;
  if (isWorth(context, best.gain)) {
    return { ...view, proposal: propose(context, 'batch', { [batchKnob.id]: best.size }, best.gain, reason) };
  }
  const probe = probeFor(context, size, open);
  return probe ? { ...view, probe } : view;
}

/**
 * Batch sizes that the calls in flight can fill: a larger one would neither gain nor teach anything. Of an open
 * load, calls in flight vary around their mean.
 */
export function sizesOf({ now, seen }: Context, knob: KnobSpec, size: number): readonly number[] {
  const together = seen.load === 'open' ? atMostTogether * now.okPerMs * now.latencyMs : 0;
  return doublingLadder(knob, size).filter((one) => one <= Math.max(size, now.inFlight, together));
}

/** An open load of one call in flight on average has more than four of them one time in two hundred (Poisson). */
const atMostTogether = 4;

const noGain: LogGain = { mean: 0, sd: 0 };

/** The smallest batch whose expected gain is close to the best. */
function bestStep(steps: readonly Step[]): Step | undefined {
  const top = Math.max(...steps.map((step) => step.gain.mean));
  return steps.find((step) => step.gain.mean >= top - nearBest);
}

/** A probe of the batch size that may gain most, where windows at another fill would settle it. */
function probeFor(context: Context, size: number, open: readonly Step[]): View['probe'] {
  const { now, near, batchKnob, seen, costs, allAtOnce } = context;
  if (!batchKnob) return undefined;
  const visited = new Set(
    near
      .filter((point) => allAtOnce || point.width === now.width)
      .map((point) => numberAt(point.settings, batchKnob.id)),
  );
  const costsKnown = costs.host.identifiable || costs.wake.identifiable;
  const [first] = open
    .filter((step) => !visited.has(step.size) && step.size > size && step.size <= size * 8)
    // Once the costs of a batch and of a call are known, only batches that the calls in flight hardly fill are uncertain.
    .filter((step) => !costsKnown || step.size * (now.width + 1) > now.inFlight)
    .sort((a, b) => upsideOf(context, b.gain) - upsideOf(context, a.gain));
  if (!first || upsideOf(context, first.gain) === 0) return undefined;
  return {
    settings: { ...seen.current, [batchKnob.id]: first.size },
    learns: allAtOnce
      ? `whether those whom the function asks are sooner done with batches of ${first.size}`
      : costsKnown
        ? `whether batches of ${first.size} gain: the ${countedInWords(now.inFlight, 'call')} in flight are too few for full ones while ${now.width} may run at once`
        : `what a batch costs against what a call costs: only batches of ${countedInWords(now.fill, 'call')} were seen`,
    upside: upsideOf(context, first.gain),
  };
}

function reasonOf(context: Context, size: number, identifiable: boolean): string {
  const { now, seen, near } = context;
  const around = now.hostMs + Math.max(0, now.elapsedMs - now.executeMs);
  const room = Math.max(1, Math.floor(now.inFlight / (now.width + 1)));
  const runs = hasWorkers(now)
    ? `a call runs for ${durationText(now.executeMs)} in its worker, and ${durationText(around)} come around that,`
    : `a call takes ${durationText(now.elapsedMs)}, its share of the batch,`;
  const costs = `${runs} at ${countedInWords(now.fill, 'call')} a batch`;
  if (size > 1 && now.fill < 0.8 * size && fillAt(context, now.width, size * 2) <= now.fill) {
    return `${costs}; batches of ${size} do not fill, so larger ones would not either`;
  }
  if (context.allAtOnce) {
    const known = near.length > 0 ? `seen at ${near.length + 1} settings` : 'not known until another fill is seen';
    return `${costs}; all of the ${countedInWords(now.inFlight, 'call')} in flight run at once, and whether what they wait for is sooner done with fuller batches is ${known}`;
  }
  const limit =
    seen.load === 'open'
      ? `, of ${durationText(now.latencyMs)} calls wait ${durationText(now.waitMs)}, and those that wait share a larger batch`
      : `, and the ${countedInWords(now.inFlight, 'call')} in flight fill batches of up to ${room} while ${now.width} may run at once`;
  const basis = identifiable
    ? `fitted over ${near.length + 1} settings`
    : 'split by a prior until another fill is seen';
  return `${costs}${limit}; ${basis}`;
}
