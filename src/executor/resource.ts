/**
 * What an executor stands on. Two executors may move one and the same thing: two wraps of one pool do.
 * Whoever must not have it twice asks here, and not the executor.
 */
import { processWide } from '../foundation/process-wide.ts';

const resources = processWide('executor-resources', () => new WeakMap<object, object>());
const stoodOn = processWide('resources-stood-on', () => new WeakSet<object>());

/** `executor` moves `resource`, which others may stand on as well. */
export function standsOn(executor: object, resource: object): void {
  resources.set(executor, resource);
  stoodOn.add(resource);
}

/** Some executor moves `resource`, and measures what it does. */
export function isStoodOn(resource: object): boolean {
  return stoodOn.has(resource);
}

/** The executor itself, where it said nothing else. */
export function resourceOf(executor: object): object {
  return resources.get(executor) ?? executor;
}
