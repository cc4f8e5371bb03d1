/** `kill -9` inside a trial, at a random moment; the next start must stand on the anchor. */
import { killInsideTrial } from '../../examples/demo/crash/kill-inside-trial.ts';
import { randomStream } from '../../src/foundation/random.ts';
import type { PartOptions } from './main.ts';

/** Longest time from the trial's first record, or its first window, to the kill; a decision mostly takes longer. */
const longestDelayMs = 700;
/** Every third kill comes while the arms are still being warmed. */
const early = 3;

export const crash = {
  fullCount: 100,
  async run({ count, seed, progress }: PartOptions) {
    const random = randomStream(seed, 'crash');
    const runs = [];
    let inside = 0;
    let onAnchor = 0;
    // A kill that came after the decision proves nothing here and is drawn again, within reason.
    for (let attempt = 0; inside < count && attempt < 2 * count; attempt++) {
      const moment = {
        after: attempt % early === 0 ? 'record' : 'window',
        delayMs: random() * longestDelayMs,
      } as const;
      const result = await killInsideTrial(seed + attempt, moment);
      runs.push({ ...moment, ...result });
      if (!result.killedInTrial) continue;
      inside++;
      if (result.onAnchor) onAnchor++;
      if (inside % 10 === 0) progress(`${inside} of ${count} killed inside a trial, ${onAnchor} on the anchor`);
    }
    const measured = runs.filter((run) => run.killedInTrial && run.lastArm !== null).length;
    const onCandidate = runs.filter((run) => run.killedInTrial && run.lastArm === 'candidate').length;
    return {
      rows: [
        { name: 'kills inside a trial', value: inside, limit: `= ${count}`, passed: inside === count },
        { name: 'next start on the anchor', value: onAnchor, limit: `= ${count}`, passed: onAnchor === count },
        {
          name: 'of these with windows measured',
          value: measured,
          limit: `≥ ${Math.floor(count / 2)}`,
          passed: measured >= Math.floor(count / 2),
        },
        {
          name: 'of these right after a candidate window',
          value: onCandidate,
          limit: `≥ ${Math.floor(count / 10)}`,
          passed: onCandidate >= Math.floor(count / 10),
        },
      ],
      runs,
    };
  },
};
