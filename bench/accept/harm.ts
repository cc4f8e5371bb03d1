/**
 * Candidates that hurt, of several kinds, proposed one after another on live calls: each must be
 * reverted by the engine or a breaker, none may be committed. Which kinds hurt, and how much, is
 * measured first, interleaved with the good setting: a kind that is not proven to cost 6 % here is left out.
 * A breaker reverts what plainly hurts, so two thirds of the proposals are of the mildest kinds. Some of
 * them need the engine's proof, so an engine that never said `worse` would fail. How many of them do
 * depends on the noise of the machine, because a breaker's limit does; the worlds test the engine in
 * quantity. Half of the proposals are made over each transport.
 */

import type { Interval, Settings } from '../../src/contracts.ts';
import type { Trigger } from '../../tuner/entries/triggers.ts';
import { gainOver, sweep } from '../../tuner/index.ts';
import { median } from '../../tuner/trial/statistics.ts';
import { tune } from '../../tuner/tune.ts';
import { isByBreaker, isByEngine, isByEngineOrBreaker } from './judged-by.ts';
import { goLive, type LiveTransport, liveTransports, objective, sloMs } from './live.ts';
import type { PartOptions } from './results.ts';
import { atLeast, exactly, type Row, withoutLimit } from './rows.ts';

/** Where a sandbox of each transport begins, and what is expected to hurt it. */
interface Kinds {
  readonly good: Settings;
  readonly severe: readonly Settings[];
  /** 10 to 25 %, which takes more rounds to tell. */
  readonly mild: readonly Settings[];
}

const kindsOf: Readonly<Record<LiveTransport, Kinds>> = {
  message: {
    good: { threads: 2, batchSize: 64, batchLingerMs: 0, moduleCacheCapacity: 32 },
    severe: [
      { batchSize: 1 },
      { batchSize: 4 },
      { moduleCacheCapacity: 1 },
      { moduleCacheCapacity: 8 },
      { batchLingerMs: 100, batchSize: 512 },
      { threads: 1, batchSize: 16 },
      // From here on, 20 to 40 % of CPU a call, which other work on the machine does not hide: of one
      // thread fewer or a longer wait, nothing is left to see while a neighbour holds a core.
      { batchSize: 8 },
      { batchSize: 12 },
      { moduleCacheCapacity: 13 },
      { batchSize: 24, moduleCacheCapacity: 14 },
    ],
    mild: [{ batchSize: 16 }, { batchSize: 20 }, { batchSize: 24 }, { batchSize: 28 }, { batchSize: 32 }],
  },
  // There are no batches to make small: instances that are made anew, and workers that wait for their next call.
  ring: {
    good: { threads: 2, depth: 64, moduleCacheCapacity: 32 },
    severe: [
      { moduleCacheCapacity: 1 },
      { moduleCacheCapacity: 8 },
      { moduleCacheCapacity: 11 },
      { moduleCacheCapacity: 13 },
      { depth: 1 },
      { depth: 2 },
      { depth: 3 },
      { moduleCacheCapacity: 14 },
    ],
    mild: [{ moduleCacheCapacity: 15 }, { depth: 4 }, { depth: 6 }, { depth: 8 }, { depth: 12 }],
  },
};

/** Three times what `revertAt` allows, so that it can be proven; a breaker begins at 10 %. */
const smallestHarm = 0.06;
/** So many of the mildest kinds share two of three proposals. */
const mildest = 2;
/** Of all proposals, the share that must end by the engine's own proof. */
const engineShare = 1 / 30;

export interface HarmfulKind {
  readonly settings: Settings;
  readonly gain: Interval;
}

export const harm = {
  fullCount: 60,
  async run({ count, seed, progress }: PartOptions) {
    const rows: Row[] = [];
    const runs: unknown[] = [];
    for (const [index, transport] of liveTransports.entries()) {
      const share = Math.ceil((count - index) / liveTransports.length);
      if (share === 0) continue;
      const own = await harmOver(transport, { count: share, seed, progress });
      rows.push(...own.rows.map((row) => ({ ...row, name: `${transport}: ${row.name}` })));
      runs.push({ transport, runs: own.runs });
    }
    return { rows, runs };
  },
};

async function harmOver(transport: LiveTransport, { count, seed, progress }: PartOptions) {
  const { good, severe, mild } = kindsOf[transport];
  await using live = await goLive(seed, transport, good);
  const lossesOf = async (kinds: readonly Settings[], rounds: number) => {
    const measured = await sweep(live.sandbox, { objective, points: [good, ...kinds], rounds, windowMs: 250, seed });
    return kinds.map((settings, index) => ({ settings, gain: gainOver(measured, index + 1) }));
  };
  const losses = [...(await lossesOf(severe, 12)), ...(await lossesOf(mild, 40))];
  for (const { settings, gain } of losses) {
    progress(
      `${JSON.stringify(settings)}: ${(100 * gain.estimate).toFixed(1)} % (${(100 * gain.low).toFixed(1)} … ${(100 * gain.high).toFixed(1)})`,
    );
  }
  const harmful = losses.filter(({ gain }) => gain.high < -smallestHarm);
  const planned = planOf(harmful, count);
  const tuner = tune(live.sandbox, {
    mode: 'auto',
    maximize: 'goodput',
    sloMs,
    // No guardrail on the latency: it could revert what engine and breakers are here to see.
    subjectTo: ['errors < 0.1%'],
    stateDir: ':memory:',
    seed,
    // Time enough for the mildest on a noisy machine; what plainly hurts takes two pairs.
    expert: { windowMs: 160, baselineWindows: 12 },
  });
  // All are proposed at once, because the tuner makes no proposals of its own while a user's wait.
  const decisions = await Promise.all(
    planned.map(async (kind, index) => {
      const decided = await tuner.propose(kind.settings, 'acceptance: expected to hurt');
      if (decided.decision === 'not-decided') throw new Error(`proposal ${index + 1}: ${decided.reason}`);
      progress(
        `${index + 1}: ${JSON.stringify(kind.settings)} ${decided.decision} (${decided.trigger}) after ${Math.round(decided.afterMs)} ms, ${decided.callsAffected} calls`,
      );
      return { candidate: kind.settings, loss: kind.gain.estimate, ...decided };
    }),
  );
  await tuner.stop();
  return {
    rows: [...rowsOf(harmful, decisions), exactly('wrong results', live.wrongCount(), 0)],
    runs: [...losses, ...decisions],
  };
}

/** One proposal of all kinds in turn, then two of the mildest in turn, and again. */
export function planOf(harmful: readonly HarmfulKind[], count: number): readonly HarmfulKind[] {
  const gentle = [...harmful].sort((a, b) => b.gain.estimate - a.gain.estimate).slice(0, mildest);
  return Array.from({ length: count }, (_, index) => {
    const cycle = Math.floor(index / 3);
    const kind =
      index % 3 === 0
        ? harmful[cycle % harmful.length]
        : gentle[(2 * cycle + (index % 3) - 1) % Math.max(1, gentle.length)];
    if (!kind) throw new Error('no kind of candidate hurts here');
    return kind;
  });
}

function rowsOf(
  harmful: readonly HarmfulKind[],
  decisions: readonly { readonly decision: string; readonly trigger: Trigger; readonly afterMs: number }[],
): Row[] {
  const count = decisions.length;
  const reverted = decisions.filter((one) => one.decision === 'revert');
  const by = (isIt: (trigger: Trigger) => boolean) => reverted.filter((one) => isIt(one.trigger)).length;
  const moderate = harmful.filter(({ gain }) => gain.estimate >= -0.4).length;
  return [
    atLeast('kinds of candidate proven to cost more than 6 %', harmful.length, 5),
    atLeast('of these at most 40 %', moderate, 2),
    exactly('reverted by engine or breaker', by(isByEngineOrBreaker), count),
    atLeast('of these by the engine (worse)', by(isByEngine), Math.max(1, Math.floor(engineShare * count))),
    withoutLimit('of these by a breaker', by(isByBreaker)),
    withoutLimit(
      'ended otherwise',
      decisions.filter((one) => one.decision !== 'revert' || !isByEngineOrBreaker(one.trigger)).length,
    ),
    exactly('committed', decisions.filter((one) => one.decision === 'commit').length, 0),
    withoutLimit('median time to revert, ms', median(decisions.map((one) => one.afterMs))),
  ];
}
