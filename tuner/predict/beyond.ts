/**
 * A look beyond what was seen, for laws that are wrong.
 *
 *   points along a knob, through the setting in force      m ──▶ l ──▶ ?
 *   l is the last of them and plainly better than the one before it, or than what is in force: what lies a step beyond
 *   is visited, two where it rose steeply
 *   the best has a worse one beyond it, and values between them: one of these is visited
 *   the best has worse ones on both sides, and a parabola through them (peak.ts) has its top elsewhere: that is visited
 *   what was visited and is better as it was measured: a proposal
 *
 * Models of width and batch size expect what their laws say: of batches that the calls in flight hardly fill, of
 * threads where all CPUs are busy, of a width that is not used up. Where a law is wrong about a service, it says so
 * again after each rest, and a step that has just gained much is never followed by another. So where a knob was moved
 * and that gained, its next value is visited in the same direction, whatever a model expects there, and before a trial
 * of what was seen already: a visit takes seconds, a trial and its hold-back a minute.
 *
 * Where no setting matters nothing rises, so that nothing is visited. Each value is visited once.
 */
import type { Settings } from '../../src/contracts.ts';
import { valueIn } from '../../src/foundation/settings.ts';
import { isCheaper, sameSettings } from '../entries/settings.ts';
import { sizesOf } from './batch.ts';
import { type Context, isOpen, numberAt } from './context.ts';
import { gainInterval } from './gain.ts';
import { doublingLadder, fineLadder, nearestIn } from './ladder.ts';
import { gainBetween } from './measured.ts';
import { countedInWords, isWorth, nearBest, propose, type View, worthLog } from './model.ts';
import { fitPeak } from './peak.ts';
import type { Point } from './points.ts';

/** Standard deviations from which on a difference is hardly by chance; if it is, the visit cost seconds. */
const plainSds = 2;
/** Gain (log) over the setting in force from which on a knob is followed until it rises no more, however small the last step. */
const farUp = 0.15;
/** Threads cost by the unit: a step of theirs is smaller than twice as many. */
const smallStep = 1.5;
/** Octaves: values nearer to each other than this are alike. */
const nextTo = 0.25;
/**
 * Gain (log) of a top between the values seen from which on it is worth a visit, which takes two seconds beside the best
 * that was seen; of one that costs more, where it is not preferred for less anyway, `nearBest`.
 */
const smallRise = 0.01;
/** Gain (log) by a doubling from which on the next step is two. */
const steep = 0.25;

export function beyondModel(context: Context): View | null {
  const { widthKnob, batchKnob, near, now } = context;
  const axes = [widthKnob, batchKnob].flatMap((knob) => (knob && knob.id in now.settings ? [knob.id] : []));
  if (axes.length === 0 || near.length === 0) return null;
  const steps = axes.flatMap((id) => {
    const between = stepsBetween(context, id);
    return [...stepsBeyond(context, id), ...(between.length > 0 ? between : stepToPeak(context, id))];
  });
  const [next] = steps.sort((a, b) => b.rise - a.rise);
  const reason = `${near.length + 1} settings were seen, and what lies beyond them ${next ? 'may be better still' : 'is not where it rose'}`;
  const view: View = { model: 'beyond', knobs: axes, identifiable: true, curve: [], reason };
  const proposal = bestVisited(context);
  return {
    ...view,
    ...(proposal && { proposal }),
    ...(next && {
      probe: {
        settings: next.settings,
        learns: next.learns,
        upside: Math.max(next.rise, 2 * worthLog(context)),
        isFirst: true,
      },
    }),
  };
}

interface Beyond {
  readonly learns: string;
  readonly settings: Settings;
  /** By how much the last step of the same direction gained (log). */
  readonly rise: number;
}

/** Steps beyond the last values of a knob, up and down, from what is best so far, where the knob's last step plainly gained. */
function stepsBeyond(context: Context, id: string): readonly Beyond[] {
  const { now, near } = context;
  const points = [now, ...near];
  const valueOf = ({ settings }: Point) => numberAt(settings, id) ?? 0;
  const base = baseOf(context);
  const line = points.filter(({ settings }) => sameSettings({ ...settings, [id]: valueOf(base) }, base.settings));
  return [1, -1].flatMap((sign) => {
    const last = line.reduce((a, b) => (sign * valueOf(b) > sign * valueOf(a) ? b : a));
    const before = nearestTo(
      last,
      points.filter((point) => sign * valueOf(point) < sign * valueOf(last)),
    );
    if (!before) return [];
    const { mean: rise, sd } = gainBetween(before, last);
    const octaves = Math.abs(Math.log2(valueOf(last) / valueOf(before)));
    const isSteep = line.includes(before) && rise >= steep * octaves;
    const to = nextValue(context, id, valueOf(last), sign, isSteep ? 2 : 1);
    const { mean: risen, sd: risenSd } = gainBetween(now, last);
    const isClimb = risen > Math.max(farUp, plainSds * risenSd) && rise > 0;
    if (to === undefined || (rise < plainSds * sd && !isClimb)) return [];
    const settings = { ...base.settings, [id]: to };
    const wasSeen = near.some((point) => sameSettings(point.settings, settings));
    const learns = `whether it still rises beyond ${id} ${valueOf(last)}`;
    return wasSeen || !isOpen(context, settings) ? [] : [{ learns, settings, rise }];
  });
}

/** What is best so far, where that is plain; else what is in force. */
function baseOf({ now, near }: Context): Point {
  const best = [now, ...near].reduce((a, b) => (b.score > a.score ? b : a));
  return isPlainlyBelow(now, best) ? best : now;
}

/** Where steps of two went past the best: the value between it and a plainly worse one beside it. */
function stepsBetween(context: Context, id: string): readonly Beyond[] {
  const { now, near, seen } = context;
  const valueOf = ({ settings }: Point) => numberAt(settings, id) ?? 0;
  const line = [now, ...near]
    .filter(({ settings }) => sameSettings({ ...settings, [id]: valueOf(now) }, now.settings))
    .sort((a, b) => valueOf(a) - valueOf(b));
  const best = line.reduce((a, b) => (b.score > a.score ? b : a));
  const at = line.indexOf(best);
  const beside = [line[at - 1], line[at + 1]];
  const isPeak = best !== now && beside.every((one) => one !== undefined && isPlainlyBelow(one, best));
  return !isPeak
    ? []
    : beside.flatMap((one) => {
        if (!one) return [];
        const sign = Math.sign(valueOf(one) - valueOf(best));
        const to = nextValue(context, id, valueOf(best), sign, 1);
        if (to === undefined || sign * to >= sign * valueOf(one)) return [];
        const settings = { ...seen.current, [id]: to };
        const learns = `whether the best ${id} lies between ${valueOf(best)} and ${valueOf(one)}`;
        return isOpen(context, settings) ? [{ learns, settings, rise: worthLog(context) }] : [];
      });
}

/** Where the values seen rose and fell: the top between them, unless it is next to one that was seen, or gains nothing. */
function stepToPeak(context: Context, id: string): readonly Beyond[] {
  const { now, near, widthKnob, batchKnob } = context;
  const knob = id === batchKnob?.id ? batchKnob : widthKnob;
  const valueOf = ({ settings }: Point) => numberAt(settings, id) ?? 0;
  const base = baseOf(context);
  const line = [now, ...near].filter(({ settings }) =>
    sameSettings({ ...settings, [id]: valueOf(base) }, base.settings),
  );
  const peak = fitPeak(line.map((point) => ({ value: valueOf(point), score: point.score, sd: point.scoreSd })));
  if (!knob || !peak) return [];
  const to = nearestIn(knob, peak.value);
  const isNextToSeen = line.some((point) => Math.abs(Math.log2(to / valueOf(point))) < nextTo);
  const rise =
    peak.at(to).mean - Math.max(...line.map(valueOf).flatMap((value) => (value > 0 ? [peak.at(value).mean] : [])));
  const best = line.reduce((a, b) => (b.score > a.score ? b : a));
  const least = knob.cost === 'per-unit' && to > valueOf(best) ? nearBest : smallRise;
  const settings = { ...base.settings, [id]: to };
  if (isNextToSeen || rise < least || !isOpen(context, settings)) return [];
  return [{ learns: `whether ${id} is best at ${to}, between those that were seen`, settings, rise }];
}

function isPlainlyBelow(one: Point, other: Point): boolean {
  const { mean, sd } = gainBetween(one, other);
  return mean > plainSds * sd;
}

function nearestTo({ settings }: Point, points: readonly Point[]): Point | undefined {
  const distance = (point: Point) =>
    Object.entries(point.settings).reduce((sum, [id, value]) => {
      const ratio = Number(value) / Number(valueIn(settings, id));
      return sum + (ratio > 0 && Number.isFinite(ratio) ? Math.abs(Math.log2(ratio)) : 0);
    }, 0);
  return [...points].sort((a, b) => distance(a) - distance(b))[0];
}

/** @param steps of a ladder; the last value where there are not so many */
function nextValue(context: Context, id: string, from: number, sign: number, steps: number): number | undefined {
  const { widthKnob, batchKnob } = context;
  if (id === batchKnob?.id) return nextOf(sizesOf(context, batchKnob, from), from, sign, steps);
  if (!widthKnob) return undefined;
  if (id !== 'threads') return nextOf(doublingLadder(widthKnob, from), from, sign, steps);
  const wanted = from * smallStep ** sign;
  const further = fineLadder(widthKnob, from).filter((value) => sign * value > sign * from);
  return further.length === 0
    ? undefined
    : further.reduce((a, b) => (Math.abs(b - wanted) < Math.abs(a - wanted) ? b : a));
}

function nextOf(ladder: readonly number[], from: number, sign: number, steps: number): number | undefined {
  const further = ladder.filter((value) => sign * value > sign * from);
  const inOrder = sign > 0 ? further : further.toReversed();
  return inOrder[steps - 1] ?? inOrder.at(-1);
}

/** What was visited and is best by its measurement alone; of those nearly as good the one that costs least, or the largest batch. */
function bestVisited(context: Context): View['proposal'] {
  const { near, now } = context;
  const visited = near
    .filter(({ settings }) => isOpen(context, settings))
    .map((point) => ({ point, gain: gainBetween(now, point) }))
    .sort((a, b) => b.gain.mean - a.gain.mean);
  const [top] = visited;
  const best = visited
    .filter(({ gain }) => top && gain.mean >= top.gain.mean - nearBest)
    .reduce<typeof top>((kept, one) => (kept && !isPreferred(context, one.point, kept.point) ? kept : one), undefined);
  if (!best || !isWorth(context, best.gain)) return undefined;
  const reason = `${Math.round(100 * gainInterval(best.gain).estimate)} % more was measured there in ${countedInWords(best.point.windows.length, 'window')}`;
  return propose(context, 'beyond', best.point.settings, best.gain, reason);
}

/** Of two that are as good: what costs less, else the further of a batch size, since its calls share what a batch costs. */
function isPreferred({ seen, batchKnob }: Context, { settings }: Point, { settings: other }: Point): boolean {
  if (isCheaper(seen.knobs, other, settings)) return true;
  if (!batchKnob || isCheaper(seen.knobs, settings, other)) return false;
  const [size, otherSize] = [numberAt(settings, batchKnob.id) ?? 0, numberAt(other, batchKnob.id) ?? 0];
  return size > otherSize && sameSettings({ ...settings, [batchKnob.id]: otherSize }, other);
}
