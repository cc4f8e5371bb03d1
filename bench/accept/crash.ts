/**
 * `kill -9` inside a trial, at a random moment; the next start must stand on the anchor. The anchor
 * was committed by an earlier process, so a start that remembers nothing stands elsewhere. The control
 * shows that this would be seen: it does the same with the ledger deleted between the starts.
 */
import { commitOnce } from '../../examples/demo/crash/committed-folder.ts';
import { type CrashResult, killInsideTrial } from '../../examples/demo/crash/kill-inside-trial.ts';
import { type RandomSource, randomStream } from '../../src/foundation/random.ts';
import type { PartOptions } from './results.ts';
import { atLeast, exactly } from './rows.ts';

/** Longest time from the trial's first record on disk, or its first window, to the kill; a decision mostly takes longer. */
const longestDelayMs = 700;
/** Every third kill comes while the arms are still being warmed. */
const early = 3;
/** Kills after which the ledger is deleted. */
const withoutLedger = 3;

export const crash = {
  fullCount: 100,
  async run({ count, seed, progress }: PartOptions) {
    const random = randomStream(seed, 'crash');
    await using committed = await commitOnce(seed);
    progress(`committed before: ${JSON.stringify(committed.anchor)}`);
    // A kill that came after the decision proves nothing here and is done again, up to twice as many times as wanted.
    const killMany = async (wanted: number, ledgerLost: boolean) => {
      const runs: (CrashResult & ReturnType<typeof momentOf>)[] = [];
      const inside = () => runs.filter((run) => run.killedInTrial);
      for (let attempt = 0; inside().length < wanted && attempt < 2 * wanted; attempt++) {
        const moment = momentOf(attempt, random);
        runs.push({ ...moment, ...(await killInsideTrial(committed, seed + attempt, moment, { ledgerLost })) });
        if (attempt % 10 === 9)
          progress(`${inside().length} of ${wanted} killed inside a trial, ${onAnchor(inside())} on the anchor`);
      }
      return { runs, inside: inside() };
    };
    const { runs, inside } = await killMany(count, false);
    const control = await killMany(Math.min(count, withoutLedger), true);
    const measured = inside.filter((run) => run.lastArm !== null);
    const half = Math.floor(count / 2);
    const tenth = Math.floor(count / 10);
    return {
      rows: [
        exactly('kills inside a trial', inside.length, count),
        exactly('next start on the committed anchor', onAnchor(inside), count),
        exactly(
          'next start names the trial that was cut off',
          inside.filter((run) => run.noteNamesTrial).length,
          count,
        ),
        atLeast('of these with windows measured', measured.length, half),
        atLeast(
          'of these right after a candidate window',
          measured.filter((run) => run.lastArm === 'candidate').length,
          tenth,
        ),
        exactly(
          'kills with the ledger deleted before the next start',
          control.inside.length,
          Math.min(count, withoutLedger),
        ),
        exactly('of these on the committed anchor (the same test must fail)', onAnchor(control.inside), 0),
      ],
      runs: [...runs, ...control.runs.map((run) => ({ ...run, ledgerLost: true }))],
    };
  },
};

function momentOf(attempt: number, random: RandomSource) {
  return { after: attempt % early === 0 ? 'record' : 'window', delayMs: random() * longestDelayMs } as const;
}

function onAnchor(runs: readonly CrashResult[]): number {
  return runs.filter((run) => run.onAnchor).length;
}
