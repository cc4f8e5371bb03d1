/**
 * Services that are overloaded at the setting in force: calls come faster than they are served, and wait in a queue that
 * both arms of a trial share. How long a call takes then says how long the queue was, whichever arm made it so, and
 * no number of pairs tells the arms apart. What an arm is to blame for is how fast the queue moves.
 *
 *   reference of an open load ── backlog grows or is worked off, or all calls wait behind a windowful ──▶ isOverloaded ──▶ the design
 *   the windows of a pair, a queue in both ── the mean backlog of both ÷ each one's rate, + service ──▶ latencies at one backlog
 *
 * Little's law, with the backlog counted out: swapping the arms turns the sign of d, so the coin stays fair. Pairs in
 * which one arm has emptied the queue are compared as they are.
 *
 * Calls that wait need not come out before a window counts: those that come out were taken up in it, whoever left them
 * there. Only those that are being served when the arm changes belong to the arm before: where nobody tells how long
 * that takes, windows may be shorter, and hold what the arm before had begun. Nothing is taken for overloaded there.
 * @see Little, "A proof for the queuing formula L = λW", Operations Research 9 (1961)
 */
import type { Distribution, Load, Window } from '../../src/contracts.ts';
import { msToNs } from '../../src/foundation/units.ts';
import { emptyDistribution, quantileMs } from '../../src/measure/distribution.ts';
import { settledOf } from '../../src/measure/outcome-counts.ts';
import { mean } from './statistics.ts';

/** From fewer windows nobody can tell a queue from a burst. */
const fewestWindows = 5;
/** Change of the backlog, in standard deviations of Poisson arrivals and as a share of them. */
const grown = { sds: 3, share: 0.05 } as const;
/** Of the latency: calls that wait so much of it stand in a queue. */
const mostlyWaits = 0.75;

/** @param windows of the setting in force, oldest first */
export function isOverloaded(load: Load, windows: readonly Window[]): boolean {
  const [first, last] = [windows[0], windows.at(-1)];
  if (load !== 'open' || windows.length < fewestWindows || !first || !last || !hasQueue(last)) return false;
  // How long a call is served must be known: windows shorter than that hold what the arm before had begun.
  if (!windows.some(tellsService)) return false;
  const told = toldWaits(windows);
  if (told !== null && told < mostlyWaits) return false;
  return movesOneWay(windows) || (told !== null && windows.every(hasQueue));
}

/** The backlog grows, or what has piled up before is worked off: in each half, and by more than chance. */
function movesOneWay(windows: readonly Window[]): boolean {
  const middle = Math.floor(windows.length / 2);
  const growth = (from: number, to: number) => (windows[to]?.backlogAtEnd ?? 0) - (windows[from]?.backlogAtStart ?? 0);
  const last = windows.length - 1;
  const [first, second, all] = [growth(0, middle - 1), growth(middle, last), growth(0, last)];
  const offered = windows.reduce((sum, window) => sum + window.offered, 0);
  return first * second > 0 && Math.abs(all) > Math.max(grown.sds * Math.sqrt(offered), grown.share * offered);
}

function tellsService({ wait, service, work }: Window): boolean {
  return (wait.count > 0 && service.count > 0) || (work.batches > 0 && work.batchMs > 0);
}

/** Share of latency that is waiting; null where windows do not tell. */
function toldWaits(windows: readonly Window[]): number | null {
  const sum = (of: (window: Window) => Distribution) => windows.reduce((total, one) => total + of(one).sumMs, 0);
  const [waits, latency] = [sum(({ wait }) => wait), sum((one) => one.latency)];
  return waits > 0 && latency > 0 ? waits / latency : null;
}

/** As many calls waited when the window began as came out in it: each of these had waited before. */
function hasQueue(window: Window): boolean {
  const settled = settledOf(window.outcomes);
  return settled > 0 && window.backlogAtStart >= settled;
}

/** The windows with the latencies that one backlog, their mean, would have brought; as they are where one of them has no queue. */
export function atOneBacklog(windows: readonly Window[]): readonly Window[] {
  if (!windows.every(hasQueue)) return windows;
  const backlogs = windows.map(({ backlogAtStart, backlogAtEnd }) => (backlogAtStart + backlogAtEnd) / 2);
  const backlog = mean(backlogs);
  return windows.map((window) => behind(backlog, window));
}

/** As `atOneBacklog`, of the windows of a pair. */
export function pairAtOneBacklog(baseline: Window, candidate: Window): readonly [Window, Window] {
  const known = cached.get(candidate);
  if (known?.of === baseline) return known.made;
  const made = atOneBacklog([baseline, candidate]) as readonly [Window, Window];
  cached.set(candidate, { of: baseline, made });
  return made;
}

/** A window that is read again is the same object again, as what is cached by it further on needs. */
const cached = new WeakMap<Window, { readonly of: Window; readonly made: readonly [Window, Window] }>();

function behind(backlog: number, window: Window): Window {
  const settled = settledOf(window.outcomes);
  const waitMs = (backlog * (window.endMs - window.startMs)) / settled;
  const service = window.wait.count > 0 ? window.service : emptyDistribution;
  const latency = service.count > 0 ? later(service, waitMs) : alike(settled, waitMs);
  return { ...window, latency, carried: emptyDistribution, unfinished: emptyDistribution };
}

function later(service: Distribution, ms: number): Distribution {
  const { count, sumMs, minMs, maxMs, boundsNs } = service;
  return {
    ...service,
    sumMs: sumMs + count * ms,
    minMs: minMs + ms,
    maxMs: maxMs + ms,
    boundsNs: boundsNs.map((bound) => bound + msToNs(ms)),
  };
}

function alike(count: number, ms: number): Distribution {
  return { count, sumMs: count * ms, minMs: ms, maxMs: ms, boundsNs: [msToNs(ms)], counts: [count] };
}

/** Time after which calls that are being served when the arm changes have come out: p99 of service, or a batch's mean. */
export function servedWithinMs(windows: readonly Window[]): number {
  return windows.reduce((longest, { wait, service, work }) => {
    if (wait.count > 0 && service.count > 0) return Math.max(longest, quantileMs(service, 0.99));
    return Math.max(longest, work.batches > 0 ? work.batchMs / work.batches : 0);
  }, 0);
}
