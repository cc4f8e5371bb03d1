/**
 * Candidates that hurt, of several kinds, proposed one after another on live calls: each must be
 * taken back by the engine or a breaker, none may be committed. Which kinds hurt, and how much, is
 * measured first, interleaved with the start: a kind that costs less than 10 % here is left out.
 */
import type { Settings } from '../../src/contracts.ts';
import { gainOver, sweep } from '../../tuner/index.ts';
import { tune } from '../../tuner/tune.ts';
import { goLive, objective, sloMs } from './live.ts';
import type { PartOptions } from './main.ts';

const good: Settings = { threads: 2, batchSize: 64, batchLingerMs: 0, moduleCacheCapacity: 32 };

const kinds: readonly Settings[] = [
  { batchSize: 1 },
  { batchSize: 4 },
  { threads: 1 },
  { moduleCacheCapacity: 1 },
  { moduleCacheCapacity: 3 },
  { batchLingerMs: 20, batchSize: 1024 },
  { batchLingerMs: 100, batchSize: 512 },
  { batchSize: 1, threads: 1 },
  { batchSize: 2, moduleCacheCapacity: 2 },
  { threads: 1, batchLingerMs: 5, batchSize: 512 },
];

const smallestHarm = 0.1;

export const harm = {
  fullCount: 60,
  async run({ count, seed, progress }: PartOptions) {
    await using live = await goLive(seed, good);
    const measured = await sweep(live.sandbox, { objective, points: [good, ...kinds], rounds: 6, windowMs: 250, seed });
    const losses = kinds.map((settings, index) => ({ settings, gain: gainOver(measured, index + 1) }));
    const harmful = losses.filter(({ gain }) => gain.high < -smallestHarm);
    for (const { settings, gain } of losses) {
      progress(
        `${JSON.stringify(settings)}: ${(100 * gain.estimate).toFixed(1)} % (${(100 * gain.low).toFixed(1)} … ${(100 * gain.high).toFixed(1)})`,
      );
    }
    const tuner = tune(live.sandbox, {
      mode: 'auto',
      maximize: 'goodput',
      sloMs,
      subjectTo: [`p99 < ${sloMs}ms`, 'errors < 0.1%'],
      windowMs: 160,
      baselineWindows: 12,
      maxPairs: 120,
      stateDir: ':memory:',
      seed,
    });
    // All at once: while somebody's proposals wait, the tuner makes none of its own.
    const decisions = await Promise.all(
      Array.from({ length: count }, async (_, index) => {
        const kind = harmful[index % harmful.length];
        if (!kind) throw new Error('no kind of candidate hurts here');
        const decided = await tuner.propose(kind.settings, 'acceptance: expected to hurt');
        progress(
          `${index + 1}: ${JSON.stringify(kind.settings)} ${decided.decision} (${decided.trigger}) after ${Math.round(decided.afterMs)} ms, ${decided.callsAffected} calls`,
        );
        return { candidate: kind.settings, loss: kind.gain.estimate, ...decided };
      }),
    );
    await tuner.stop();
    const byEngineOrBreaker = decisions.filter((one) => one.decision === 'revert' && isProof(one.trigger)).length;
    const committed = decisions.filter((one) => one.decision === 'commit').length;
    const times = decisions.map((one) => one.afterMs).sort((a, b) => a - b);
    return {
      rows: [
        {
          name: 'kinds of candidate that cost more than 10 %',
          value: harmful.length,
          limit: '≥ 5',
          passed: harmful.length >= 5,
        },
        {
          name: 'reverted by engine or breaker',
          value: byEngineOrBreaker,
          limit: `= ${count}`,
          passed: byEngineOrBreaker === count,
        },
        { name: 'committed', value: committed, limit: '= 0', passed: committed === 0 },
        {
          name: 'median time to revert, ms',
          value: times[Math.floor(times.length / 2)] ?? Number.NaN,
          limit: 'shown',
          passed: true,
        },
        { name: 'wrong results', value: live.wrong().length, limit: '= 0', passed: live.wrong().length === 0 },
      ],
      runs: [...losses, ...decisions],
    };
  },
};

function isProof(trigger: string): boolean {
  return trigger === 'worse' || trigger === 'guardrail' || trigger.startsWith('breaker');
}
