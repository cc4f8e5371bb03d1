/** A tuner over a synthetic plant in manual time, quick enough for a unit test. */
import type { Entry, TunerRecord } from '../../tuner/entries/entries.ts';
import type { TuneOptions } from '../../tuner/options.ts';
import { type Tuner, tune } from '../../tuner/tune.ts';
import { type ManualTime, manualTime } from './manual-time.ts';
import { type Plant, type PlantOptions, plant } from './plant.ts';

export const quickOptions: TuneOptions = {
  mode: 'auto',
  maximize: 'throughput',
  subjectTo: ['errors < 5%'],
  stateDir: ':memory:',
  seed: 7,
  maxDurationMs: 120_000,
  expert: { windowMs: 100, baselineWindows: 8, noisePairs: 6, holdBackFraction: 0.5, restMs: 10_000 },
};

export function tunedPlant(
  options: Partial<PlantOptions> & Pick<PlantOptions, 'rate'>,
  tuneOptions: TuneOptions = {},
): { readonly executor: Plant; readonly tuner: Tuner; readonly time: ManualTime } {
  const time = options.time ?? manualTime();
  const executor = plant({ ...options, time });
  const expert = { ...quickOptions.expert, ...tuneOptions.expert };
  const tuner = tune(executor, { ...quickOptions, surroundings: time.surroundings, ...tuneOptions, expert });
  return { executor, tuner, time };
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
