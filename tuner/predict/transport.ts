/**
 * The model of the way calls travel to their workers: in messages, or in shared memory (`transport`).
 *
 *   by messages   what is spent around a call there, at one call a message ── × a prior of 0.12 ──▶ in shared memory
 *                 until the ring was seen; then what was measured counts more
 *   in the ring   what was measured by messages, and from the best of that the law of batches (batch.ts) further
 *
 * A call in shared memory costs by itself about what a call costs in a message of sixteen, wakes hardly anybody, and
 * waits for no batch to fill. Up to some tens of KiB each KiB costs more there than in a message; what more of them
 * cost, in regions of their own, only a look tells. So the ring pays where calls are short and travel alone, and is
 * close to fuller batches, which win where no CPU is left: there too only a look tells, and it takes a second.
 *
 * The figures of the prior: `npm run bench -- core.ring`, 2026-11-27. Around a call of nothing 60 µs by messages and 4.4 µs
 * by the ring; of 5 KiB 40 and 10 µs.
 */
import type { Settings, Window } from '../../src/contracts.ts';
import { valueIn } from '../../src/foundation/settings.ts';
import { durationText } from '../../src/foundation/units.ts';
import { settledOf } from '../../src/measure/outcome-counts.ts';
import { withIdleAtDefault } from '../entries/acting.ts';
import { sameSettings } from '../entries/settings.ts';
import { median } from '../trial/statistics.ts';
import { amortisedRatio } from './amortised.ts';
import { batchModel } from './batch.ts';
import { type Context, contextOf, hasWorkers, isOpen } from './context.ts';
import { evenDraws } from './draws.ts';
import { combined, gainInterval, type LogGain, ofInterval } from './gain.ts';
import { gainBetween } from './measured.ts';
import { countedInWords, inWords, isWorth, propose, upsideOf, type View } from './model.ts';
import type { Point } from './points.ts';
import { gainUnderOther } from './pool-gain.ts';
import type { PoolLaw } from './pool-law.ts';

const id = 'transport';
const model = 'transport';

/** What a call costs in shared memory around its guest, of what it costs in a message of its own. */
const ringShare = { ofNone: 0.12, perKib: 0.018, mostKib: 32, logSd: 0.6 } as const;
/** What a message can cost at each of its three places, ms: what comes around a call beyond that is no matter of the way it travels. */
const mostOfMessage = { ofNone: 0.1, perKib: 0.02 } as const;

export function transportModel(context: Context): View | null {
  const { domain } = context.knob(id) ?? {};
  if (!Array.isArray(domain) || !(['message', 'ring'] as const).every((one) => domain.includes(one))) return null;
  if (!hasWorkers(context.now)) return null;
  return valueIn(context.seen.current, id) === 'ring' ? fromRing(context) : fromMessages(context);
}

function fromMessages(context: Context): View {
  const { now, seen, points, costs } = context;
  const ring = withIdleAtDefault(seen.knobs, { ...seen.current, [id]: 'ring' });
  const visited = pointAt(points, ring);
  const kib = median(now.windows.map(movedKib), 0);
  const gain = combined(gainUnderOther(context, ringLaw(kib)), visited ? gainBetween(now, visited) : null);
  const around = now.hostMs + Math.max(0, now.elapsedMs - now.executeMs);
  const facts = `a call runs for ${durationText(now.executeMs)} in its worker, and ${durationText(around)} come around that in messages of ${countedInWords(now.fill, 'call')}${kib >= 1 ? `, with ${inWords(kib)} KiB there and back` : ''}`;
  const reason = `${facts}; in shared memory each call travels by itself, ${visited ? 'as was seen' : 'at a cost that is expected and was not seen'}`;
  const view: View = {
    model,
    knobs: [id],
    identifiable: visited !== undefined || costs.host.identifiable,
    curve: [{ value: 'ring', gain: gainInterval(gain) }],
    reason,
  };
  if (!isOpen(context, ring)) return view;
  const learns = 'what calls cost in shared memory, each by itself';
  const upside = upsideOf(context, gain);
  const look = !visited &&
    upside > 0 && { probe: { settings: ring, learns, upside, isFirst: mayBeBest(context, gain) } };
  const proposal = isWorth(context, gain) && { proposal: propose(context, model, ring, gain, reason) };
  return { ...view, ...look, ...proposal };
}

/** It has one chance in ten of being better than all that was seen: a look is made before a trial of the best of that. */
function mayBeBest({ now, points }: Context, gain: LogGain): boolean {
  const best = points.reduce((a, b) => (b.score > a.score ? b : a));
  const { mean, sd } = best === now ? { mean: 0, sd: 0 } : gainBetween(now, best);
  return gain.mean - mean + 1.28 * Math.hypot(gain.sd, sd) > 0;
}

/** From one draw of the law by messages to one in shared memory. */
function ringLaw(kib: number): (law: PoolLaw, draw: number) => PoolLaw {
  const draws = evenDraws(128, 3);
  return (law, draw) => {
    const shares = (draws[draw % draws.length] ?? []).map(
      (u) =>
        (ringShare.ofNone + ringShare.perKib * Math.min(kib, ringShare.mostKib)) *
        Math.exp(ringShare.logSd * normalAt(u)),
    );
    const [host = 1, around = 1, wake = 1] = shares;
    const inRing = (part: number, ms: number, ratio: number) => {
      const alone = ms * amortisedRatio(ratio, law.fillNow, 1);
      return alone + (part - 1) * Math.min(alone, mostOfMessage.ofNone + mostOfMessage.perKib * kib);
    };
    return {
      ...law,
      fillNow: 1,
      hostMs: inRing(host, law.hostMs, law.hostRatio),
      aroundMs: inRing(around, law.aroundMs, law.aroundRatio),
      wakeMs: inRing(wake, law.wakeMs, law.wakeRatio),
    };
  };
}

/** Close to the quantiles of a standard normal distribution. */
function normalAt(u: number): number {
  return Math.log(u / (1 - u)) / 1.702;
}

function movedKib({ bytesIn, bytesOut, outcomes }: Window): number {
  return (bytesIn + bytesOut) / 1024 / settledOf(outcomes);
}

/** Back to messages, where what was seen of them says that they would be better. */
function fromRing(context: Context): View {
  const { now, points, seen } = context;
  const facts = `a call costs ${durationText(now.hostMs + now.workerMs)} of CPU in shared memory, and runs for ${durationText(now.executeMs)} of it`;
  const messages = points.filter(({ settings }) => differsInWayAlone(seen.current, settings));
  const view: View = { model, knobs: [id], identifiable: messages.length > 0, curve: [], reason: facts };
  if (messages.length === 0) return { ...view, reason: `${facts}; what it would cost in messages was not seen` };
  const best = messages.reduce((a, b) => (b.score > a.score ? b : a));
  const seenGain = gainBetween(now, best);
  const further = furtherFrom(context, best, seenGain);
  const options: readonly Way[] = [{ settings: best.settings, gain: seenGain, wasSeen: true }, ...further];
  const open = options.filter(({ settings }) => isOpen(context, settings));
  const reason = `${facts}; by messages ${Math.round(100 * gainInterval(seenGain).estimate)} % was seen, with batches of ${String(valueIn(best.settings, 'batchSize') ?? 1)}`;
  const top = open.reduce<Way | null>((a, b) => (a && a.gain.mean >= b.gain.mean ? a : b), null);
  const withCurve: View = { ...view, reason, curve: [{ value: 'message', gain: gainInterval(top?.gain ?? seenGain) }] };
  if (!top) return withCurve;
  if (isWorth(context, top.gain))
    return { ...withCurve, proposal: propose(context, model, top.settings, top.gain, reason) };
  const unseen = open.find(({ wasSeen, gain }) => !wasSeen && upsideOf(context, gain) > 0);
  if (!unseen) return withCurve;
  const learns = `what calls cost in messages, with batches of ${String(valueIn(unseen.settings, 'batchSize'))}`;
  return { ...withCurve, probe: { settings: unseen.settings, learns, upside: upsideOf(context, unseen.gain) } };
}

interface Way {
  readonly settings: Settings;
  readonly gain: LogGain;
  readonly wasSeen: boolean;
}

/** What the model of batches would do where the best of the messages was in force. */
function furtherFrom({ seen }: Context, best: Point, seenGain: LogGain): readonly Way[] {
  const there = contextOf({ ...seen, current: best.settings });
  const further = typeof there === 'string' ? undefined : batchModel(there)?.proposal;
  if (!further) return [];
  const more = ofInterval(further.gain);
  const gain: LogGain = { mean: seenGain.mean + more.mean, sd: Math.hypot(seenGain.sd, more.sd) };
  return [{ settings: further.settings, gain, wasSeen: false }];
}

function pointAt(points: readonly Point[], settings: Settings): Point | undefined {
  return points.find((point) => sameSettings(point.settings, settings));
}

const ofMessages: ReadonlySet<string> = new Set([id, 'batchSize', 'batchLingerMs']);

function differsInWayAlone(ring: Settings, other: Settings): boolean {
  if (valueIn(other, id) !== 'message') return false;
  return Object.keys({ ...ring, ...other }).every(
    (knob) => ofMessages.has(knob) || knob === 'threads' || valueIn(ring, knob) === valueIn(other, knob),
  );
}
