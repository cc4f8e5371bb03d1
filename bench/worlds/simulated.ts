/**
 * A world computed stretch by stretch, each as a whole: no single call is simulated.
 *
 *   advance(ms) ── noise, law at the setting in force, calls ──▶ Delta ──▶ every open window ── cut() ──▶ Window
 */
import type { Settings, SettingValue } from '../../src/contracts.ts';
import { SandtuneError } from '../../src/foundation/errors.ts';
import { gaussian, randomStream } from '../../src/foundation/random.ts';
import type { Delta } from '../../src/measure/delta.ts';
import { emptyDistribution } from '../../src/measure/distribution.ts';
import { closedExecutor, JoinedWindow } from '../../src/measure/open-window.ts';
import { noOutcomes } from '../../src/measure/outcome-counts.ts';
import { binomial, poisson } from './chance.ts';
import { simulatedKnob } from './knob.ts';
import { latencies, p99MsOf, withTail } from './latency.ts';
import { Calls, meanLatencyMs, offeredPerSecond, usualShape } from './load.ts';
import { disturbances } from './noise.ts';
import type { WorldSpec } from './spec.ts';
import { deltaOf, emptyDelta } from './window.ts';
import type { Truth, World } from './world.ts';

/** A world with what a test may want to look at. */
export interface SimulatedWorld extends World {
  readonly settings: () => Settings;
  /** Every value ever applied, in order: [knob, value]. */
  readonly applied: readonly (readonly [string, SettingValue])[];
  /** Times `keepWarm` was asked for and not disposed yet. */
  readonly warm: () => number;
}

/** @param seed the same seed gives the same world */
export function createWorld(spec: WorldSpec, seed: number): SimulatedWorld {
  const { name, load, law, noise = {} } = spec;
  const random = randomStream(seed, `${name} calls`);
  const disturbanceIn = disturbances(noise, name, seed);
  const calls = new Calls(load, random);
  const values = new Map(spec.knobs.map(({ id, defaultValue }) => [id, defaultValue]));
  const applied: [string, SettingValue][] = [];
  const windows = new Set<JoinedWindow>();
  const settings = (): Settings => Object.fromEntries(values);
  let [nowMs, epoch, flippedMs, warm, settledCount] = [0, 0, -Infinity, 0, 0];
  let isClosed = false;

  const tell = (delta: Delta) => {
    for (const window of windows) window.take(delta);
  };
  /** Also where no time has passed: a window knows what settings it has seen from its deltas. */
  const rotate = () => tell(emptyDelta({ epoch, settings: settings(), startMs: nowMs, endMs: nowMs }));

  function advance(ms: number): void {
    const [startMs, inFlightBefore] = [nowMs, calls.inFlight];
    nowMs += ms;
    const middleMs = startMs + ms / 2;
    const service = law(settings(), middleMs);
    const { share, pausedMs } = disturbanceIn(startMs, nowMs, flippedMs);
    const perSecond = Math.max(0, service.perSecond * share);
    const settled = calls.serve(perSecond, ms, middleMs);
    settledCount += settled;
    const lost = Math.min(settled, poisson(random, ((service.lostPerSecond ?? 0) * ms) / 1000));
    const trap = binomial(random, settled - lost, service.errorFraction ?? 0);
    const ok = settled - lost - trap;
    const meanMs = meanLatencyMs(load, perSecond, middleMs, (inFlightBefore + calls.inFlight) / 2);
    const shape = withTail(service.shape ?? usualShape(load), Math.exp((noise.tail ?? 0) * gaussian(random)));
    const offset = random();
    const timed = (part: number) =>
      latencies(ok, { meanMs: meanMs * part, shape, pausedShare: pausedMs / ms, pausedMs }, offset);
    const stretch = { epoch, settings: settings(), startMs, endMs: nowMs, service, share };
    const offered = settled + calls.inFlight - inFlightBefore;
    const outcomes = { ...noOutcomes, ok, trap, lost };
    const wait = service.waitShare === undefined ? emptyDistribution : timed(service.waitShare);
    tell(deltaOf({ ...stretch, offered, outcomes, latency: timed(1), wait }));
  }

  const knobs = spec.knobs.map((knob) =>
    simulatedKnob(knob, {
      read: () => values.get(knob.id) ?? knob.defaultValue,
      apply: (value) => {
        rotate();
        values.set(knob.id, value);
        applied.push([knob.id, value]);
        epoch++;
        flippedMs = nowMs;
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
    truth: (asked, atMs) => truthOf(spec, asked, atMs),
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

function truthOf({ load, law }: WorldSpec, settings: Settings, atMs: number): Truth {
  const { perSecond, errorFraction = 0, shape = usualShape(load) } = law(settings, atMs);
  const offered = offeredPerSecond(load, atMs);
  const p99Ms =
    load.kind === 'open' && offered >= perSecond ? Infinity : p99MsOf(shape, meanLatencyMs(load, perSecond, atMs));
  return { rate: Math.min(perSecond, offered) * (1 - errorFraction), p99Ms, errorFraction };
}
