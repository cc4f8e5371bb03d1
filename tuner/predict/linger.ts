/**
 * The model of the linger, the time a batch that is not full waits for more calls. One setting is
 * enough where batches may hold more than one call: fill and rate say how many calls waiting brings,
 * and the calls' waiting time says what it costs.
 */
import { durationText } from '../../src/foundation/units.ts';
import { type Context, isOpen, numberAt } from './context.ts';
import { combined, type LogGain } from './gain.ts';
import { intoDomain } from './ladder.ts';
import { measuredGain } from './measured.ts';
import { inWords, isWorth, propose, type View } from './model.ts';
import { poolGains } from './pool-gain.ts';

const id = 'batchLingerMs';

export function lingerModel(context: Context): View | null {
  const { now, seen } = context;
  const knob = context.knob(id);
  const [linger, size] = [numberAt(now.settings, id), numberAt(now.settings, 'batchSize')];
  if (!knob || linger === undefined || size === undefined) return null;
  const base = { model: 'linger', knobs: [id], identifiable: false, curve: [] };
  const facts = `batches of ${size} hold ${inWords(now.fill)} calls on average at a linger of ${durationText(linger)}`;
  if (size <= 1 || now.fill >= 0.8 * size) return { ...base, reason: `${facts}: there is nothing to wait for` };
  const move = context.saturated ? longer(context, size) : shorter(context, linger);
  if (!move) return { ...base, identifiable: true, reason: `${facts}: neither more nor less is expected to help` };
  const value = intoDomain(knob, move.lingerMs);
  const gain = combined(move.gain, measuredGain(context, id, value));
  const reason = `${facts}; ${move.reason}`;
  const view = { ...base, identifiable: true, reason };
  if (!isWorth(context, gain) || !isOpen(context, { ...seen.current, [id]: value })) return view;
  return { ...view, proposal: propose(context, 'linger', { [id]: value }, gain, reason) };
}

interface LingerMove {
  readonly lingerMs: number;
  readonly gain: LogGain;
  readonly reason: string;
}

/** A longer linger for a saturated pool: fuller batches cost less a call, and the calls to fill them are in flight. */
function longer(context: Context, size: number): LingerMove | null {
  const { now } = context;
  const fill = Math.min(size, now.inFlight / (now.width + 1));
  if (fill < 1.5 * now.fill) return null;
  const { mean, sd } = poolGains(context)({ fill });
  const lingerMs = (1.5 * (fill - now.fill)) / now.okPerMs;
  // That batches are short for lack of time is a guess, so the interval allows for no gain at all.
  return {
    lingerMs,
    gain: { mean, sd: Math.hypot(sd, 0.4 * mean) },
    reason: `${durationText(lingerMs)} would bring ${inWords(fill)}`,
  };
}

/** No linger where calls are few and the objective is latency: waiting for others is most of a call's time. */
function shorter({ now, seen }: Context, linger: number): LingerMove | null {
  const { metric } = seen.goal.objective;
  if (linger <= 0 || metric !== 'mean' || now.busyFraction > 0.7) return null;
  // The first call of a batch waits the whole linger, the others half of it on average.
  const savedMs = Math.min(0.95 * now.waitMs, (linger * (now.fill + 1)) / (2 * now.fill));
  const mean = Math.log(now.latencyMs / (now.latencyMs - savedMs));
  return {
    lingerMs: 0,
    gain: { mean, sd: 0.05 + 0.3 * mean },
    reason: `calls wait ${durationText(now.waitMs)} of ${durationText(now.latencyMs)}`,
  };
}
