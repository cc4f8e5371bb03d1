/**
 * Ways in which knobs, windows, executors and listeners misbehave. Each begins at the start of the
 * session or with the candidate in force, and says what is to become of its knob: `back`, so that
 * `stop()` resolves, or `away`, so that it rejects. An executor that was `closed` has nothing to return
 * to. `quiet`: nothing failed, so nobody has to be told.
 */
import type { Knob, OpenWindow, SettingValue, Window } from '../../../src/contracts.ts';
import { emptyDistribution } from '../../../src/measure/distribution.ts';
import type { Tuner } from '../../../tuner/tuner.ts';
import type { Stage } from './stages.ts';

/** True while the misbehaviour is on: it is counted as fired then. */
type Fire = () => boolean;

export interface Misbehaviour {
  readonly name: string;
  readonly from: 'start' | 'candidate';
  readonly ends: 'back' | 'away' | 'closed';
  readonly quiet?: true;
  /** Only a limit of time helps against it. */
  readonly hangs?: true;
  readonly knob?: (real: AnyKnob, fire: Fire) => Partial<AnyKnob>;
  readonly open?: (real: OpenWindow, fire: Fire) => unknown;
  readonly listen?: (tuner: Tuner, fire: Fire) => unknown;
  /** Done once the candidate is in force. */
  readonly act?: (stage: Stage, fire: Fire) => void;
  /** Done after `stop()`. */
  readonly after?: () => void;
}

type AnyKnob = Knob<SettingValue>;

export function misbehaviours(): readonly Misbehaviour[] {
  const late = Promise.withResolvers<void>();
  const lateWarmth = Promise.withResolvers<AsyncDisposable>();
  let first: Window | undefined;
  return [
    ...reads,
    ...applies,
    {
      name: 'apply() away lands after stop()',
      from: 'start',
      ends: 'back',
      hangs: true,
      knob: (real, fire) => ({
        apply: (value) =>
          value !== real.defaultValue && fire() ? late.promise.then(() => real.apply(value)) : real.apply(value),
      }),
      after: () => late.resolve(),
    },
    ...warmths,
    {
      name: 'keepWarm() answers after stop()',
      from: 'start',
      ends: 'back',
      hangs: true,
      knob: (_, fire) => ({ keepWarm: async () => (fire() ? lateWarmth.promise : nothingKept) }),
      after: () => lateWarmth.resolve(nothingKept),
    },
    ...windows,
    cut('gives the same window again', (window) => (first ??= window)),
    ...others,
  ];
}

const nobody: unknown = null;
const never = () => new Promise<never>(() => {});
const nothingKept: AsyncDisposable = { [Symbol.asyncDispose]: () => Promise.resolve() };
const explode = (): never => {
  throw new Error('on purpose');
};
/** Throws whatever is done with it. */
const bomb = (): unknown => new Proxy({}, { get: explode, getPrototypeOf: explode, ownKeys: explode, has: explode });
const throwing = (what: unknown): never => {
  throw what;
};

function read(name: string, give: (real: AnyKnob) => unknown): Misbehaviour {
  return {
    name: `read() ${name}`,
    from: 'candidate',
    ends: 'back',
    knob: (real, fire) => ({ read: () => (fire() ? (give(real) as never) : real.read()) }),
  };
}

const reads: readonly Misbehaviour[] = [
  read('throws', explode),
  read('throws null', () => throwing(nobody)),
  read('throws a bomb', () => throwing(bomb())),
  read('gives undefined', () => undefined),
  read('gives null', () => null),
  read('gives a promise', (real) => Promise.resolve(real.read())),
  read('gives NaN', () => ({ requested: Number.NaN, effective: Number.NaN })),
  read('gives a bigint', () => ({ requested: 4n, effective: 4n })),
];

/** @param give what apply() answers with; it may apply for real */
function apply(
  name: string,
  ends: Misbehaviour['ends'],
  give: (real: AnyKnob, value: SettingValue, times: number) => unknown,
  more: Partial<Misbehaviour> = {},
): Misbehaviour {
  return {
    name: `apply() ${name}`,
    from: 'candidate',
    ends,
    ...more,
    knob: (real, fire) => {
      let times = 0;
      return { apply: (value) => (fire() ? (give(real, value, ++times) as Promise<void>) : real.apply(value)) };
    },
  };
}

const applies: readonly Misbehaviour[] = [
  apply('throws', 'away', explode),
  apply('rejects', 'away', () => Promise.reject(new Error('refused'))),
  apply('rejects with null', 'away', () => Promise.reject(nobody)),
  apply('rejects with a bomb', 'away', () => Promise.reject(bomb())),
  apply('hangs', 'away', never, { hangs: true }),
  apply('does nothing', 'away', () => Promise.resolve()),
  apply('puts another value in force', 'away', (real) => real.apply(16)),
  apply('gives a thenable that throws', 'away', () => ({ then: explode })),
  apply('gives a thenable that hangs', 'away', () => ({ then: () => undefined }), { hangs: true }),
  apply('refuses twice', 'back', (real, value, times) => (times <= 2 ? explode() : real.apply(value))),
  apply('hangs once', 'back', (real, value, times) => (times === 1 ? never() : real.apply(value)), { hangs: true }),
  apply('does it and hangs', 'back', (real, value) => real.apply(value).then(never), { hangs: true }),
  apply('does it and rejects', 'back', (real, value) => real.apply(value).then(explode)),
  apply('takes its time', 'back', (real, value) => pause(100).then(() => real.apply(value)), { quiet: true }),
  apply('does it and gives no promise', 'back', (real, value) => void real.apply(value), { quiet: true }),
  {
    name: 'apply() does nothing and read() tells what was asked for',
    from: 'candidate',
    ends: 'away',
    knob: (real, fire) => {
      let asked: SettingValue | undefined;
      return {
        apply: async (value) => {
          if (!fire()) return real.apply(value);
          asked = value;
        },
        read: () => (asked === undefined ? real.read() : { requested: asked, effective: asked }),
      };
    },
  },
];

async function pause(turns: number): Promise<void> {
  for (let turn = 0; turn < turns; turn++) await new Promise((resolve) => setImmediate(resolve));
}

function warmth(name: string, give: () => unknown, more: Partial<Misbehaviour> = {}): Misbehaviour {
  return {
    name: `keepWarm() ${name}`,
    from: 'start',
    ends: 'back',
    ...more,
    knob: (real, fire) => ({
      keepWarm: (a, b) => (fire() ? (give() as Promise<AsyncDisposable>) : real.keepWarm(a, b)),
    }),
  };
}

const kept = (letGo: () => unknown) => () => Promise.resolve({ [Symbol.asyncDispose]: letGo });

const warmths: readonly Misbehaviour[] = [
  warmth('throws', explode),
  warmth('rejects with null', () => Promise.reject(nobody)),
  warmth('hangs', never, { hangs: true }),
  warmth('gives undefined', () => Promise.resolve()),
  warmth('gives what cannot be let go', () => Promise.resolve({})),
  warmth('gives what throws when it is let go', kept(explode)),
  warmth(
    'gives what rejects with a bomb when it is let go',
    kept(() => Promise.reject(bomb())),
  ),
  warmth('gives what hangs when it is let go', kept(never), { hangs: true }),
];

function cut(name: string, give: (window: Window) => unknown): Misbehaviour {
  return opened(`cut() ${name}`, (real) => ({ cut: () => give(real.cut()) }));
}

function opened(name: string, parts: (real: OpenWindow) => object, more: Partial<Misbehaviour> = {}): Misbehaviour {
  return {
    name,
    from: 'candidate',
    ends: 'back',
    ...more,
    open: (real, fire) => {
      if (!fire()) return real;
      const usual = {
        cut: () => real.cut(),
        get settledCount() {
          return real.settledCount;
        },
        [Symbol.dispose]: () => real[Symbol.dispose](),
      };
      return Object.defineProperties(usual, Object.getOwnPropertyDescriptors(parts(real)));
    },
  };
}

const windows: readonly Misbehaviour[] = [
  { name: 'openWindow() throws', from: 'candidate', ends: 'back', open: (real, fire) => (fire() ? explode() : real) },
  { name: 'openWindow() gives null', from: 'candidate', ends: 'back', open: (real, fire) => (fire() ? null : real) },
  cut('throws a bomb', () => throwing(bomb())),
  cut('gives null', () => null),
  cut('gives {}', () => ({})),
  cut('gives no length', (window) => ({ ...window, endMs: window.startMs })),
  cut('gives an end of NaN', (window) => ({ ...window, endMs: Number.NaN })),
  cut('invents time', (window) => ({ ...window, endMs: window.endMs + 10_000 })),
  cut('gives a negative count', (window) => ({ ...window, offered: -1 })),
  cut('gives a bigint', (window) => ({ ...window, offered: 5n })),
  cut('gives no outcomes', (window) => ({ ...window, outcomes: { ok: 5 } })),
  cut('gives latencies that do not add up', (window) => ({ ...window, latency: { ...emptyDistribution, count: 9 } })),
  cut('gives no settings', (window) => ({ ...window, settings: {} })),
  opened('settledCount is NaN', () => ({ settledCount: Number.NaN })),
  opened('settledCount throws', () => ({
    get settledCount() {
      return explode();
    },
  })),
  opened('a window throws when it is disposed', () => ({ [Symbol.dispose]: explode })),
];

const others: readonly Misbehaviour[] = [
  {
    name: 'the executor is closed',
    from: 'candidate',
    ends: 'closed',
    quiet: true,
    act: ({ executor }, fire) => void (fire() && executor.close()),
  },
  { name: 'a listener throws', from: 'candidate', ends: 'back', listen: (_, fire) => fire() && explode() },
  {
    name: 'a listener rejects',
    from: 'candidate',
    ends: 'back',
    listen: (_, fire) => fire() && Promise.reject(bomb()),
  },
  {
    name: 'a listener stops the tuner',
    from: 'candidate',
    ends: 'back',
    quiet: true,
    listen: (tuner, fire) => void (fire() && tuner.stop()),
  },
];
