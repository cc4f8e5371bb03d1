/** When each service is killed, drawn by seed: for each stage alike often, and spread over ledgers that live through several kills. */
import type { Settings } from '../../../src/contracts.ts';
import { type RandomSource, randomStream } from '../../../src/foundation/random.ts';
import type { ExpertOptions } from '../../../tuner/index.ts';
import { type Hearing, type Stage, stages } from './hearing.ts';

export interface Moment {
  readonly stage: Stage;
  /** The clock starts when so many windows have begun in the stage; with 0 when the stage is entered. */
  readonly windows: number;
  readonly delayMs: number;
  readonly expert: ExpertOptions;
  readonly proposals: readonly Settings[];
}

const windowMs = 50;

/** Windows as short as they may be; a rest long enough that nothing begins by itself. */
const quick: ExpertOptions = {
  windowMs,
  minCompletions: 4,
  // The newest eight say how long calls take, and the first are those of a pool that starts.
  baselineWindows: 14,
  noisePairs: 0,
  overheadPairs: 0,
  alpha: 0.1,
  falseCommitsPerDay: 1000,
  holdBackFraction: 0.5,
  minProbability: 1,
  restMs: 60_000,
};

/** The work of the service mostly waits, so twice the threads are plainly better: what commits. */
const better: Settings = { threads: 6 };
const betterToo: Settings = { threads: 5, idleTimeoutMs: 100 };
/** What is not committed: worse, and no different. */
const others: readonly Settings[] = [{ threads: 2 }, { idleTimeoutMs: 1000 }];

/** How the stage is come to, and how long it lasts at most. */
interface Way {
  readonly mostWindows: number;
  readonly longestMs: number;
  readonly proposals: 'none' | 'any' | 'better';
  readonly expert?: ExpertOptions;
}

const arms = { mostWindows: 4, longestMs: 2 * windowMs, proposals: 'any' } as const;

const ways: Readonly<Record<Stage, Way>> = {
  start: { mostWindows: 0, longestMs: 60, proposals: 'any' },
  observing: { mostWindows: 12, longestMs: windowMs, proposals: 'none' },
  'a/a': { mostWindows: 8, longestMs: 2 * windowMs, proposals: 'none', expert: { noisePairs: 8 } },
  // A probe that shows harm has one window.
  probing: { mostWindows: 1, longestMs: 2 * windowMs, proposals: 'none' },
  intent: { mostWindows: 0, longestMs: 6, proposals: 'any' },
  baseline: arms,
  candidate: arms,
  'hold-back': { mostWindows: 5, longestMs: windowMs, proposals: 'better' },
  commit: { mostWindows: 0, longestMs: 6, proposals: 'better' },
  stop: { mostWindows: 3, longestMs: 40, proposals: 'any' },
};

/** `count` moments, ten to a ledger. */
export function momentsOf(count: number, seed: number): readonly (readonly Moment[])[] {
  const random = randomStream(seed, 'moments');
  const ledgers = Array.from({ length: Math.ceil(count / stages.length) }, () => orderOf(random));
  const drawn = ledgers.map((order) => {
    const committed = order.indexOf('commit');
    return order.map((stage, at) => momentIn(stage, random, at > committed));
  });
  const excess = ledgers.length * stages.length - count;
  return excess === 0 ? drawn : [...drawn.slice(0, -1), (drawn.at(-1) ?? []).slice(0, -excess)];
}

/** @param mayCommit what is better may be proposed also where a commit is not what is awaited */
export function momentIn(stage: Stage, random: RandomSource, mayCommit = true): Moment {
  const { mostWindows, longestMs, proposals, expert } = ways[stage];
  const any = mayCommit ? [better, betterToo, ...others] : others;
  return {
    stage,
    windows: mostWindows === 0 ? 0 : 1 + Math.floor(random() * mostWindows),
    delayMs: random() * longestMs,
    expert: { ...quick, ...expert },
    proposals: proposals === 'none' ? [] : proposals === 'better' ? [better] : shuffled(any, random),
  };
}

/** The clock of a kill starts. A service is told to end inside a trial. */
export function isDue({ stage, windows }: Moment, known: Hearing): boolean {
  if (stage === 'start') return known.configured !== null;
  const awaited = stage === 'stop' ? 'candidate' : stage;
  return known.stage === awaited && (known.windows[awaited] ?? 0) >= windows;
}

/**
 * Every stage once. With the better setting kept, nothing is left to commit and nothing to probe, so
 * the commit comes after the other stages that need either.
 */
function orderOf(random: RandomSource): readonly Stage[] {
  const order = shuffled(stages, random);
  const needing: readonly Stage[] = ['probing', 'hold-back', 'commit'];
  const places = needing.map((stage) => order.indexOf(stage)).sort((a, b) => a - b);
  const atPlace = new Map(places.map((place, at) => [place, needing[at]]));
  return order.map((stage, at) => atPlace.get(at) ?? stage);
}

function shuffled<T>(list: readonly T[], random: RandomSource): readonly T[] {
  return list
    .map((one) => ({ one, at: random() }))
    .sort((a, b) => a.at - b.at)
    .map(({ one }) => one);
}
