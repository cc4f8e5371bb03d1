/**
 * The limit of memory, `rss < 1.5GB`, and the threads that fit below it.
 *
 * The resident set is of the whole process. In a trial both arms' workers and caches are kept alive, so that a flip
 * moves calls and no memory: windows of either arm hold what both take together. It rises at once as workers start
 * and falls late, if ever, as they end. So it is no number of an arm that could be compared, and no chance decides:
 *
 *   windows of both arms ── two above what is allowed ─▶ broken · none, of four a side ─▶ holds
 *
 * What is allowed is the limit, or what the process held before the trial where that was more: a candidate is not
 * to blame for what was there, but it may take no more. That level is sealed in the design.
 *
 * Keeping two settings warm is the most that a setting ever takes, so that a limit which would hold only once the
 * other arm has gone is not tried out: the process might not live to see it. The threads that fit are therefore
 * counted before a trial:
 *
 *   (limit − rss now) / bytes a worker ─▶ threads more than there are now
 *   bytes a worker: what rss rose by when threads were added, once any were
 *
 * Until then a worker is taken to hold its share of all that the process holds, which is more than it does: guests
 * that load a model or fill a cache take ten times what a bare worker takes. One worker may be added to learn, where
 * `learning` bare ones would fit.
 */
import type { Guardrail, Settings, Visit, Window } from '../../src/contracts.ts';
import { bytesText } from '../../src/foundation/units.ts';
import { sameSettings } from '../entries/settings.ts';
import { peakRss, rssOf } from './rss.ts';
import { type Judged, scaleBlocks } from './super-blocks.ts';

type Limit = Extract<Guardrail, { readonly kind: 'absolute' }>;

/** A worker thread's start to its first answer was measured to take 7 MB, without the guest's memory. */
const workerBytes = 7e6;
/** Bare workers that must fit where one is added to see what it takes. */
const learning = 4;
/** Windows beyond the limit that break it: one may have met a peak between two collections of garbage. */
const beyondEnough = 2;
/** Of what was held before: a resident set is never quite still. */
const stillness = 1.02;
/** The newest windows that say what is held now. */
const newestWindows = 4;

export function limitsOfRss(guardrails: readonly Guardrail[]): readonly Limit[] {
  return guardrails.filter((one): one is Limit => one.kind === 'absolute' && one.metric === 'rss');
}

/**
 * The reading of a limit of memory in a trial.
 * @param heldBefore bytes before the trial's resources were kept; absent: not known
 */
export function rssWithin(
  limit: number,
  { baseline, candidate }: { readonly baseline: readonly Window[]; readonly candidate: readonly Window[] },
  heldBefore = 0,
): Judged & { readonly byBoth?: boolean } {
  const isBefore = heldBefore > limit;
  const allowed = isBefore ? stillness * heldBefore : limit;
  const told = [...rssOf(baseline), ...rssOf(candidate)];
  const beyond = told.filter((bytes) => bytes > allowed).length;
  const before = isBefore ? `, ${bytesText(heldBefore)} before the trial` : '';
  const detail = () =>
    `at most ${bytesText(Math.max(0, ...told))} with the resources of both settings, limit ${bytesText(limit)}${before}`;
  if (beyond >= beyondEnough) return { state: 'broken', detail };
  const isSeen = Math.min(baseline.length, candidate.length) >= scaleBlocks;
  return { state: beyond === 0 && isSeen ? 'holds' : 'undecided', detail };
}

/** What is known of memory and threads at the setting in force. */
export interface ThreadRoom {
  readonly limit: Limit;
  readonly nowBytes: number;
  readonly perWorkerBytes: number;
  /** Workers added whose memory was seen; 0: the default alone. */
  readonly seenWorkers: number;
  /** The largest number of threads that fits, at least as many as there are where the limit is kept. */
  readonly threads: number;
}

/**
 * The threads that fit below the limit of memory; null where there is no such limit, no such knob, or where no window
 * at the setting in force tells of memory.
 * @param windows oldest first, at any setting
 * @param visits oldest first
 */
export function roomFor(
  guardrails: readonly Guardrail[],
  windows: readonly Window[],
  current: Settings,
  visits: readonly Visit[] = [],
): ThreadRoom | null {
  const [limit] = [...limitsOfRss(guardrails)].sort((a, b) => a.limit - b.limit);
  const threads = threadsIn(current);
  if (!limit || threads === null) return null;
  const here = windows.filter(({ settings }) => sameSettings(settings, current));
  const newest = here.slice(-newestWindows);
  const nowBytes = peakRss(newest);
  if (nowBytes === null) return null;
  const guestBytes = Math.max(0, ...newest.map((window) => window.guestBytes ?? 0));
  const bareBytes = workerBytes + guestBytes / threads;
  const leftBytes = limit.limit - nowBytes;
  const seen = added(visits);
  const perWorkerBytes = Math.max(bareBytes, seen.workers > 0 ? seen.bytes / seen.workers : nowBytes / threads);
  const mayLearn = seen.workers === 0 && leftBytes >= learning * bareBytes;
  const more = Math.max(Math.floor(leftBytes / perWorkerBytes), mayLearn ? 1 : -Infinity);
  return { limit, nowBytes, perWorkerBytes, seenWorkers: seen.workers, threads: Math.max(1, threads + more) };
}

/** False for more threads than there are, of which some would not fit. */
export function hasRoom(room: ThreadRoom | null, current: Settings, settings: Settings): boolean {
  const [from, to] = [threadsIn(current), threadsIn(settings)];
  return room === null || from === null || to === null || to <= Math.max(from, room.threads);
}

/** 'of rss < 1.5GB 1.2 GiB are used, and a worker takes 40 MiB (as 4 took that were added), so that at most 7 threads fit'. */
export function roomText({ limit, nowBytes, perWorkerBytes, seenWorkers, threads }: ThreadRoom): string {
  const basis = seenWorkers > 0 ? `as ${seenWorkers} took that were added` : 'at most, for none was added yet';
  return `of ${limit.text} ${bytesText(nowBytes)} are used, and a worker takes ${bytesText(perWorkerBytes)} (${basis}), so that at most ${threads} thread${threads === 1 ? '' : 's'} fit`;
}

/**
 * Workers that were added, and bytes that rss rose by with them, over visits and trials of more threads than there
 * ever were: what others had taken before may still be held, so that the process holds no more for fewer.
 */
function added(visits: readonly Visit[]): { readonly workers: number; readonly bytes: number } {
  let [workers, bytes, most] = [0, 0, 0];
  for (const { settings, from, rss } of visits) {
    const [before, after] = [threadsIn(from) ?? 0, threadsIn(settings) ?? 0];
    if (rss && after > Math.max(before, most)) {
      workers += after - before;
      bytes += Math.max(0, rss.thenBytes - rss.beforeBytes);
    }
    most = Math.max(most, before, after);
  }
  return { workers, bytes };
}

function threadsIn(settings: Settings): number | null {
  const threads = settings['threads'];
  return typeof threads === 'number' && threads > 0 ? threads : null;
}
