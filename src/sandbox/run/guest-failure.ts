/** What becomes of what a guest or its binding threw, where it ran. */
import { isBindingFault, MissingFunction, MissingImport } from './binding-fault.ts';
import type { Instance } from './instance.ts';
import type { Failure, WorkerGuest } from './protocol.ts';
import { wasRefusedMemory } from './refused-growth.ts';
import { describeThrown, isDenied } from './thrown.ts';

/**
 * Never throws, whatever a guest or a binding threw. Asked before the instance is destroyed.
 * @param instance that it ran in; undefined where it was not brought up
 * @param beganMs when the call began
 */
export function guestFailure(
  index: number,
  stage: Failure['stage'],
  guest: Pick<WorkerGuest, 'movedBytes' | 'cappedMemories'> | undefined,
  instance: Instance | undefined,
  value: unknown,
  beganMs: number,
): Failure {
  const isFault = isBindingFault(value);
  const what = isFault ? value.thrown : { value };
  const thrown = what && describeThrown(what.value, guest?.movedBytes, instance?.exports);
  const refused =
    (isFault && value instanceof MissingImport) ||
    (thrown !== undefined && isDenied(thrown)) ||
    (stage === 'execute' && instance !== undefined && wasRefusedMemory(instance, guest?.cappedMemories ?? [], beganMs));
  const isMissing = isFault && value instanceof MissingFunction;
  return { index, stage, fault: isFault ? value.message : undefined, isMissing, thrown, refused };
}
