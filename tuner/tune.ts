/** `tune()`: checks what it is given, opens the session, and lets it run (shell/). */
import type { Executor } from '../src/contracts.ts';
import { checkExecutor } from './check-executor.ts';
import { claim } from './claims.ts';
import { completeSettings, configuredSettings } from './entries/settings.ts';
import { resolveTuneOptions, type TuneOptions } from './options.ts';
import { RunningTuner } from './shell/running-tuner.ts';
import { start } from './shell/start.ts';
import { warn } from './shell/warn.ts';
import type { Tuner } from './tuner.ts';

export type { Tuner } from './tuner.ts';

/**
 * Tunes `executor`. By default the tuner only observes and touches no knob. In the modes confirm and auto
 * it owns the knobs until it stops, and puts back a value that is set by hand meanwhile (pin one with
 * `fixed` instead). With a ledger that cannot be used it only observes.
 * @throws {SandtuneError} ERR_SANDTUNE_OPTION, ERR_SANDTUNE_GOAL, ERR_SANDTUNE_TARGET, ERR_SANDTUNE_KNOB; ERR_SANDTUNE_TUNED while
 *   another tuner that has not stopped has the executor, or a pool or a knob of it
 */
export function tune(executor: Executor, options: TuneOptions = {}): Tuner {
  const resolved = resolveTuneOptions(options);
  tellOnce(resolved.ceiling.misread);
  checkExecutor(executor);
  completeSettings(executor.knobs, configuredSettings(executor.knobs), resolved.options.fixed);
  const { clock, timers } = resolved.surroundings;
  const { heldBy, release } = claim(executor, `mode '${resolved.options.mode}'`);
  try {
    const tuner = new RunningTuner({ executor, clock, timers, release, ...start(executor, resolved) });
    heldBy(tuner);
    return tuner;
  } catch (error) {
    release();
    throw error;
  }
}

const told = new Set<string>();

/** A program may have many tuners, and one variable. */
function tellOnce(misread: string | null): void {
  if (misread === null || told.has(misread)) return;
  told.add(misread);
  warn('SANDTUNE_MODE', misread);
}
