/**
 * A world computed stretch by stretch, each as a whole: no single call is simulated.
 *
 *   advance(ms) ─ cut where something jumps ─▶ noise, law at the setting in force, calls ─▶ Delta
 *                                                   Delta ─▶ every open window ─ cut() ─▶ Window
 */
import type { Settings, SettingValue } from '../../src/contracts.ts';
import { SandtuneError } from '../../src/foundation/errors.ts';
import { gaussian, randomStream } from '../../src/foundation/random.ts';
import type { Delta } from '../../src/measure/delta.ts';
import { emptyDistribution } from '../../src/measure/distribution.ts';
import { closedExecutor, JoinedWindow } from '../../src/measure/open-window.ts';
import { noOutcomes } from '../../src/measure/outcome-counts.ts';
import { Calls } from './calls.ts';
import { binomial, poisson } from './chance.ts';
import { simulatedKnob } from './knob.ts';
import { delayed, latencies, withTail } from './latency.ts';
import { meanLatencyMs, usualShape } from './load.ts';
import { disturbances } from './noise.ts';
import { builtAfter, heldAfter } from './past.ts';
import type { WorldSpec } from './spec.ts';
import { strikesOf } from './strikes.ts';
import { truthIn } from './truth.ts';
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

/** Longest stretch while calls leave that came at another rate, and as a share of the time constant of what builds up. */
const longest = { unsettledMs: 25, ofTimeConstant: 1 / 8 } as const;
/** Stretches are not shorter than this: sums of milliseconds are not exact. */
const shortestMs = 1e-3;

/** @param seed the same seed gives the same world */
export function createWorld(spec: WorldSpec, seed: number): SimulatedWorld {
  const { name, load, law, noise = {}, builds } = spec;
  const random = randomStream(seed, `${name} calls`);
  const disturbanceIn = disturbances(noise, name, seed);
  const strikes = strikesOf(spec, seed);
  const values = new Map(spec.knobs.map(({ id, defaultValue }) => [id, defaultValue]));
  /** What is in force, and what the knobs say of it. */
  const settings = (): Settings => Object.fromEntries(values);
  const told = (): Settings => Object.fromEntries(knobs.map((knob) => [knob.id, knob.read().effective]));
  const calls = new Calls(load, random, settings());
  const applied: [string, SettingValue][] = [];
  const windows = new Set<JoinedWindow>();
  let [nowMs, epoch, appliedMs, movedMs, warm, settledCount] = [0, 0, -Infinity, -Infinity, 0, 0];
  let built = builds?.target(settings()) ?? 0;
  let rssBytes = Number.NaN;
  let isClosed = false;

  const tell = (delta: Delta) => {
    for (const window of windows) window.take(delta);
  };
  /** Also where no time has passed: a window knows what settings it has seen from its deltas. */
  const rotate = () => tell(emptyDelta({ epoch, settings: told(), startMs: nowMs, endMs: nowMs }));

  const serviceAt = (atMs: number, level: number) => {
    const undisturbed = law(settings(), atMs, { built: level, stayedMs: atMs - movedMs });
    return strikes.struck(undisturbed, settings(), atMs, movedMs);
  };

  /** The end of the stretch that begins now. */
  function stretchEndMs(untilMs: number): number {
    const atOnceMs = builds ? builds.timeMs * longest.ofTimeConstant : Infinity;
    const { perSecond } = serviceAt(nowMs, built);
    const settlingMs = calls.isUnsettled(perSecond, nowMs, settings()) ? longest.unsettledMs : Infinity;
    const jumpMs = Math.min(strikes.nextMs(nowMs, movedMs), spec.changes?.(nowMs, movedMs) ?? Infinity);
    const endMs = Math.max(nowMs + shortestMs, Math.min(nowMs + atOnceMs, nowMs + settlingMs, jumpMs));
    return endMs > untilMs - shortestMs ? untilMs : endMs;
  }

  function advance(ms: number): void {
    const untilMs = nowMs + ms;
    while (nowMs < untilMs) serveUntil(stretchEndMs(untilMs));
  }

  function serveUntil(endMs: number): void {
    const [startMs, ms, inFlightBefore] = [nowMs, endMs - nowMs, calls.inFlight];
    nowMs = endMs;
    const middleMs = startMs + ms / 2;
    const level = builtAfter(builds, built, settings(), ms);
    built = level.end;
    const service = serviceAt(middleMs, level.mean);
    rssBytes = heldAfter(rssBytes, service.rssBytes, ms, warm > 0);
    const { share, pausedMs } = disturbanceIn(startMs, endMs, appliedMs);
    const perSecond = Math.max(0, service.perSecond * share);
    const { settled, delayMs } = calls.serve({
      settings: settings(),
      startMs,
      endMs,
      perSecond,
      usualPerSecond: service.perSecond,
    });
    settledCount += settled;
    const lost = Math.min(settled, poisson(random, ((service.lostPerSecond ?? 0) * ms) / 1000));
    const trap = binomial(random, settled - lost, service.errorFraction ?? 0);
    const ok = settled - lost - trap;
    const usual = {
      meanMs: meanLatencyMs(load, service, perSecond, middleMs, settings()),
      shape: withTail(service.shape ?? usualShape(load), Math.exp((noise.tail ?? 0) * gaussian(random))),
    };
    // In a closed loop all of the latency is what piled up before; in an open one a call's own service comes on top.
    const { meanMs, shape } =
      delayMs === null
        ? usual
        : load.kind === 'closed'
          ? { ...usual, meanMs: delayMs }
          : delayed({ ...usual, meanMs: 1000 / perSecond }, delayMs);
    const offset = random();
    const timed = (part: number) =>
      latencies(ok, { meanMs: meanMs * part, shape, pausedShare: pausedMs / ms, pausedMs }, offset);
    const stretch = { epoch, settings: told(), startMs, endMs, service, share };
    const offered = settled + calls.inFlight - inFlightBefore;
    const outcomes = { ...noOutcomes, ok, trap, lost };
    const wait = service.waitShare === undefined ? emptyDistribution : timed(service.waitShare);
    tell(deltaOf({ ...stretch, offered, outcomes, latency: timed(1), wait, rssBytes }));
  }

  const knobs = spec.knobs.map((knob) =>
    simulatedKnob(knob, {
      read: () => values.get(knob.id) ?? knob.defaultValue,
      apply: (value) => {
        rotate();
        if (values.get(knob.id) !== value) movedMs = nowMs;
        values.set(knob.id, value);
        applied.push([knob.id, value]);
        epoch++;
        appliedMs = nowMs;
      },
      warm: (change) => {
        warm += change;
      },
    }),
  );

  return {
    settings,
    applied,
    warm: () => warm,
    advance,
    truth: truthIn(spec, createWorld),
    ...(spec.cpus && { cpus: () => spec.cpus?.(nowMs) ?? Number.NaN }),
    executor: {
      name,
      load: load.kind,
      knobs,
      run: () =>
        Promise.reject(
          new SandtuneError('ERR_SANDTUNE_OPTION', `'${name}' is a simulated world: it brings its own calls`),
        ),
      openWindow: () => {
        if (isClosed) throw closedExecutor('openWindow()', name);
        const opened: JoinedWindow = new JoinedWindow({
          executor: name,
          rotate,
          inFlight: () => calls.inFlight,
          epoch: () => epoch,
          unfinished: () => emptyDistribution,
          settledCount: () => settledCount,
          lastLeft: () => null,
          left: () => {},
          isOver: () => isClosed,
          disposed: () => windows.delete(opened),
        });
        windows.add(opened);
        return opened;
      },
      close: () => {
        isClosed = true;
        return Promise.resolve();
      },
    },
  };
}
