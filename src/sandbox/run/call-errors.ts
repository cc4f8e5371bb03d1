/** The errors a call can end in, each with its outcome and the stage it had reached. */
import type { Stage } from '../../contracts.ts';
import { wrongArguments } from '../../foundation/call-errors.ts';
import { messageOf, refusal, SandtuneError } from '../../foundation/errors.ts';
import { quoted } from '../../foundation/options.ts';
import type { Failure } from './protocol.ts';
import { reviveThrown } from './revive-thrown.ts';
import { shortened } from './thrown.ts';

/** What a guest, its binding or its imports threw, as the cause. */
export function failureError(name: string, { stage, fault, isMissing, thrown }: Failure): SandtuneError {
  const cause = thrown && reviveThrown(thrown);
  if (fault !== undefined && isMissing) return refusal('ERR_SANDTUNE_BINDING', `${name}: ${fault}`);
  if (fault !== undefined) {
    return new SandtuneError('ERR_SANDTUNE_BINDING', `${name}: ${fault}`, { outcome: 'trap', stage, cause });
  }
  const message = messageOfThrown(cause);
  if (stage === 'return') {
    const text = `${name}: expected a result that can be cloned, got one that cannot: ${message}`;
    return new SandtuneError('ERR_SANDTUNE_BINDING', text, { outcome: 'trap', stage, cause });
  }
  return new SandtuneError('ERR_SANDTUNE_TRAP', `${name}: ${message}`, { outcome: 'trap', stage, cause });
}

/** Why a guest could not be brought up before the sandbox takes calls. */
export function startError(
  { name, binding }: { readonly name: string; readonly binding: unknown },
  failure: Failure,
): SandtuneError {
  const { fault, thrown, stage } = failure;
  const cause = thrown && reviveThrown(thrown);
  if (fault === undefined) {
    const text = `${name}: expected its module to be instantiated, but that threw ${messageOfThrown(cause)}`;
    return new SandtuneError('ERR_SANDTUNE_TRAP', text, { outcome: 'trap', stage, cause });
  }
  if (binding !== undefined) return failureError(name, failure);
  // Without a binding nothing but its own start function can have kept it; where that does not end, nothing is thrown.
  return thrown
    ? new SandtuneError('ERR_SANDTUNE_WORKER_LOST', `${name}: ${fault}`, { outcome: 'lost', stage, cause })
    : new SandtuneError('ERR_SANDTUNE_DEADLINE', `${name}: ${fault}`, { outcome: 'timeout', stage });
}

function messageOfThrown(cause: unknown): string {
  if (cause instanceof Error) return shortened(cause.message);
  return typeof cause === 'object' && cause !== null ? quoted(cause) : shortened(messageOf(cause));
}

/** The worker of the call ended before it had answered. */
export function lostError(name: string, stage: Stage, cause: unknown): SandtuneError {
  const message = `${name}: expected its worker to stay, but it ended`;
  return new SandtuneError('ERR_SANDTUNE_WORKER_LOST', message, { outcome: 'lost', stage, cause });
}

/** Why a worker is gone that nobody ended but its own code. */
export function exitError(exitCode: number, cause: unknown): Error {
  return Object.assign(new Error(`its thread ended with exit code ${exitCode}`, { cause }), { exitCode });
}

/** The call still waited when starting workers was given up. */
export function noWorkerError(name: string, cause: unknown): SandtuneError {
  const message = `${name}: expected a worker to run on, but none could be started`;
  return new SandtuneError('ERR_SANDTUNE_WORKER_LOST', message, { outcome: 'lost', stage: 'queue', cause });
}

export function unclonable(name: string, cause: unknown): SandtuneError {
  return wrongArguments(`${name}: expected arguments that can be cloned, got ${shortened(messageOf(cause))}`, cause);
}
