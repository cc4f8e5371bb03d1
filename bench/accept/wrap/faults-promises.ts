/** That each call settles once, whatever befalls it, its worker and its executor. */
import { faultedPool, faultedSandbox } from './faulted.ts';
import { playFaults, type Subject } from './random-faults.ts';
import type { Promised, Stage } from './stage.ts';

const steps = 150;
/** Calls of a round at least: a step in two makes some. */
const callsARound = 100;

export const faultsPromises: readonly Promised[] = [
  {
    says: 'calls of a pool settle once each and the books balance, whatever befalls calls, workers and the wrap',
    of: 'each copy',
    firesARound: callsARound,
    async play(stage) {
      await using subject = faultedPool(stage.copy, stage.random);
      await played(stage, subject);
    },
  },
  {
    says: 'calls of a sandbox settle once each and the books balance, whatever befalls calls, workers and the sandbox',
    of: 'no copy',
    firesARound: callsARound,
    async play(stage) {
      await using subject = await faultedSandbox(stage.random);
      await played(stage, subject);
    },
  },
];

async function played(stage: Stage, subject: Subject): Promise<void> {
  const { calls, wrong } = await playFaults(subject, stage.random, steps);
  stage.fires(calls);
  stage.wrong.push(...wrong);
}
