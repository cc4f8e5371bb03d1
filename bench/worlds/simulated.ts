/**
 * A world computed stretch by stretch, each as a whole: no single call is simulated.
 *
 *   advance(ms) ── noise, law at the setting in force ──▶ Delta ──▶ every open window ── cut() ──▶ Window
 *
 * A closed loop serves what it can, and its latency is Little's law. An open one is a queue with
 * exponential service times; what arrives beyond the capacity is a backlog carried into the next
 * stretch.
 * @see Kleinrock, "Queueing Systems" I, §3.2 (M/M/1: the time in the system is exponential)
 */
import type { OpenWindow, Settings, SettingValue } from '../../src/contracts.ts';
import { SandtuneError } from '../../src/foundation/errors.ts';
import { gaussian, randomStream } from '../../src/foundation/random.ts';
import type { Delta } from '../../src/measure/delta.ts';
import { emptyDistribution } from '../../src/measure/distribution.ts';
import { HeldWindow } from '../../src/measure/open-window.ts';
import { noOutcomes } from '../../src/measure/outcome-counts.ts';
import { binomial, poisson } from './chance.ts';
import { simulatedKnob } from './knob.ts';
import { exponential, latencies, lognormal, p99MsOf, type Shape, withTail } from './latency.ts';
import { disturbances } from './noise.ts';
import type { Over, Service, WorldLoad, WorldSpec } from './spec.ts';
import { deltaOf, emptyDelta } from './window.ts';
import type { World } from './world.ts';

/** A world with what a test may want to look at. */
export interface SimulatedWorld extends World {
  readonly settings: () => Settings;
  /** Every value ever applied, in order: [knob, value]. */
  readonly applied: readonly (readonly [string, SettingValue])[];
  /** Times `keepWarm` was asked for and not disposed yet. */
  readonly warm: () => number;
}

/** Share of the capacity that is left at least: nearer to saturation a queue takes hours to become as long as it should. */
const leastLeft = 0.02;

/** @param seed the same seed gives the same world */
export function createWorld({ name, knobs, load, law, noise = {} }: WorldSpec, seed: number): SimulatedWorld {
  const random = randomStream(seed, `${name} calls`);
  const disturbanceIn = disturbances(noise, name, seed);
  const values: Record<string, SettingValue> = Object.fromEntries(knobs.map((one) => [one.id, one.defaultValue]));
  const applied: [string, SettingValue][] = [];
  const windows = new Set<HeldWindow>();
  const settings = (): Settings => ({ ...values });
  let [nowMs, epoch, flippedMs, warm, settledCount] = [0, 0, -Infinity, 0, 0];
  let backlog = load.kind === 'closed' ? wholeAt(load.inFlight, 0) : 0;
  /** Part of a call that the stretches before have worked on. */
  let begun = 0;

  /** Settles and offers the calls of `ms`. */
  function serve(perSecond: number, ms: number, middleMs: number): number {
    const due = (perSecond * ms) / 1000 + begun;
    const whole = Math.floor(due);
    begun = due - whole;
    if (load.kind === 'closed') {
      backlog = Math.max(wholeAt(load.inFlight, middleMs), backlog - whole);
      return whole;
    }
    const there = backlog + poisson(random, (valueAt(load.perSecond, middleMs) * ms) / 1000);
    if (whole > there) begun = 0;
    const settled = Math.min(whole, there);
    backlog = there - settled;
    return settled;
  }

  function advance(ms: number): void {
    const [startMs, before] = [nowMs, backlog];
    nowMs += ms;
    const middleMs = startMs + ms / 2;
    const service = law(settings(), middleMs);
    const { share, pausedMs } = disturbanceIn(startMs, nowMs, flippedMs);
    const perSecond = Math.max(0, service.perSecond * share);
    const settled = serve(perSecond, ms, middleMs);
    const lost = Math.min(settled, poisson(random, ((service.lostPerSecond ?? 0) * ms) / 1000));
    const trap = binomial(random, settled - lost, service.errorFraction ?? 0);
    const ok = settled - lost - trap;
    const meanMs = meanMsOf(load, perSecond, middleMs, load.kind === 'closed' ? backlog : (before + backlog) / 2);
    const shape = withTail(shapeUnder(load, service), Math.exp((noise.tail ?? 0) * gaussian(random)));
    const offset = random();
    const timed = (part: number) =>
      latencies(ok, { meanMs: meanMs * part, shape, pausedShare: pausedMs / ms, pausedMs }, offset);
    settledCount += settled;
    tell(
      deltaOf({
        epoch,
        settings: settings(),
        startMs,
        endMs: nowMs,
        offered: settled + backlog - before,
        outcomes: { ...noOutcomes, ok, trap, lost },
        latency: timed(1),
        wait: service.waitShare === undefined ? emptyDistribution : timed(service.waitShare),
        service,
        share,
      }),
    );
  }

  function tell(delta: Delta): void {
    for (const window of windows) window.take(delta);
  }

  /** Even if no time has passed, so that every window knows which settings it has seen. */
  function rotate(): void {
    tell(emptyDelta({ epoch, settings: settings(), startMs: nowMs, endMs: nowMs }));
  }

  function openWindow(): OpenWindow {
    const opened: HeldWindow = new HeldWindow({
      rotate,
      inFlight: () => backlog,
      epoch: () => epoch,
      unfinished: () => emptyDistribution,
      settledCount: () => settledCount,
      disposed: () => windows.delete(opened),
    });
    windows.add(opened);
    return opened;
  }

  return {
    settings,
    applied,
    warm: () => warm,
    advance,
    truth: (asked, atMs) => {
      const service = law(asked, atMs);
      const errorFraction = service.errorFraction ?? 0;
      const arrivals = load.kind === 'open' ? valueAt(load.perSecond, atMs) : Infinity;
      const inFlight = load.kind === 'closed' ? wholeAt(load.inFlight, atMs) : 0;
      const p99Ms =
        service.perSecond > arrivals || load.kind === 'closed'
          ? p99MsOf(shapeUnder(load, service), meanMsOf(load, service.perSecond, atMs, inFlight))
          : Infinity;
      return { rate: Math.min(service.perSecond, arrivals) * (1 - errorFraction), p99Ms, errorFraction };
    },
    executor: {
      name,
      load: load.kind,
      knobs: knobs.map((knob) =>
        simulatedKnob(knob, {
          read: () => values[knob.id] ?? knob.defaultValue,
          apply: (value) => {
            rotate();
            values[knob.id] = value;
            applied.push([knob.id, value]);
            epoch++;
            flippedMs = nowMs;
          },
          warm: (change) => {
            warm += change;
          },
        }),
      ),
      run: () =>
        Promise.reject(
          new SandtuneError('ERR_SANDTUNE_OPTION', `'${name}' is a simulated world: it brings its own calls`),
        ),
      openWindow,
      close: () => Promise.resolve(),
    },
  };
}

/** @param waiting calls in flight (closed), or beyond what the queue holds anyway (open) */
function meanMsOf(load: WorldLoad, perSecond: number, atMs: number, waiting: number): number {
  const waitingMs = (1000 * waiting) / perSecond;
  if (load.kind === 'closed') return waitingMs;
  return waitingMs + 1000 / Math.max(leastLeft * perSecond, perSecond - valueAt(load.perSecond, atMs));
}

function shapeUnder(load: WorldLoad, { shape }: Service): Shape {
  return shape ?? (load.kind === 'closed' ? lognormal : exponential);
}

function valueAt(value: Over, atMs: number): number {
  return typeof value === 'number' ? value : value(atMs);
}

function wholeAt(value: Over, atMs: number): number {
  return Math.max(0, Math.round(valueAt(value, atMs)));
}
