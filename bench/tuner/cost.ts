/**
 * What deciding costs. Of a long session every event is played again through `transition`, twice, and of the two times
 * of each step the shorter one counts: that is all the tuner does between two windows. And two processes carry the same
 * open load side by side, one of them with a tuner in a ledger of a long history: how much more CPU that one takes.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '../../src/foundation/clock.ts';
import { initialState, type State } from '../../tuner/loop/state.ts';
import { transition } from '../../tuner/loop/transition.ts';
import { type Tuner, tune } from '../../tuner/tune.ts';
import { openRemoteArm, ourPackage } from '../arms/remote-arm.ts';
import { meanOf } from '../estimate.ts';
import type { Figure } from '../figure.ts';
import type { Group, SuiteLength, SuiteOptions } from '../suite.ts';
import { makeWorld, worldNamed } from '../worlds/catalogue/catalogue.ts';
import { manualTime } from '../worlds/manual-time.ts';
import { createWorld } from '../worlds/simulated.ts';
import type { World } from '../worlds/world.ts';
import { type CostSpec, costName } from './cost-arm.ts';

export const cost: Group = {
  about: 'time a decision takes after a long history, and the CPU that a tuner takes of a process',
  run: async (options) => [await decisionFigure(options), await cpuFigure(options)],
};

/** Time of the world that the history holds. */
const historyMs: Readonly<Record<SuiteLength, number>> = { quick: 600_000, full: 7_200_000, long: 86_400_000 };
const rounds: Readonly<Record<SuiteLength, number>> = { quick: 3, full: 12, long: 60 };
const secondsARound = 5;
const worlds = ['pool-mixed', 'joint-8', 'null-drifting'] as const;

async function decisionFigure({ length, seed, progress, signal }: SuiteOptions): Promise<Figure> {
  const times: number[] = [];
  for (const name of worlds) {
    signal?.throwIfAborted();
    const one = worldNamed(name);
    const world = makeWorld(one, seed);
    const { timers, surroundings } = manualTime(world);
    await using tuner = tune(world.executor, {
      mode: 'auto',
      stateDir: ':memory:',
      ...one.goal,
      seed,
      surroundings,
    });
    await timers.sleep(historyMs[length]);
    // Of two times of one step the longer one had others run beside it.
    const again = stepTimes(tuner.ledger);
    const mine = stepTimes(tuner.ledger).map((ms, i) => Math.min(ms, again[i] ?? ms));
    progress(`${name}: ${mine.length} events, the slowest took ${Math.max(...mine).toFixed(1)} ms`);
    times.push(...mine);
  }
  return {
    name: 'decision_ms_p99',
    unit: 'ms',
    better: 'lower',
    targets: [{ op: '<=', value: 20, on: 'value' }],
    value: times.toSorted((a, b) => a - b)[Math.ceil(0.99 * times.length) - 1] ?? Number.NaN,
    samples: times.length,
  };
}

/** Of each event, read anew from the ledger: nothing is remembered of a time before. */
function stepTimes(ledger: Pick<Tuner['ledger'], 'read'>): readonly number[] {
  let state: State | null = null;
  const times: number[] = [];
  for (const entry of ledger.read()) {
    if (entry.kind === 'session') state ??= initialState(entry);
    if (entry.kind !== 'event' || state === null) continue;
    const startMs = systemClock.now();
    const step = transition(state, entry.event, entry.sinceMs);
    times.push(systemClock.now() - startMs);
    state = step.state;
  }
  return times;
}

async function cpuFigure({ length, seed, progress, signal }: SuiteOptions): Promise<Figure> {
  const folder = await mkdtemp(join(tmpdir(), 'sandtune-cost-'));
  try {
    await writeHistory(folder, historyMs[length], seed);
    const open = (stateDir: string | null) =>
      openRemoteArm({
        module: new URL('./cost-arm.ts', import.meta.url),
        spec: { stateDir } satisfies CostSpec,
        package: ourPackage,
        ...(signal && { signal }),
      });
    await using tuned = await open(folder);
    await using plain = await open(null);
    const shares: number[] = [];
    for (let round = 0; round < rounds[length]; round++) {
      signal?.throwIfAborted();
      const [more, less] = await Promise.all([tuned.measure(secondsARound), plain.measure(secondsARound)]);
      shares.push((more['cpu-fraction'] ?? Number.NaN) - (less['cpu-fraction'] ?? Number.NaN));
      progress(
        `of a CPU: ${more['cpu-fraction']?.toFixed(4)} with a tuner, ${less['cpu-fraction']?.toFixed(4)} without`,
      );
    }
    return {
      name: 'tuner_cpu_fraction',
      unit: 'of a CPU',
      better: 'lower',
      targets: [{ op: '<=', value: 0.01 }],
      ...meanOf(shares),
    };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** A session of the same executor, over world time. */
async function writeHistory(stateDir: string, ms: number, seed: number): Promise<void> {
  const { spec } = worldNamed('null-drifting');
  const world: World = createWorld({ ...spec(seed), name: costName }, seed);
  const { timers, surroundings } = manualTime(world);
  await using tuner = tune(world.executor, { mode: 'auto', stateDir, maximize: 'throughput', seed, surroundings });
  await timers.sleep(ms);
  await tuner.stop();
}
