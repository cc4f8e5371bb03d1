/**
 * A run of the tuner of which its records are kept with the moment at which each came, and who is asked every
 * second what is in force. It is what the figures of watching are made of.
 */
import type { Settings } from '../../src/contracts.ts';
import type { TunerRecord } from '../../tuner/entries/entries.ts';
import type { TuneOptions } from '../../tuner/options.ts';
import { effectiveSettings } from '../../tuner/shell/apply.ts';
import { manualTime } from '../worlds/manual-time.ts';
import type { World } from '../worlds/world.ts';
import type { Tune } from './tuner-without.ts';

interface Timed {
  readonly atMs: number;
  readonly record: TunerRecord;
}

/** When a window was measured, at whatever setting. */
interface SeenWindow {
  readonly startMs: number;
  readonly endMs: number;
}

export interface WatchedRun {
  readonly records: readonly Timed[];
  readonly windows: readonly SeenWindow[];
  /** In force at the end of each second. */
  readonly inForce: readonly Settings[];
}

export interface WatchedRunOptions {
  readonly world: World;
  readonly tune: Tune;
  readonly options: TuneOptions;
  readonly forMs: number;
  /** Somebody proposes this at the start. */
  readonly proposal?: Settings;
  readonly signal?: AbortSignal;
}

const secondMs = 1000;

export async function watchedRun(run: WatchedRunOptions): Promise<WatchedRun> {
  const { world, tune, options, forMs, proposal, signal } = run;
  const { surroundings, clock } = manualTime(world);
  const records: Timed[] = [];
  const windows: SeenWindow[] = [];
  const inForce: Settings[] = [];
  const tuner = tune(world.executor, {
    stateDir: ':memory:',
    ...options,
    surroundings,
  });
  tuner.watch((entry) => {
    if (entry.kind === 'record') records.push({ atMs: clock.now(), record: entry.record });
    if (entry.kind !== 'event' || entry.event.kind !== 'measured' || entry.event.arm !== 'baseline') return;
    const { startMs, endMs } = entry.event.window;
    windows.push({ startMs, endMs });
  });
  if (proposal) tuner.propose(proposal).catch(() => undefined);
  while (clock.now() < forMs) {
    signal?.throwIfAborted();
    await surroundings.timers?.sleep(secondMs);
    inForce.push(effectiveSettings(world.executor.knobs));
  }
  await tuner.stop();
  return { records, windows, inForce };
}

/** Records of one kind, each with its moment. */
export function timedOf<K extends TunerRecord['kind']>(
  { records }: Pick<WatchedRun, 'records'>,
  kind: K,
): readonly {
  readonly atMs: number;
  readonly record: Extract<TunerRecord, { readonly kind: K }>;
}[] {
  return records.flatMap(({ atMs, record }) =>
    record.kind === kind ? [{ atMs, record: record as Extract<TunerRecord, { readonly kind: K }> }] : [],
  );
}
