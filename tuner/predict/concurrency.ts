/**
 * The model of the concurrency of a function whose work is done elsewhere, say in a database.
 * Windows at one concurrency do not show how that work scales: where they show that calls wait for others, a gain is
 * expected of a step that leaves the thread time for it (waiting-width.ts); else the model asks for a probe first.
 * Once windows at two values, one at least twice the other, were seen, the scalability law is fitted
 * to them. Little's law says how many of the allowed calls are in use now.
 */
import { type Context, isOpen, numberAt } from './context.ts';
import { combined, gainInterval } from './gain.ts';
import { doublingLadder } from './ladder.ts';
import { measuredGain } from './measured.ts';
import { inWords, isWorth, nearBest, propose, shareInWords, upsideOf, type View } from './model.ts';
import { fitUsl } from './usl.ts';
import { waitingWidthGain } from './waiting-width.ts';
import { cpuInReach, isUsedUp } from './worker-use.ts';

/** Standard deviation (log) of the scalability law's own error after one octave of concurrency. */
const lawSd = 0.05;
/** Share of their latency that calls of an open load wait before it is worth a look whether more width would spare it. */
const openWait = 0.15;

export function concurrencyModel(context: Context): View | null {
  const knob = context.knob('concurrency');
  const width = numberAt(context.now.settings, 'concurrency');
  if (!knob || width === undefined || !tellsOfWaits(context)) return null;
  const { now, near, seen } = context;
  const inUse = now.okPerMs * Math.max(0, now.latencyMs - now.waitMs);
  const facts = `${inWords(inUse)} of ${width} are in use, a call waits ${inWords(now.waitMs)} of ${inWords(now.latencyMs)} ms`;
  const base = { model: 'concurrency', knobs: ['concurrency'], identifiable: false, curve: [] };
  const alike = [now, ...near].filter((point) => point.settings['batchSize'] === now.settings['batchSize']);
  const usl = fitUsl(alike.map((point) => ({ width: point.width, score: point.score, sd: point.scoreSd })));
  const limited = isLimited(context, inUse, width);
  if (!usl) {
    if (!limited) return { ...base, reason: `${facts}: concurrency is not what calls wait for` };
    if (isUsedUp(now)) return { ...base, reason: `${facts}, but the CPU is used up` };
    const waiting = waitingView(context, width, facts);
    if (waiting) return { ...base, ...waiting };
    return {
      ...base,
      ...probeOf(context, width),
      reason: `${facts}; how the work scales is not known until another width is seen`,
    };
  }
  const widest = Math.max(...alike.map((point) => point.width));
  const steps = doublingLadder(knob, width)
    .filter((to) => to !== width && to <= 2 * widest)
    .map((to) => {
      const { mean, sd } = usl.gain(width, to);
      const gain = combined(
        { mean, sd: Math.hypot(sd, lawSd * Math.sqrt(Math.abs(Math.log2(to / width)))) },
        measuredGain(context, 'concurrency', to),
      );
      return { to, gain };
    });
  const reason = `${facts}; scalability law over ${alike.length} widths: contention ${inWords(usl.sigma)}, coherency ${inWords(usl.kappa)}`;
  const view = {
    ...base,
    identifiable: true,
    reason,
    curve: steps.map(({ to, gain }) => ({ value: to, gain: gainInterval(gain) })),
  };
  const open = steps
    .filter(({ to }) => isOpen(context, { ...seen.current, concurrency: to }))
    .filter(({ to }) => to < width || (limited && !isUsedUp(now)));
  const top = Math.max(...open.map(({ gain }) => gain.mean));
  const best = open.find(({ gain }) => gain.mean >= top - nearBest);
  if (!best || !isWorth(context, best.gain)) {
    const unseen = open.filter(({ to }) => !alike.some((point) => point.width === to));
    const [next] = unseen.sort((a, b) => upsideOf(context, b.gain) - upsideOf(context, a.gain));
    if (!next || upsideOf(context, next.gain) === 0) return view;
    const learns = `whether throughput still rises beyond a concurrency of ${widest}`;
    return {
      ...view,
      probe: { settings: { ...seen.current, concurrency: next.to }, learns, upside: upsideOf(context, next.gain) },
    };
  }
  return { ...view, proposal: propose(context, 'concurrency', { concurrency: best.to }, best.gain, reason) };
}

/** Whoever does not tell how long calls wait is not asked whether they do. */
function tellsOfWaits({ now }: Context): boolean {
  return now.windows.some(({ wait }) => wait.count > 0);
}

/** A step whose gain follows from how calls wait and compute; null where that cannot be told, or promises nothing. */
function waitingView(
  context: Context,
  width: number,
  facts: string,
): Pick<View, 'curve' | 'proposal' | 'reason'> | null {
  const knob = context.knob('concurrency');
  const gainAt = waitingWidthGain(context, width);
  if (!knob || !gainAt) return null;
  const steps = doublingLadder(knob, width).flatMap((to) => {
    const gain = gainAt(to);
    return gain ? [{ to, gain: combined(gain, measuredGain(context, 'concurrency', to)) }] : [];
  });
  const open = steps.filter(({ to }) => isOpen(context, { ...context.seen.current, concurrency: to }));
  const top = Math.max(...open.map(({ gain }) => gain.mean));
  const best = open.find(({ gain }) => gain.mean >= top - nearBest);
  if (!best || !isWorth(context, best.gain)) return null;
  const { now } = context;
  const computing = shareInWords(cpuInReach(now));
  const reason = `${facts}; a call waits for others ${inWords(Math.max(0, now.elapsedMs - now.workerMs))} of ${inWords(now.elapsedMs)} ms, and their thread is in use ${computing} of the time`;
  return {
    reason,
    curve: steps.map(({ to, gain }) => ({ value: to, gain: gainInterval(gain) })),
    proposal: propose(context, 'concurrency', { concurrency: best.to }, best.gain, reason),
  };
}

/**
 * Calls wait for the width. A loop that completes all it can does so where most of it is in use. Calls of an open load
 * wait whenever more of them come at once than there is width, though half of it is free on average; where their
 * latency is what counts, their wait is to be had.
 */
function isLimited({ now, seen }: Context, inUse: number, width: number): boolean {
  const { metric } = seen.goal.objective;
  const waits = now.waitMs / now.latencyMs;
  if (seen.load === 'open' && (metric === 'mean' || metric === 'goodput')) return waits > openWait;
  return inUse >= 0.8 * width && waits > 0.05;
}

function probeOf(context: Context, width: number): Pick<View, 'probe'> {
  const knob = context.knob('concurrency');
  const next =
    knob &&
    doublingLadder(knob, width).find(
      (to) => to >= 2 * width && isOpen(context, { ...context.seen.current, concurrency: to }),
    );
  if (next === undefined) return {};
  return {
    probe: {
      settings: { ...context.seen.current, concurrency: next },
      learns: `how throughput scales with concurrency: only ${width} was seen`,
      upside: Math.log(next / width) / 2,
    },
  };
}
