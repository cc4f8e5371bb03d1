/**
 * The model of the tier: whether a call's work is worth the way to a worker. It is no model of a gain, because no trial
 * can move calls into the thread of their caller: it compares what was measured of one and the same call.
 *
 *   work    the guest's time, which would be spent in the thread of the caller
 *   send    the main thread's time a call, by which its worker is told and its answer is taken
 *
 * Where the work is shorter, a worker saves the main thread nothing, however many there are.
 * @see `npm run bench -- core.in-thread`: to run a call where it is made took 0.16 to 0.25 µs beside its work; to send it
 * took 1.5 µs of the main thread with 64 calls in flight, and more with fewer (November 2026, two busy cores)
 */
import type { Seen } from '../../src/contracts.ts';
import { valueIn } from '../../src/foundation/settings.ts';
import { durationText } from '../../src/foundation/units.ts';
import { type Context, contextOf, needsRestart } from './context.ts';
import { countedInWords, type View } from './model.ts';
import type { SettingRecommendation } from './rules.ts';

const id = 'tier';
/** Of work, ms: the longest that a call may take for the way to a worker to be the longer part. */
const mostWorkMs = 0.002;
/** What a call costs beside its work where it is made, ms. */
const inThreadMs = 0.00025;
/** The way costs so many times the work: then it is no close call. */
const farMore = 3;

/** True where a call costs the main thread no more where it is made than it costs to send it to a worker. */
export function paysInThread(workMs: number, sendMs: number): boolean {
  return workMs <= mostWorkMs && workMs + inThreadMs < sendMs;
}

export function tierModel(context: Context): View | null {
  if (!hasTier(context)) return null;
  const reason = paysInThread(workOf(context), context.now.hostMs)
    ? `${factsOf(context)}: it is yours to run them there, which takes effect with a restart`
    : factsOf(context);
  return { model: id, knobs: [id], identifiable: true, curve: [], reason };
}

/** Recommends to run calls where they are made, where their work is shorter than the way to a worker. */
export function tierRecommendation(seen: Seen): readonly SettingRecommendation[] {
  const context = contextOf(seen);
  if (typeof context === 'string' || !hasTier(context)) return [];
  const workMs = workOf(context);
  const { hostMs, workerMs } = context.now;
  if (!paysInThread(workMs, hostMs)) return [];
  const isLimit = context.saturated && hostMs > farMore * (workMs + inThreadMs);
  return [
    {
      priority: isLimit ? 'high' : 'medium',
      settings: { [id]: 'thread' },
      reason: `where you trust the guests, run calls in the thread of their caller, in which nobody can end one, so that none may have a deadline: about ${durationText(workMs + inThreadMs)} a call, in place of ${durationText(hostMs)} of the main thread and ${durationText(hostMs + workerMs)} of CPU in all; it takes effect with a restart`,
      evidence: factsOf(context),
    },
  ];
}

function hasTier({ seen, knob, now }: Context): boolean {
  const isOurs = knob(id) !== undefined && needsRestart(seen, { ...seen.current, [id]: 'thread' });
  return isOurs && valueIn(seen.current, id) === 'worker' && now.hostMs > 0 && now.executeMs > 0;
}

/** While calls wait for a CPU the guest's time holds that waiting, and the worker's CPU does not. */
function workOf({ now }: Context): number {
  return Math.min(now.executeMs, now.workerMs);
}

function factsOf(context: Context): string {
  const { now } = context;
  const calls = now.windows.reduce((sum, { outcomes }) => sum + outcomes.ok, 0);
  return `${durationText(workOf(context))} of work a call in its guest, and ${durationText(now.hostMs)} of the main thread to send it, over ${calls.toLocaleString('en')} calls in ${countedInWords(now.windows.length, 'window')}`;
}
