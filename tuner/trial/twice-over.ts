/**
 * When a limit has turned from kept to broken, or back, told from what came since it last turned. One rule for
 * whoever has not asked (limit-alarm.ts): a limit that is just kept must not ring all day, and one that is broken
 * must be told at once.
 *
 *   windows ─▶ stretches with calls enough ─▶ lanes: 1, 2, 4 … 128 stretches summed up
 *                                               └─ two in a row over the limit, or a tenth under it ─▶ turned
 *
 * The shortest lane tells of a break within two windows where these are long enough. What keeps it quiet:
 *   - each lane counts how often it was over while the limit was kept. One that would ring more than every other day by
 *     chance waits for the next longer one, so that calls that are slow or fail in clumps need longer stretches
 *   - from the third short break within a day on each one asks for stretches 32 times as long; a day halves that count.
 *     A break is short that had little after it was told: ten stretches with half as many calls again as are allowed,
 *     or one with 14 times as many, are no accident. What comes every hour, plainly and for half a minute, is told
 *     each time
 *   - a limit is kept again once two stretches in a row, as long as those that told of the break, keep nine tenths of it
 * The longest lane rings whatever was usual before: a limit that is broken by little is told within half an hour.
 * Only running sums are kept. What was over and led to a break is no part of what is usual, unless the break was
 * short: an outage takes nothing from the sight of the next.
 *
 * Simulated over three days of 17,280 windows, three seeds each: breaks told a day │ share of the time told as broken.
 * Of p99 a window has 1,000 calls and the levels are those of the latency; errors are 1 % of 20,000 calls a window.
 *
 *                                                               at 80 %     at 90 %     at 100 %      at 110 %
 *   p99, exponential, white                                     0.0 │ 0 %   0.4 │ 0 %   1.0 │ 100 %   0.3 │ 100 %
 *   p99, exponential, level of σ 10 %                           0.8 │ 0 %   1.0 │ 3 %   1.7 │ 100 %   1.6 │ 100 %
 *   p99, exponential, level of σ 10 %, φ 0.9                    1.2 │ 1 %   1.3 │ 7 %   3.9 │ 98 %    6.9 │ 99 %
 *   p99, lognormal, white                                       0.3 │ 0 %   0.6 │ 0 %   2.2 │ 100 %   0.9 │ 100 %
 *   p99, lognormal, one window in 8 has 5 times as many         0.7 │ 0 %   1.4 │ 2 %   2.6 │ 99 %    3.1 │ 100 %
 *   p99, Pareto, α 2, white                                     0.8 │ 0 %   0.9 │ 1 %   2.9 │ 100 %   1.9 │ 100 %
 *   p99, Pareto, α 2, runs of 3 windows with 7 times as many    1.6 │ 1 %   3.3 │ 9 %   3.6 │ 92 %    2.8 │ 98 %
 *   errors, white                                               0.0 │ 0 %   0.6 │ 0 %   0.9 │ 100 %   0.4 │ 100 %
 *   errors, one window in 8 has 5 times as many                 1.0 │ 1 %   2.0 │ 8 %   3.1 │ 96 %    4.8 │ 98 %
 *   errors, runs of 3 windows with 7 times as many              1.6 │ 2 %   8.8 │ 39 %  6.6 │ 79 %    3.8 │ 96 %
 *
 * Windows until told after a step from 80 % of a limit of p99 (exponential latencies; median, and p99 of 400 runs):
 *
 *   to                          + 10 %   + 25 %   + 50 %   × 2     × 3
 *   600 calls a window          2 │ 6    2 │ 4    2 │ 2    2 │ 2    2 │ 2
 *   1000 calls a window         2 │ 5    2 │ 2    2 │ 2    2 │ 2    2 │ 2
 *   3000 calls a window         2 │ 2    2 │ 2    2 │ 2    2 │ 2    2 │ 2
 */

/** What some windows hold. Of a mean, `beyond` is the sum over the limit, and the share allowed is 1. */
export interface CallsBeyond {
  readonly count: number;
  /** Calls beyond the limit. */
  readonly beyond: number;
  /** Calls beyond nine tenths of it. */
  readonly near: number;
  readonly spanMs: number;
}

/** What a limit allows. */
export interface Allowance {
  /** Share of the calls that may be beyond it. */
  readonly allowed: number;
  /** Calls of a stretch. */
  readonly enough: number;
  /** Calls are counted, so that chance can be told; false of a mean. */
  readonly counts: boolean;
}

type Side = 'over' | 'between' | 'under';

/** Stretches of one length. */
interface Lane {
  readonly open: CallsBeyond;
  /** Base stretches in `open`. */
  readonly parts: number;
  readonly last: Side | null;
  /** Stretches while the limit was kept, those of them that were over, and those of these that followed another. */
  readonly usual: { readonly stretches: number; readonly over: number; readonly follows: number };
}

export interface Turning {
  readonly broken: boolean;
  /** The lane that told of the break. */
  readonly lane: number;
  readonly base: CallsBeyond;
  readonly lanes: readonly Lane[];
  /** Breaks told that did not last, and the one that lasts now; a day without one halves it. */
  readonly breaks: number;
  /** Of the stretches far over the limit since it broke: how many times of what is allowed they had, together. */
  readonly excess: number;
}

const nothing: CallsBeyond = Object.freeze({ count: 0, beyond: 0, near: 0, spanMs: 0 });
const longestLane = 7;
const newLane: Lane = Object.freeze({
  open: nothing,
  parts: 0,
  last: null,
  usual: Object.freeze({ stretches: 0, over: 0, follows: 0 }),
});

export const neverBroken: Turning = Object.freeze({
  broken: false,
  lane: 0,
  base: nothing,
  lanes: Object.freeze(Array.from({ length: longestLane + 1 }, () => newLane)),
  breaks: 0,
  excess: 0,
});

const dayMs = 86_400_000;
/** A stretch shorter than a window at rest counts as one. */
const shortestMs = 5000;
/** What is usual is learnt from about so many of the newest stretches. */
const memory = 2000;
/** What a lane is taken to have seen at first: too little to hold back the shortest. */
const before = { stretches: 200, over: 0.5 } as const;
/** A lane that would tell of more breaks by chance does not. */
const mostADay = 0.5;
/** Fewer calls are enough where chance alone would leave so many, or so few, once in a thousand times. */
const rare = 1e-3;
/** Lanes that each short break within a day beyond the first two goes up. */
const lanesUp = 5;
/** A stretch with so many times of what is allowed is far over. */
const far = 1.5;
/** A break after which such stretches had so many times of it together is no accident. */
const surely = 14;

/**
 * After one more window. O(1).
 * @param agrees whether the newest windows are read as the turn says: asked only where the limit would turn
 */
export function turningAfter(
  turning: Turning,
  allowance: Allowance,
  window: CallsBeyond,
  agrees: (broken: boolean) => boolean,
): Turning {
  // A window that says enough by itself begins a stretch of its own.
  const base = isEnough(allowance, window) ? window : added(turning.base, window);
  if (!isEnough(allowance, base)) return { ...turning, base };
  const breaks = turning.breaks * 2 ** (-base.spanMs / dayMs);
  const lowest = Math.min(longestLane, Math.floor(lanesUp * Math.max(0, breaks - 1) + 0.01));
  const times = base.beyond / (allowance.allowed * base.count);
  const excess = turning.excess + (turning.broken && times >= far ? times : 0);
  let turnedIn: number | null = null;
  const lanes = turning.lanes.map((lane, j) => {
    const open = added(lane.open, base);
    if (lane.parts + 1 < 2 ** j) return { ...lane, open, parts: lane.parts + 1 };
    const side = sideOf(allowance, open);
    const next: Lane = { ...lane, open: nothing, parts: 0, last: side };
    const isTwice = side === lane.last;
    if (turning.broken) {
      const isKept = isTwice && side === 'under' && j >= Math.max(turning.lane, lowest);
      if (turnedIn === null && isKept && agrees(false)) turnedIn = j;
      return next;
    }
    const mayTell = j === longestLane || (j >= lowest && breaksADay(withoutLast(lane.usual), open.spanMs) <= mostADay);
    if (isTwice && side === 'over' && mayTell) {
      if (turnedIn === null && agrees(true)) turnedIn = j;
      return { ...next, usual: withoutLast(lane.usual) };
    }
    return { ...next, usual: usualAfter(lane.usual, side === 'over', isTwice) };
  });
  if (turnedIn === null) return { ...turning, base: nothing, lanes, breaks, excess };
  const turned = { ...restarted({ ...turning, lanes }), excess: 0 };
  if (!turning.broken) return { ...turned, broken: true, lane: turnedIn, breaks: breaks + 1 };
  const kept = { ...turned, broken: false, lane: 0 };
  if (excess >= surely * 2 ** turning.lane) return { ...kept, breaks: Math.max(0, breaks - 1) };
  return { ...kept, breaks, lanes: kept.lanes.map((lane, j) => (j === turning.lane ? withAccident(lane) : lane)) };
}

/** What is known of the limit, with no stretch begun: windows before say nothing of those to come. */
export function restarted(turning: Turning): Turning {
  return { ...turning, base: nothing, lanes: turning.lanes.map(({ usual }) => ({ ...newLane, usual })) };
}

function isEnough({ allowed, enough, counts }: Allowance, { count, beyond, near }: CallsBeyond): boolean {
  if (count >= enough) return true;
  const expected = allowed * count;
  if (!counts) return count >= 10 && beyond > 2 * expected;
  return (
    (beyond > expected && chanceOf(beyond, expected) <= rare) || (near < expected && chanceOf(near, expected) <= rare)
  );
}

function sideOf({ allowed }: Allowance, { count, beyond, near }: CallsBeyond): Side {
  if (beyond > allowed * count) return 'over';
  return near <= allowed * count ? 'under' : 'between';
}

/** How often a day two stretches in a row were over, as far as the lane has seen. */
function breaksADay({ stretches, over, follows }: Lane['usual'], spanMs: number): number {
  const share = (over + before.over) / (stretches + before.stretches);
  return (dayMs / Math.max(shortestMs, spanMs)) * share * ((follows + share) / (over + 1));
}

function usualAfter(usual: Lane['usual'], isOver: boolean, follows: boolean): Lane['usual'] {
  const left = usual.stretches < memory ? 1 : 1 - 1 / memory;
  return {
    stretches: left * usual.stretches + 1,
    over: left * usual.over + (isOver ? 1 : 0),
    follows: left * usual.follows + (isOver && follows ? 1 : 0),
  };
}

/** Both stretches that told of a break which did not last are usual after all. */
function withAccident(lane: Lane): Lane {
  return { ...lane, usual: usualAfter(usualAfter(lane.usual, true, false), true, true) };
}

/** The stretch before the one that told of a break was over, too. */
function withoutLast(usual: Lane['usual']): Lane['usual'] {
  return { ...usual, stretches: Math.max(0, usual.stretches - 1), over: Math.max(0, usual.over - 1) };
}

/** An upper bound of the chance that a Poisson variable is as far from its mean, or farther, on that side. @see Mitzenmacher, Upfal, "Probability and Computing", Thm 5.4 */
function chanceOf(value: number, mean: number): number {
  return Math.exp(value - mean - (value > 0 ? value * Math.log(value / mean) : 0));
}

function added(a: CallsBeyond, b: CallsBeyond): CallsBeyond {
  return {
    count: a.count + b.count,
    beyond: a.beyond + b.beyond,
    near: a.near + b.near,
    spanMs: a.spanMs + b.spanMs,
  };
}
