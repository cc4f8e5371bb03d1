/**
 * An executor whose knobs are always the same objects, whatever its `knobs` makes each time it is asked:
 * what is known of a knob, and what it has not answered yet, is kept by the knob.
 */
import type { Executor } from '../src/contracts.ts';
import { wasMadeLike } from '../src/executor/made-at.ts';
import { recorderOf } from '../src/measure/recorder.ts';
import { withheldOf } from './withheld.ts';

export function withSameKnobs(executor: Executor): Executor {
  const { name, load, knobs } = executor;
  const same: Executor = {
    name,
    load,
    knobs: [...knobs],
    withheld: withheldOf(executor),
    run: (input, call) => executor.run(input, call),
    openWindow: () => executor.openWindow(),
    close: () => executor.close(),
  };
  recorderOf(executor)?.belongsTo(same);
  wasMadeLike(same, executor);
  return same;
}
