/** What the stages of runs did: of runs that are under way together, and of one that has ended. */
import type { Flow } from './flow/flow.ts';
import type { Spread } from './flow/levels.ts';
import type { StageDurations } from './flow/stage-measures.ts';
import type { StageShares } from './flow/stage-shares.ts';

/** A stage now: shares of the last ten seconds or so, which sum to 1. */
export interface StageProgress extends StageShares {
  readonly name: string;
  /** Its calls in flight, and the most there may be. */
  readonly callsInFlight: number;
  readonly lanes: number;
  /** Records that wait for a call of it. */
  readonly waiting: number;
}

/** A stage over a whole run. */
export interface StageReport extends StageShares, StageDurations {
  readonly name: string;
  /** The most calls at once, and records of one call, that were allowed: knobs move them, and the adaptive controller. */
  readonly lanes: Spread;
  readonly batchRecords: Spread;
}

type Named = readonly { readonly name: string }[];

const nothing: StageShares = { busyFraction: 0, starvedFraction: 1, blockedFraction: 0 };

/** @param flows of which each has all the stages; the shares are the means of theirs */
export function stageProgress(stages: Named, flows: readonly Flow[]): readonly StageProgress[] {
  return stages.map(({ name }, index) => {
    const sum = (of: (flow: Flow) => number) => flows.reduce((all, flow) => all + of(flow), 0);
    const lanesOf = (flow: Flow) => flow.stages.stages[index];
    const shares = flows.map((flow) => flow.stages.shares(index, 'recent'));
    return {
      name,
      ...meanOf(shares),
      callsInFlight: sum((flow) => lanesOf(flow)?.calls ?? 0),
      lanes: sum((flow) => flow.limits[index]?.lanes ?? 0),
      waiting: sum((flow) => lanesOf(flow)?.queue.length ?? 0),
    };
  });
}

export function stageReports(stages: Named, flow: Flow): readonly StageReport[] {
  return stages.map(({ name }, index) => ({
    name,
    ...flow.stages.shares(index, 'whole'),
    ...flow.stages.limitsOver(index),
    ...(flow.stages.stages[index]?.measures.whole as StageDurations),
  }));
}

function meanOf(all: readonly StageShares[]): StageShares {
  if (all.length === 0) return nothing;
  const mean = (of: (shares: StageShares) => number) => all.reduce((sum, one) => sum + of(one), 0) / all.length;
  const busyFraction = mean((shares) => shares.busyFraction);
  const blockedFraction = mean((shares) => shares.blockedFraction);
  return { busyFraction, starvedFraction: 1 - busyFraction - blockedFraction, blockedFraction };
}
