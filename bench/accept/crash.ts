/** `kill -9` inside a trial, at a random moment; the next start must stand on the anchor. */
import { killInsideTrial } from '../../examples/demo/crash/kill-inside-trial.ts';
import { randomStream } from '../../src/foundation/random.ts';
import type { PartOptions } from './main.ts';

/** Longest time from the start of a trial to the kill; a decision takes longer. */
const longestDelayMs = 700;

export const crash = {
  fullCount: 100,
  async run({ count, seed, progress }: PartOptions) {
    const random = randomStream(seed, 'crash');
    const runs = [];
    let inside = 0;
    let onAnchor = 0;
    // A kill that came after the decision proves nothing here and is drawn again, within reason.
    for (let attempt = 0; inside < count && attempt < 2 * count; attempt++) {
      const delayMs = random() * longestDelayMs;
      const result = await killInsideTrial(seed + attempt, delayMs);
      runs.push({ delayMs, ...result });
      if (!result.killedInTrial) continue;
      inside++;
      if (result.onAnchor) onAnchor++;
      if (inside % 10 === 0) progress(`${inside} of ${count} killed inside a trial, ${onAnchor} on the anchor`);
    }
    const onCandidate = runs.filter((run) => run.killedInTrial && run.lastArm === 'candidate').length;
    return {
      rows: [
        { name: 'kills inside a trial', value: inside, limit: `= ${count}`, passed: inside === count },
        { name: 'next start on the anchor', value: onAnchor, limit: `= ${count}`, passed: onAnchor === count },
        { name: 'of these killed after a candidate window', value: onCandidate, limit: '> 0', passed: onCandidate > 0 },
      ],
      runs,
    };
  },
};
