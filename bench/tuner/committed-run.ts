/**
 * `tune()` in a world in which somebody proposes a setting at once: was it committed, when was it proven, and is
 * it still there later?
 */
import type { Settings } from '../../src/contracts.ts';
import { sameSettings } from '../../tuner/entries/settings.ts';
import type { ExpertOptions } from '../../tuner/expert-options.ts';
import { tune } from '../../tuner/tune.ts';
import { throughput } from '../worlds/catalogue/entry.ts';
import { manualTime } from '../worlds/manual-time.ts';
import type { World } from '../worlds/world.ts';

export interface CommittedRun {
  readonly committed: boolean;
  /** It is the anchor, `forMs` after the commit. */
  readonly kept: boolean;
  /** Seconds from the proposal until the setting was the anchor; null where it never was. */
  readonly provenS: number | null;
  /** Seconds from `harmAtMs` until the default was in force but for a hold-back of its own; as many as were waited where it never was. */
  readonly offS: number | null;
}

export interface CommittedRunOptions {
  readonly seed: number;
  /** What is `kept` is asked so long after the commit. */
  readonly forMs?: number;
  /** When, on the world's clock, the setting turns bad. */
  readonly harmAtMs?: number;
  /** Ends as soon as the commit is proven or undone: what comes later is not asked. */
  readonly untilProven?: boolean;
  /** At `harmAtMs` the tuner is stopped, which leaves the executor on its anchor: nobody watches. */
  readonly unwatched?: boolean;
  readonly expert?: ExpertOptions;
  /** Default: those of `tune()`. */
  readonly guardrails?: readonly string[];
}

const laterMs = 600_000;
const secondMs = 1000;

export async function committedRun(
  world: World,
  proposal: Settings,
  {
    seed,
    forMs = laterMs,
    harmAtMs,
    unwatched = false,
    untilProven = false,
    expert = {},
    guardrails,
  }: CommittedRunOptions,
): Promise<CommittedRun> {
  let nowMs = 0;
  const time = manualTime({
    advance: (ms) => {
      world.advance(ms);
      nowMs += ms;
    },
  });
  const options = {
    mode: 'auto',
    stateDir: ':memory:',
    ...throughput,
    ...(guardrails && { subjectTo: guardrails }),
    seed,
    expert,
    surroundings: time.surroundings,
  } as const;
  await using tuner = tune(world.executor, options);
  const { decision } = await tuner.propose(proposal);
  if (decision !== 'commit') return { committed: false, kept: false, provenS: null, offS: null };
  const committedMs = nowMs;
  let provenS: number | null = null;
  let offS: number | null = null;
  // A hold-back whose candidate is another setting keeps what was left on a few windows only.
  const isLeft = () => {
    const last = tuner.history?.trials.at(-1);
    const isLeaving =
      last?.purpose === 'hold-back' && last.decision === null && !sameSettings(last.candidate, proposal);
    return isLeaving || !sameSettings(tuner.anchor, proposal);
  };
  const isUndone = () => tuner.history?.trials.some((one) => one.purpose === 'hold-back' && one.decision !== null);
  const endMs = Math.max(committedMs + forMs, harmAtMs === undefined ? 0 : harmAtMs + forMs);
  while (nowMs < endMs) {
    await time.surroundings.timers?.sleep(secondMs);
    if (provenS === null && sameSettings(tuner.anchor, proposal)) provenS = nowMs / 1000;
    if (untilProven && (provenS !== null || isUndone())) break;
    if (harmAtMs === undefined || nowMs < harmAtMs) continue;
    if (unwatched) await tuner.stop();
    if (offS === null && isLeft()) offS = (nowMs - harmAtMs) / 1000;
    if (offS !== null || unwatched) break;
  }
  const kept = sameSettings(tuner.anchor, proposal);
  return { committed: true, kept, provenS, offS: harmAtMs === undefined ? null : (offS ?? forMs / 1000) };
}
