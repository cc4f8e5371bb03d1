/**
 * One misbehaviour on one executor: a session that tries a candidate, the misbehaviour, `stop()`, and
 * what came of it. Limits of time pass in a tenth of their time; without them they never end.
 */

import type { Executor, Knob, OpenWindow, Settings } from '../../../src/contracts.ts';
import { systemClock, systemTimers, type Timers } from '../../../src/foundation/clock.ts';
import { messageOf } from '../../../src/foundation/errors.ts';
import { valueIn } from '../../../src/foundation/settings.ts';
import type { Entry } from '../../../tuner/entries/entries.ts';
import { type Tuner, tune } from '../../../tuner/tune.ts';
import type { Misbehaviour } from './misbehaviours.ts';
import { stages } from './stages.ts';

export interface TriedOut {
  readonly executor: string;
  readonly misbehaviour: string;
  /** Times it happened. */
  readonly fired: number;
  /** What went wrong, in words; none: everything came as expected. */
  readonly wrong: readonly string[];
  readonly stopMs: number;
}

/** Sleeps from here on are limits of time; windows and pauses are shorter. */
const shortestLimitMs = 250;
const quickness = 10;
/** Time for the candidate to come into force, and then for the misbehaviour to happen, ms. */
const patienceMs = { candidate: 10_000, fire: 2500, stop: 10_000, unguarded: 2000 } as const;

export async function tryOut(
  kind: keyof typeof stages,
  misbehaviour: Misbehaviour,
  { guarded }: { readonly guarded: boolean },
): Promise<TriedOut> {
  await using stage = await stages[kind]();
  const told: string[] = [];
  const unhandled: unknown[] = [];
  const onWarning = (warning: Error) => told.push(warning.message);
  const onUnhandled = (reason: unknown) => unhandled.push(reason);
  process.on('warning', onWarning).on('unhandledRejection', onUnhandled);
  try {
    const anchor = settingsOf(stage.executor);
    const on = { isArmed: misbehaviour.from === 'start', fired: 0 };
    const fire = () => {
      if (on.isArmed) on.fired++;
      return on.isArmed;
    };
    const tuner = tune(laidOver(stage.executor, stage.victim, misbehaviour, fire), {
      mode: 'auto',
      maximize: 'throughput',
      subjectTo: ['errors < 50%'],
      stateDir: ':memory:',
      seed: 1,
      expert: { windowMs: 50, baselineWindows: 6, noisePairs: 0, overheadPairs: 0, minCompletions: 1 },
      surroundings: { clock: systemClock, timers: guarded ? quickLimits : noLimits, environment: {} },
    });
    tuner.watch(() => misbehaviour.listen?.(tuner, fire) as never);
    tuner.propose(stage.candidate).catch(() => undefined);
    if (misbehaviour.from === 'candidate') {
      await within(patienceMs.candidate, isTried(tuner, stage.candidate));
      on.isArmed = true;
      misbehaviour.act?.(stage, fire);
    }
    const isTold = () => misbehaviour.quiet === true || told.length > 0 || hasFailed(tuner);
    for (let waitedMs = 0; waitedMs < patienceMs.fire && !(on.fired > 0 && isTold()); waitedMs += 20)
      await systemTimers.sleep(20, alive);
    const startMs = systemClock.now();
    const ended = await within(guarded ? patienceMs.stop : patienceMs.unguarded, outcomeOf(tuner.stop()));
    const stopMs = systemClock.now() - startMs;
    misbehaviour.after?.();
    await systemTimers.sleep(60, alive);
    const wrong = wrongIn(misbehaviour, stage.victim, anchor, settingsOf(stage.executor), ended);
    if (!isTold()) wrong.push('nobody was told');
    if (unhandled.length > 0) wrong.push(`${unhandled.length} unhandled rejections: ${messageOf(unhandled[0])}`);
    return { executor: kind, misbehaviour: misbehaviour.name, fired: on.fired, wrong, stopMs };
  } finally {
    process.off('warning', onWarning).off('unhandledRejection', onUnhandled);
  }
}

function hasFailed({ ledger }: Tuner): boolean {
  return [...ledger.read()].some((entry) => entry.kind === 'event' && entry.event.kind === 'failed');
}

const alive = { keepAlive: true } as const;

const quickLimits: Timers = {
  sleep: (ms, options) => systemTimers.sleep(ms >= shortestLimitMs ? ms / quickness : ms, options),
};

const noLimits: Timers = {
  sleep: (ms, options) =>
    systemTimers.sleep(ms >= shortestLimitMs ? 2 ** 31 - 1 : ms, { ...options, keepAlive: false }),
};

/** How `stop()` ended; null: it hangs. */
type Ended = { readonly rejected: string | null } | null;

function outcomeOf(stopped: Promise<void>): Promise<Ended> {
  return stopped.then(
    () => ({ rejected: null }),
    (error: unknown) => ({ rejected: messageOf(error) }),
  );
}

async function within<T>(ms: number, promise: Promise<T>): Promise<T | null> {
  const over = new AbortController();
  const late = systemTimers.sleep(ms, { signal: over.signal, keepAlive: true }).then(
    () => null,
    () => null,
  );
  const first = await Promise.race([promise, late]);
  over.abort();
  return first;
}

function wrongIn({ ends }: Misbehaviour, victim: string, anchor: Settings, now: Settings, ended: Ended): string[] {
  if (ended === null) return ['stop() hangs'];
  const { rejected } = ended;
  if (ends === 'closed') return rejected === null ? [] : [`stop() rejected though it was closed: ${rejected}`];
  const wrong = Object.entries(anchor).flatMap(([id, value]) =>
    id !== victim && valueIn(now, id) !== value ? [`${id} is at ${valueIn(now, id)} instead of ${value}`] : [],
  );
  const [at, wanted] = [valueIn(now, victim), valueIn(anchor, victim)];
  const isAway = at !== wanted;
  if (isAway !== (ends === 'away')) wrong.push(`${victim} is at ${at}, expected ${ends}`);
  if (isAway && rejected === null) wrong.push(`stop() resolved with ${victim} at ${at}`);
  if (!isAway && rejected !== null) wrong.push(`stop() rejected with every knob on its anchor: ${rejected}`);
  if (rejected !== null && !rejected.includes(`${victim} at ${at} instead of ${wanted}`))
    wrong.push(`the rejection names not ${victim} and its values: ${rejected}`);
  return wrong;
}

/** What the real knobs read, whatever is laid over them. */
function settingsOf({ knobs }: Executor): Settings {
  return Object.fromEntries(knobs.map((knob) => [knob.id, knob.read().effective]));
}

/** Resolves with the first window of the candidate. */
function isTried(tuner: Tuner, candidate: Settings): Promise<Entry> {
  return new Promise((resolve) => {
    tuner.watch((entry) => {
      if (entry.kind !== 'event' || entry.event.kind !== 'measured') return;
      const { settings } = entry.event.window;
      if (Object.entries(candidate).every(([id, value]) => valueIn(settings, id) === value)) resolve(entry);
    });
  });
}

function laidOver(real: Executor, victim: string, { knob, open }: Misbehaviour, fire: () => boolean): Executor {
  return {
    name: real.name,
    load: real.load,
    run: (input, call) => real.run(input, call),
    close: () => real.close(),
    knobs: real.knobs.map((one) => (knob && one.id === victim ? ({ ...one, ...knob(one, fire) } as Knob) : one)),
    openWindow: () => (open ? (open(real.openWindow(), fire) as OpenWindow) : real.openWindow()),
  };
}
