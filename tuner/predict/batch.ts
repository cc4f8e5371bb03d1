/**
 * Batch size: what dispatching costs a batch against what it costs a call.
 *
 * From one setting already: the guest's own time is the part that stays, everything around it is
 * shared out over the batch as far as the prior of amortised.ts thinks, hence a wide interval.
 * Identified (narrow) once windows at another mean fill were seen: a probe or a trial.
 * Calls in flight bound it: K batches in the workers and one being filled need n·(K + 1) calls.
 */
import type { KnobSpec } from '../../src/contracts.ts';
import { durationText } from '../../src/foundation/units.ts';
import { type Context, hasWorkers, isOpen, numberAt } from './context.ts';
import { gainInterval, type LogGain } from './gain.ts';
import { doublingLadder } from './ladder.ts';
import { inTrustRegion, inWords, isWorth, nearBest, propose, upsideOf, type View } from './model.ts';
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
  if (context.laws.length === 0)
    return { ...base, because: 'no batch came back in the windows at the setting in force' };
  const gainOf = poolGains(context);
  const steps = sizesOf(context, batchKnob, size).map((one) => ({
    size: one,
    gain: one === size ? noGain : gainOf({ batchSize: one }),
  }));
  const curve = steps.map((step) => ({ value: step.size, gain: gainInterval(step.gain) }));
  const identifiable = hasWorkers(now) ? costs.host.identifiable : costs.wake.identifiable || costs.around.identifiable;
  const because = sentence(context, size, identifiable);
  const view = { ...base, identifiable, curve, because };
  const open = steps.filter(
    (step) => step.size !== size && isOpen(context, { ...context.seen.current, [batchKnob.id]: step.size }),
  );
  const best = bestStep(open.filter((step) => inTrustRegion(size, step.size, step.gain)));
  if (!best) return view;
  if (isWorth(context, best.gain)) {
    return { ...view, proposal: propose(context, 'batch', { [batchKnob.id]: best.size }, best.gain, because) };
  }
  const probe = probeFor(context, size, open);
  return probe ? { ...view, probe } : view;
}

/** Batch sizes that could fill: nothing is learnt or gained beyond the calls in flight. */
export function sizesOf({ now }: Context, knob: KnobSpec, size: number): readonly number[] {
  return doublingLadder(knob, size).filter((one) => one <= Math.max(size, now.inFlight));
}

const noGain: LogGain = { mean: 0, sd: 0 };

/** The smallest batch whose expected gain is close to the best. */
function bestStep(steps: readonly Step[]): Step | undefined {
  const top = Math.max(...steps.map((step) => step.gain.mean));
  return steps.find((step) => step.gain.mean >= top - nearBest);
}

/** Something may be gained, but that cannot be told without having seen another fill. */
function probeFor(context: Context, size: number, open: readonly Step[]): View['probe'] {
  const { now, near, batchKnob, seen, costs } = context;
  if (!batchKnob) return undefined;
  const visited = new Set(
    near.filter((point) => point.width === now.width).map((point) => numberAt(point.settings, batchKnob.id)),
  );
  const told = costs.host.identifiable || costs.wake.identifiable;
  const [first] = open
    .filter((step) => !visited.has(step.size) && step.size > size && step.size <= size * 8)
    // With costs told apart, only the lack of calls to fill a batch is still unknown.
    .filter((step) => !told || step.size * (now.width + 1) > now.inFlight)
    .sort((a, b) => upsideOf(context, b.gain) - upsideOf(context, a.gain));
  if (!first || upsideOf(context, first.gain) === 0) return undefined;
  return {
    settings: { ...seen.current, [batchKnob.id]: first.size },
    learns: told
      ? `what batches of ${first.size} are worth when ${inWords(now.inFlight)} calls in flight hardly fill them for ${now.width} at a time`
      : `what a batch costs against what a call costs: only ${inWords(now.fill)} calls a batch were seen`,
    upside: upsideOf(context, first.gain),
  };
}

function sentence(context: Context, size: number, identifiable: boolean): string {
  const { now, seen, near } = context;
  const around = now.hostMs + now.workerMs + Math.max(0, now.elapsedMs - Math.max(now.workerMs, now.executeMs));
  const room = Math.max(1, Math.floor(now.inFlight / (now.width + 1)));
  const costs = `a call takes ${durationText(now.executeMs)} in the guest and ${durationText(now.hostMs)} of main-thread CPU, ${durationText(around)} in all, at ${inWords(now.fill)} calls a batch`;
  if (size > 1 && now.fill < 0.8 * size && fillAt(context, now.width, size * 2) <= now.fill) {
    return `${costs}; batches of ${size} do not fill, so larger ones would not either`;
  }
  const limit =
    seen.load === 'closed'
      ? `, and ${inWords(now.inFlight)} in flight fill batches of up to ${room} for ${now.width} at a time`
      : '';
  const basis = identifiable
    ? `fitted over ${near.length + 1} settings`
    : 'split by a prior until another fill is seen';
  return `${costs}${limit}; ${basis}`;
}
