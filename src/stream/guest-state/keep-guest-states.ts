/** The states of a sandbox's guests as a run keeps them in its checkpoints. */
import { isSandtuneError } from '../../foundation/errors.ts';
import { expected, reading } from '../../foundation/options.ts';
import type { Sandbox } from '../../sandbox/sandbox.ts';
import { CheckpointError } from '../checkpoint/checkpoint-error.ts';
import type { GuestStateKeeper } from '../contracts.ts';

/**
 * Of all guests with the option `state`; of a sandbox that has none the states are none.
 * @param sandbox for one run of one job alone: whatever else calls its guests changes what they keep
 * @throws {SandtuneError} ERR_SANDTUNE_OPTION where it is no sandbox
 */
export function keepGuestStates(
  sandbox: Pick<Sandbox, 'guestStates' | 'restoreGuestStates' | 'statefulModules'>,
): GuestStateKeeper {
  const asked = 'what createSandbox() gives';
  const moduleHash = reading('sandbox', asked, sandbox, () => {
    if (typeof sandbox?.guestStates !== 'function' || typeof sandbox.restoreGuestStates !== 'function')
      throw expected('sandbox', asked, sandbox);
    return sandbox.statefulModules;
  });
  return {
    moduleHash,
    snapshot: () => sandbox.guestStates().catch(asCheckpointError),
    restore: (states) => sandbox.restoreGuestStates(states).catch(asCheckpointError),
  };
}

/** A state that was lost, or does not fit, is no matter of the disk: nothing is gained by trying it again. */
function asCheckpointError(error: unknown): never {
  if (!isSandtuneError(error) || error.code !== 'ERR_SANDTUNE_GUEST_STATE') throw error;
  throw new CheckpointError('unfit', error.message, error);
}
