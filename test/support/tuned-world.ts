/** A tuner over a simulated world, quick enough for a unit test, which it does not outlive. */
import { onTestFinished } from 'vitest';
import { type ManualTime, manualTime } from '../../bench/worlds/manual-time.ts';
import { createWorld, type SimulatedWorld } from '../../bench/worlds/simulated.ts';
import { referenceMs, type WorldKnob } from '../../bench/worlds/spec.ts';
import type { Settings } from '../../src/contracts.ts';
import type { Entry, TunerRecord } from '../../tuner/entries/entries.ts';
import type { TuneOptions } from '../../tuner/options.ts';
import { type Tuner, tune } from '../../tuner/tune.ts';

export const quickOptions: TuneOptions = {
  mode: 'auto',
  maximize: 'throughput',
  subjectTo: ['errors < 5%'],
  stateDir: ':memory:',
  seed: 7,
  maxDurationMs: 120_000,
  expert: { windowMs: 100, baselineWindows: 8, noisePairs: 6, holdBackFraction: 0.5, restMs: 10_000 },
};

/** Half as much again from a size of 8 on. */
export const betterFromEight = ({ size }: Settings): number => (Number(size) >= 8 ? 15_000 : 10_000);

export interface TunedWorld {
  /** Calls a second at a setting. */
  readonly rate: (settings: Settings, atMs: number) => number;
  readonly knobs?: readonly WorldKnob[];
  /** σ of the log rate of a window of `quickOptions`. */
  readonly sigma?: number;
  readonly name?: string;
}

/** A world whose law is a rate: `size`, from 1, unless it has other knobs. */
export function ratedWorld({ rate, knobs, sigma = 0.03, name = 'world' }: TunedWorld): SimulatedWorld {
  return createWorld(
    {
      name,
      knobs: knobs ?? [{ id: 'size', defaultValue: 1 }],
      load: { kind: 'closed', inFlight: 64 },
      law: (settings, atMs) => ({ perSecond: rate(settings, atMs) }),
      noise: { tail: 0.08, sigma: sigma * Math.sqrt((quickOptions.expert?.windowMs ?? referenceMs) / referenceMs) },
    },
    1,
  );
}

export function tunedWorld(
  options: TunedWorld,
  tuneOptions: TuneOptions = {},
): { readonly world: SimulatedWorld; readonly tuner: Tuner; readonly time: ManualTime } {
  const world = ratedWorld(options);
  const time = manualTime(world);
  const expert = { ...quickOptions.expert, ...tuneOptions.expert };
  const tuner = tune(world.executor, { ...quickOptions, surroundings: time.surroundings, ...tuneOptions, expert });
  // What one test left running would take what the next one lays out for its own tuner.
  onTestFinished(() => tuner.stop().catch(() => undefined));
  return { world, tuner, time };
}

/** Answers each question of a tuner in mode confirm. */
export function answerAll(tuner: Tuner, accept: boolean): void {
  tuner.watch((entry) => {
    if (entry.kind === 'record' && entry.record.kind === 'ask') tuner.answer(entry.record.trial, accept);
  });
}

export function recordsOf<K extends TunerRecord['kind']>(tuner: Tuner, kind: K): Extract<TunerRecord, { kind: K }>[] {
  return [...tuner.ledger.read()].flatMap((entry: Entry) =>
    entry.kind === 'record' && entry.record.kind === kind ? [entry.record as Extract<TunerRecord, { kind: K }>] : [],
  );
}

/** Resolves with the first entry that `isIt`; the tuner has moved on when the promise's reader runs. */
export function entryOf(tuner: Tuner, isIt: (entry: Entry) => boolean): Promise<Entry> {
  return new Promise((resolve) => {
    const stop = tuner.watch((entry) => {
      if (!isIt(entry)) return;
      setImmediate(() => stop());
      resolve(entry);
    });
  });
}

/** True for a record of this kind; of a trial later than `after`, where it belongs to one. */
export function isRecord(kind: TunerRecord['kind'], after = 0): (entry: Entry) => boolean {
  return (entry) =>
    entry.kind === 'record' && entry.record.kind === kind && (!('trial' in entry.record) || entry.record.trial > after);
}
