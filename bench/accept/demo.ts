/** Whole runs of the demo with different seeds: does it find what a swept grid finds? */
import { runDemoProcess } from './demo-process.ts';
import type { PartOptions } from './main.ts';

/** Share of the re-measured best grid point that counts as found, and how many runs must find it. */
const goodFraction = 0.9;
const missesAllowed = 1;

export const demo = {
  fullCount: 12,
  async run({ count, seed, progress }: PartOptions) {
    const runs = [];
    for (let index = 0; index < count; index++) {
      const { result, seconds } = await runDemoProcess(['--seed', `${seed + index}`]);
      runs.push({ seconds, ...result });
      progress(
        `seed ${seed + index}: ${result.fractionOfBest.toFixed(3)} of the best grid point in ${Math.round(seconds)} s, ${JSON.stringify(result.chosen.settings)}`,
      );
    }
    const found = runs.filter((run) => run.fractionOfBest >= goodFraction).length;
    const slowest = Math.max(...runs.map((run) => run.seconds));
    const unsettled = runs.filter((run) => run.calls.inFlight !== 0).length;
    const unlike = runs.filter((run) => !run.replayIdentical).length;
    return {
      rows: [
        {
          name: `runs with fractionOfBest ≥ ${goodFraction}`,
          value: found,
          limit: `≥ ${count - missesAllowed} of ${count}`,
          passed: found >= count - missesAllowed,
        },
        {
          name: 'lowest fractionOfBest',
          value: Math.min(...runs.map((run) => run.fractionOfBest)),
          limit: 'shown',
          passed: true,
        },
        {
          name: 'median gain over the start',
          value: median(runs.map((run) => run.gain.estimate)),
          limit: 'shown',
          passed: true,
        },
        { name: 'slowest run, seconds', value: slowest, limit: '≤ 150', passed: slowest <= 150 },
        { name: 'runs whose replay differs', value: unlike, limit: '= 0', passed: unlike === 0 },
        { name: 'runs with calls not settled', value: unsettled, limit: '= 0', passed: unsettled === 0 },
      ],
      runs,
    };
  },
};

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}
