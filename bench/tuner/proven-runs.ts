/** Runs until proven, in as many processes as there are CPUs, ours or another commit's. */
import { availableParallelism } from 'node:os';
import type { PackageLocation } from '../arms/protocol.ts';
import { openRemoteArm } from '../arms/remote-arm.ts';
import type { ProvenSpec } from './proven-arm.ts';

/** A run that ended without counts with all of its seconds and trials, so that it is no better than any that did not. */
export interface ProvenRun {
  readonly world: string;
  readonly seed: number;
  readonly proven: boolean;
  /** Since `tune()`. */
  readonly seconds: number;
  readonly trials: number;
  /** What the anchor was worth of the best setting at the end. */
  readonly ofBest: number;
}

export interface ProvenRunsOptions {
  readonly worlds: readonly string[];
  readonly seeds: readonly number[];
  readonly forMs: number;
  readonly package: PackageLocation;
  readonly signal?: AbortSignal | undefined;
}

/** By world, then by seed. @throws what a run failed of */
export async function provenRuns(options: ProvenRunsOptions): Promise<readonly ProvenRun[]> {
  const { worlds, seeds, forMs, signal } = options;
  const module = new URL('./proven-arm.ts', import.meta.url);
  const queue = [...worlds];
  const told = new Map<string, readonly ProvenRun[]>();
  const workOff = async () => {
    for (let world = queue.shift(); world !== undefined; world = queue.shift()) {
      const spec: ProvenSpec = { world, forMs };
      await using arm = await openRemoteArm({ module, spec, package: options.package, ...(signal && { signal }) });
      const runs: ProvenRun[] = [];
      for (const seed of seeds) {
        signal?.throwIfAborted();
        const { proven, seconds = forMs / 1000, trials = 0, ofBest = 0 } = await arm.measure(seed);
        runs.push({ world, seed, proven: proven === 1, seconds, trials, ofBest });
      }
      told.set(world, runs);
    }
  };
  await Promise.all(Array.from({ length: Math.min(worlds.length, availableParallelism()) }, workOff));
  return worlds.flatMap((world) => told.get(world) ?? []);
}
