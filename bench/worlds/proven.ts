/**
 * How long a tuner needs from its start until a setting that is nearly the best has been proven: its hold-back
 * has ended and it is the anchor. Every second since `tune()` counts.
 *
 *   tune() ─ records, each with its moment ─▶ seconds a phase
 *          ─ anchor, read once a second ────▶ worth by the world's truth ≥ share of the best ─▶ proven
 */
import type { Settings } from '../../src/contracts.ts';
import type { TunerRecord } from '../../tuner/entries/entries.ts';
import type { GoalWords } from '../../tuner/goal.ts';
import type { TuneOptions } from '../../tuner/options.ts';
import { tune as tuneNow } from '../../tuner/tune.ts';
import { bestSettings } from './best-settings.ts';
import { manualTime } from './manual-time.ts';
import type { World } from './world.ts';
import { worthOf } from './worth.ts';

export interface Proven {
  /** Until such a setting was the anchor; null where none was within the run. */
  readonly seconds: number | null;
  /** Trials of a candidate until then, or in the whole run. */
  readonly trials: number;
  /** Seconds until then, or of the whole run, by what was done. */
  readonly phases: Readonly<Partial<Record<TimedPhase, number>>>;
  /** The anchor then, or at the end. */
  readonly anchor: Settings;
}

type TimedPhase = 'observing' | 'noise' | 'probing' | 'trying' | 'hold-back' | 'resting' | 'other';

interface ProvenOptions {
  readonly goal: GoalWords;
  readonly seed: number;
  /** @defaultValue 2_000_000 */
  readonly forMs?: number;
  /** Of the best setting's worth. @defaultValue 0.95 */
  readonly share?: number;
  readonly options?: TuneOptions;
  /** Of another version, to be compared with. @defaultValue ours */
  readonly tune?: typeof tuneNow;
}

const secondMs = 1000;

/** @throws what the world throws */
export async function untilProven(
  world: World,
  { goal, seed, forMs = 2_000_000, share = 0.95, options = {}, tune = tuneNow }: ProvenOptions,
): Promise<Proven> {
  const { executor } = world;
  const usual: Settings = Object.fromEntries(executor.knobs.map(({ id, defaultValue }) => [id, defaultValue]));
  const worth = worthOf(goal);
  const time = manualTime(world);
  await using tuner = tune(executor, {
    mode: 'auto',
    stateDir: ':memory:',
    ...goal,
    seed,
    surroundings: time.surroundings,
    ...options,
  });
  tuner.settled().catch(() => undefined);
  const phases: Partial<Record<TimedPhase, number>> = {};
  let trials = 0;
  let [phase, sinceMs]: [TimedPhase, number] = ['observing', 0];
  const enter = (next: TimedPhase) => {
    const nowMs = time.clock.now();
    phases[phase] = (phases[phase] ?? 0) + (nowMs - sinceMs) / secondMs;
    [phase, sinceMs] = [next, nowMs];
  };
  tuner.watch((entry) => {
    if (entry.kind !== 'record') return;
    const next = begunBy(entry.record);
    if (next) enter(next);
    if (next === 'trying') trials++;
  });
  const isGood = (settings: Settings): boolean => {
    const atMs = time.clock.now();
    const best = bestSettings(world, atMs, usual, worth);
    return worth(world.truth(settings, atMs)) >= share * worth(world.truth(best, atMs));
  };
  let known: Settings | null = null;
  let seconds: number | null = null;
  while (time.clock.now() < forMs && seconds === null) {
    await time.timers.sleep(secondMs);
    const { anchor, history } = tuner;
    // The world may move under an anchor that stays: only a setting that was just proven is judged.
    if (anchor === known) continue;
    known = anchor;
    if (history.trials.some(({ passed }) => passed) && isGood(anchor)) seconds = time.clock.now() / secondMs;
  }
  enter('other');
  return { seconds, trials, phases, anchor: tuner.anchor };
}

/** What begins with a record; null where what is done goes on. */
function begunBy(record: TunerRecord): TimedPhase | null {
  switch (record.kind) {
    case 'trial':
      return ({ 'a/a': 'noise', candidate: 'trying', 'hold-back': 'hold-back' } as const)[record.purpose];
    case 'probe':
      return 'probing';
    case 'anchor':
      return 'observing';
    case 'phase':
      return record.phase === 'observing' || record.phase === 'resting' ? record.phase : 'other';
    default:
      return null;
  }
}
