/**
 * Runs that start on the best setting of a transport, each in turn, where nothing better can be found. They have the demo's margin of
 * 6 %, because at the default of 2 % nothing can be proven in a minute. A run without a trial would test
 * nothing, so a tuner that finds nothing worth a trial is given a proposal that saves and should make no
 * difference. Every commit is measured again in 60 interleaved pairs: one whose upper 95 % bound is
 * below −1 % was a mistake.
 */

import type { Settings } from '../../src/contracts.ts';
import { systemTimers } from '../../src/foundation/clock.ts';
import { sweep } from '../../tuner/index.ts';
import { mean, sampleDeviation } from '../../tuner/trial/statistics.ts';
import { tune } from '../../tuner/tune.ts';
import { goLive, type LiveTransport, liveTransports, objective, sloMs } from './live.ts';
import type { PartOptions } from './results.ts';
import { type Row, withoutLimit } from './rows.ts';

const checkPairs = 60;
const worstAllowed = -0.01;
/** Time each run may look for something. */
const searchMs = 50_000;

export const nothing = {
  fullCount: 12,
  async run({ count, seed, progress }: PartOptions) {
    const found = new Map<LiveTransport, Settings>();
    const runs = [];
    for (let index = 0; index < count; index++) {
      const transport = liveTransports[index % liveTransports.length] as LiveTransport;
      const best = found.get(transport) ?? (await bestPoint(transport, seed));
      if (!found.has(transport)) progress(`best point of ${transport} here: ${JSON.stringify(best)}`);
      found.set(transport, best);
      const run = await oneRun(transport, best, seed + index);
      runs.push(run);
      progress(
        `run ${index + 1}, ${transport}: ${run.trials} trials, ${run.commits.length} commits ${JSON.stringify(run.commits.map((one) => ({ to: one.to, high: one.high })))}`,
      );
    }
    return { rows: nullRows(runs, count), runs: [Object.fromEntries(found), ...runs] };
  },
};

interface NullRun {
  readonly trials: number;
  readonly commits: readonly { readonly high: number }[];
}

/** A run without a trial fails; commits are judged only where there are any. */
export function nullRows(runs: readonly NullRun[], count: number): Row[] {
  const commits = runs.flatMap((run) => run.commits);
  const mistakes = commits.filter((one) => one.high < worstAllowed).length;
  const idle = runs.filter((run) => run.trials === 0).length;
  return [
    { name: 'runs', value: runs.length, limit: `= ${count}`, passed: runs.length === count },
    { name: 'runs that sealed no trial', value: idle, limit: '= 0', passed: idle === 0 },
    withoutLimit(
      'trials',
      runs.reduce((sum, run) => sum + run.trials, 0),
    ),
    withoutLimit('commits', commits.length),
    {
      name: 'commits with upper 95 % bound below −0.01',
      value: mistakes,
      limit: '= 0',
      passed: commits.length === 0 ? null : mistakes === 0,
    },
  ];
}

/** The best point of a grid: the four best of one pass are measured again, interleaved. */
async function bestPoint(transport: LiveTransport, seed: number): Promise<Settings> {
  await using live = await goLive(seed, transport);
  const points = [1, 2, 3, 4].flatMap((threads) =>
    [16, 32, 64, 128].map((calls): Settings => ({ threads, [transport === 'ring' ? 'depth' : 'batchSize']: calls })),
  );
  const first = await sweep(live.sandbox, { objective, points, windowMs: 300, seed });
  const top = [...first.points].sort((a, b) => b.metric.estimate - a.metric.estimate).slice(0, 4);
  const again = await sweep(live.sandbox, {
    objective,
    points: top.map((point) => point.settings),
    rounds: 10,
    windowMs: 300,
    seed,
  });
  return again.points.reduce((best, point) => (point.metric.estimate > best.metric.estimate ? point : best)).settings;
}

async function oneRun(transport: LiveTransport, best: Settings, seed: number) {
  await using live = await goLive(seed, transport, best);
  const tuner = tune(live.sandbox, {
    mode: 'auto',
    maximize: 'goodput',
    revertAt: -0.06,
    maxDurationMs: 40_000,
    sloMs,
    subjectTo: [`p99 < ${sloMs}ms`, 'errors < 0.1%'],
    stateDir: ':memory:',
    seed,
    expert: { windowMs: 160, baselineWindows: 12, holdBackFraction: 0.5 },
  });
  await within(searchMs, tuner.settled());
  if (!tuner.history.trials.some((trial) => trial.purpose === 'candidate'))
    await within(searchMs, tuner.propose(saving(best), 'acceptance: should make no difference'));
  await tuner.stop();
  const changes = tuner.history.trials.filter((trial) => trial.purpose === 'candidate');
  const commits = [];
  for (const { baseline: from, candidate: to, decision } of changes) {
    if (decision?.decision !== 'commit') continue;
    commits.push({ trigger: decision.trigger, from, to, ...(await checked(live.sandbox, from, to, seed)) });
  }
  return { trials: changes.length, commits };
}

/** Fewer instances kept: there are only 16 guests. */
function saving({ moduleCacheCapacity }: Settings): Settings {
  return { moduleCacheCapacity: Math.ceil(0.7 * Number(moduleCacheCapacity)) };
}

/** Waits until `done` is settled, however that ends, but no longer than `ms`. */
async function within(ms: number, done: Promise<unknown>): Promise<void> {
  const over = new AbortController();
  const settled = done.then(
    () => undefined,
    () => undefined,
  );
  try {
    await Promise.race([settled, systemTimers.sleep(ms, { signal: over.signal }).catch(() => undefined)]);
  } finally {
    over.abort();
  }
}

/** Mean and 95 % bounds of the log ratio over interleaved pairs, computed without the engine that is being checked. */
async function checked(sandbox: Parameters<typeof sweep>[0], from: Settings, to: Settings, seed: number) {
  const { logRatios } = await sweep(sandbox, {
    objective,
    points: [from, to],
    rounds: checkPairs,
    windowMs: 200,
    seed: seed + 1000,
  });
  const d = logRatios.map((round) => round[1] ?? Number.NaN);
  const center = mean(d);
  const half = (2 * sampleDeviation(d)) / Math.sqrt(d.length);
  return {
    estimate: Math.expm1(center),
    low: Math.expm1(center - half),
    high: Math.expm1(center + half),
    pairs: d.length,
  };
}
