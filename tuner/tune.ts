/** `tune()`: checks what it is given, opens the session, and lets it run (shell/). */
import type { Executor } from '../src/contracts.ts';
import { completeSettings } from './entries/settings.ts';
import { resolveTuneOptions, type TuneOptions } from './options.ts';
import { checkKnobs, effectiveSettings } from './shell/apply.ts';
import { RunningTuner } from './shell/running-tuner.ts';
import { start } from './shell/start.ts';
import type { Tuner } from './tuner.ts';

export type { Tuner } from './tuner.ts';

/**
 * Tunes `executor`. By default it only observes: the knobs stay whoever's they were. In the modes
 * confirm and auto they are the tuner's until it stops; a value set by hand meanwhile is put back
 * (pin it with `fixed` instead). A ledger that cannot be used is no failure: the tuner observes.
 * @throws {SandtuneError} ERR_SANDTUNE_OPTION, ERR_SANDTUNE_GOAL, ERR_SANDTUNE_KNOB
 */
export function tune(executor: Executor, options: TuneOptions = {}): Tuner {
  const resolved = resolveTuneOptions(options);
  checkKnobs(executor.knobs);
  completeSettings(executor.knobs, effectiveSettings(executor.knobs), resolved.options.fixed);
  const { clock, timers } = resolved.surroundings;
  return new RunningTuner({ executor, clock, timers, ...start(executor, resolved) });
}
