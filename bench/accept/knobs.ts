/**
 * Knobs, windows, executors and listeners that misbehave, on three kinds of executor: the other knobs
 * must be back on their anchor, `stop()` must end, and reject exactly where a knob is not.
 */
import { misbehaviours } from './knobs/misbehaviours.ts';
import { stages } from './knobs/stages.ts';
import { type TriedOut, tryOut } from './knobs/try-out.ts';
import type { PartOptions } from './results.ts';
import { atLeast, atMost, exactly, type Row } from './rows.ts';

const kinds = Object.keys(stages) as (keyof typeof stages)[];
/** Misbehaviours that are asked for at least. */
const fewest = 40;
/** stop(), with limits that pass in a tenth of their time. */
const longestStopMs = 4000;

export const knobs = {
  fullCount: misbehaviours().length,
  async run({ count, progress }: PartOptions) {
    const tried: TriedOut[] = [];
    for (const index of misbehaviours().keys()) {
      if (index >= count) break;
      for (const kind of kinds) tried.push(await tryOut(kind, nth(index), { guarded: true }));
      for (const { executor, misbehaviour, fired, wrong, stopMs } of tried.slice(-kinds.length)) {
        const came = wrong.length === 0 ? 'as expected' : `WRONG: ${wrong.join('; ')}`;
        progress(`${misbehaviour} (${executor}): fired ${fired}, stop() took ${Math.round(stopMs)} ms, ${came}`);
      }
    }
    const unguarded: TriedOut[] = [];
    for (const [index, { hangs }] of misbehaviours().entries())
      if (hangs && index < count) unguarded.push(await tryOut('function', nth(index), { guarded: false }));
    return { rows: rowsOf(tried, unguarded, count), runs: [...tried, ...unguarded] };
  },
};

/** Made anew for each try, because some of them remember what was asked of them. */
function nth(index: number) {
  const one = misbehaviours()[index];
  if (!one) throw new Error(`expected a misbehaviour ${index}, there is none`);
  return one;
}

function rowsOf(tried: readonly TriedOut[], unguarded: readonly TriedOut[], count: number): readonly Row[] {
  const wrong = (tries: readonly TriedOut[]) => tries.filter((one) => one.wrong.length > 0).length;
  return [
    atLeast('misbehaviours', tried.length / kinds.length, Math.min(count, fewest)),
    exactly(
      'tries on three executors in which it happened',
      tried.filter(({ fired }) => fired > 0).length,
      tried.length,
    ),
    exactly('tries that ended wrong', wrong(tried), 0),
    atMost(
      'longest stop(), limits in a tenth of their time, ms',
      Math.max(...tried.map((one) => one.stopMs)),
      longestStopMs,
    ),
    atLeast('without limits of time: tries that ended wrong', wrong(unguarded), Math.ceil(unguarded.length / 2)),
  ];
}
