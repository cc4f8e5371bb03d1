/** `tune()`: checks what it is given, opens the session, and lets it run (shell/). */
import type { Executor } from '../src/contracts.ts';
import { quoted } from '../src/foundation/options.ts';
import { checkExecutor } from './check-executor.ts';
import { claim } from './claims.ts';
import { completeSettings, configuredSettings } from './entries/settings.ts';
import { resolveTuneOptions, type TuneOptions } from './options.ts';
import { withSameKnobs } from './same-knobs.ts';
import { RunningTuner } from './shell/running-tuner.ts';
import { Starter } from './shell/start.ts';
import { warn, warnOnce } from './shell/warn.ts';
import type { Tuner } from './tuner.ts';
import { turnsWithin } from './turns.ts';
import { checkOffered } from './withheld.ts';

export type { StopOptions, Tuner } from './tuner.ts';

/**
 * Tunes `executor`. By default the tuner only observes and touches no knob. In the modes confirm and auto
 * it owns the knobs until it stops, and puts back a value that is set by hand meanwhile (pin one with
 * `fixed` instead). With a ledger that cannot be used it only observes; while another process tunes from this
 * folder it observes, and in mode auto follows the anchor of that one.
 * @throws {SandtuneError} ERR_SANDTUNE_OPTION, ERR_SANDTUNE_GOAL, ERR_SANDTUNE_TARGET, ERR_SANDTUNE_KNOB;
 *   ERR_SANDTUNE_TUNED while a tuner that has not stopped, or a sweep, has the executor, or the pool or a
 *   knob of it
 */
export function tune(executor: Executor, options: TuneOptions = {}): Tuner {
  const resolved = resolveTuneOptions(options);
  if (resolved.ceiling.misread !== null) warnOnce('SANDTUNE_MODE', resolved.ceiling.misread);
  checkExecutor(executor);
  const tuned = withSameKnobs(executor);
  checkOffered(tuned, resolved.options.fixed);
  completeSettings(tuned.knobs, configuredSettings(tuned.knobs), resolved.options.fixed);
  const { clock, timers, cpus } = resolved.surroundings;
  const { mode, stateDir } = resolved.options;
  const claimed = claim(executor, {
    caller: 'tune()',
    what: `a tuner in mode '${mode}'`,
    until: 'its stop()',
    stateDir,
  });
  try {
    const starter = new Starter(tuned, resolved);
    const turns = turnsWithin(resolved.turns, clock);
    const tuner = new RunningTuner({ executor: tuned, clock, timers, cpus, turns, claim: claimed, starter });
    claimed.heldBy(tuner);
    if (claimed.hasNamesake) tellOfNamesake(tuner, executor.name);
    return tuner;
  } catch (error) {
    claimed.release();
    throw error;
  }
}

function tellOfNamesake(tuner: Tuner, name: string): void {
  const text = `another executor called ${quoted(name)} is tuned from the same folder: the two share history, lease, off switch and what is kept, so each should have a name of its own`;
  warn('SANDTUNE_NAME', text);
  tuner.remark({ kind: 'note', code: 'shared-name', title: 'shared name', text });
}
