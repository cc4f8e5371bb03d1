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
 * Tunes `executor`. By default the tuner only observes and touches no knob. In the modes confirm and auto
 * it owns the knobs until it stops, and puts back a value that is set by hand meanwhile (pin one with
 * `fixed` instead). With a ledger that cannot be used it only observes.
 * @throws {SandtuneError} ERR_SANDTUNE_OPTION, ERR_SANDTUNE_GOAL, ERR_SANDTUNE_KNOB
 */
export function tune(executor: Executor, options: TuneOptions = {}): Tuner {
  const resolved = resolveTuneOptions(options);
  checkKnobs(executor.knobs);
  completeSettings(executor.knobs, effectiveSettings(executor.knobs), resolved.options.fixed);
  const { clock, timers } = resolved.surroundings;
  return new RunningTuner({ executor, clock, timers, ...start(executor, resolved) });
}
