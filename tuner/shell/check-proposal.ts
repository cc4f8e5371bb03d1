/** The checks of a setting that somebody proposes for a trial. */
import type { Executor, Settings } from '../../src/contracts.ts';
import { SandtuneError } from '../../src/foundation/errors.ts';
import { withoutEffect } from '../entries/acting.ts';
import { changesText, completeSettings } from '../entries/settings.ts';
import { needsRestart } from '../predict/context.ts';
import { checkOffered } from '../withheld.ts';

/**
 * @throws {SandtuneError} ERR_SANDTUNE_KNOB for a knob that is unknown, withheld or fixed, for a value outside its
 *   domain or that takes a restart, and where a knob would move that has no effect there
 */
export function checkProposal(executor: Executor, current: Settings, settings: Settings, fixed: Settings): void {
  const { knobs } = executor;
  checkOffered(executor, settings);
  const complete = completeSettings(knobs, current, settings, fixed);
  const idle = withoutEffect(knobs, current, complete);
  if (idle !== null) throw new SandtuneError('ERR_SANDTUNE_KNOB', `propose(): ${idle}`);
  if (!needsRestart({ knobs, current }, complete)) return;
  const moved = changesText(current, complete);
  throw new SandtuneError(
    'ERR_SANDTUNE_KNOB',
    `propose(): expected what can be tried, got ${moved}, which takes a restart`,
  );
}
