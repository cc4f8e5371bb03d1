/** Whole runs of the demo with different seeds: does it find what a swept grid finds? */

import type { DemoResult } from '../../examples/demo/result.ts';
import { median } from '../../tuner/trial/statistics.ts';
import { type DemoRun, runDemoProcess } from './demo-process.ts';
import { isByEngineOrBreaker } from './judged-by.ts';
import type { PartOptions } from './results.ts';
import { atMost, type Row, withoutLimit } from './rows.ts';

/** Share of the re-measured best grid point that counts as found. */
const goodFraction = 0.9;
const fullCount = 12;
/** Misses allowed in a full count; in a smaller one none is. */
const missesAllowed = 1;
const slowestAllowed = 150;

export const demo = {
  fullCount,
  async run({ count, seed, progress }: PartOptions) {
    const runs: DemoRun[] = [];
    for (let index = 0; index < count; index++) {
      const run = await runDemoProcess(['--seed', `${seed + index}`]);
      runs.push(run);
      progress(`seed ${seed + index}: ${outcomeText(run)} in ${Math.round(run.seconds)} s`);
    }
    return { rows: demoRows(runs), runs };
  },
};

/** A run without a result is a miss; what a result says must be right in every one of them. */
export function demoRows(runs: readonly DemoRun[]): Row[] {
  const count = runs.length;
  const needed = count - (count >= fullCount ? missesAllowed : 0);
  const results = runs.flatMap(({ result }) => (result ? [result] : []));
  const fractions = results.map((result) => result.fractionOfBest ?? 0);
  const found = fractions.filter((fraction) => fraction >= goodFraction).length;
  const slowest = Math.max(...runs.map((run) => run.seconds));
  const none = (name: string, isOne: (result: DemoResult) => boolean): Row => {
    const value = results.filter(isOne).length;
    return { name, value, limit: '= 0', passed: value === 0 };
  };
  return [
    {
      name: `runs with fractionOfBest ≥ ${goodFraction}`,
      value: found,
      limit: `≥ ${needed} of ${count}`,
      passed: found >= needed,
    },
    withoutLimit('runs that ended without a result', count - results.length),
    withoutLimit('lowest fractionOfBest', Math.min(...fractions)),
    withoutLimit('median gain over the start', median(results.map((result) => result.gain.estimate))),
    atMost('slowest run, seconds', slowest, slowestAllowed),
    none(
      'runs whose harm was not reverted by engine or breaker',
      ({ harm }) => harm?.decision !== 'revert' || !isByEngineOrBreaker(harm.trigger),
    ),
    none('runs whose kill -9 missed its trial', ({ crash }) => !crash.killedInTrial),
    none('runs whose next start was not on the anchor', ({ crash }) => !crash.onAnchor || !crash.noteNamesTrial),
    none('runs with wrong results, or with none checked', ({ digests }) => digests.wrong > 0 || digests.checked === 0),
    none('runs whose replay differs', ({ replayIdentical }) => !replayIdentical),
    none('runs with calls not settled', ({ calls }) => calls.inFlight !== 0),
  ];
}

function outcomeText({ result, exitCode, complaint }: DemoRun): string {
  if (!result) return `no result, exit ${exitCode}: ${complaint}`;
  const fraction = result.fractionOfBest?.toFixed(3) ?? 'an unknown share';
  return `${fraction} of the best grid point, ${JSON.stringify(result.chosen.settings)}${exitCode === 0 ? '' : `, exit ${exitCode}: ${complaint}`}`;
}
