/**
 * Finds the ports in a value before Node clones it. One that is open is refused by Node itself, for nobody lists it to
 * be transferred; to clone one that was closed ends the whole process (Node 20 to 26: a segmentation fault).
 *
 * What getters give is asked for here, and once more by Node, which clones what it gets then: a port that is given the
 * second time only is not seen, nor is one whose prototype was taken away, which looks like any other object.
 */

import { inspect, types } from 'node:util';
import { MessagePort } from 'node:worker_threads';

/** So many objects are looked into before it is kept which ones have been: those of most values are few, and make no circle. */
const fewObjects = 256;
/** V8 keeps no longer array with a place for each item: what is longer is mostly holes. */
const mostDense = 2 ** 25;
/** Of so many items it is cheaper to list all their keys than to let `inspect` look. */
const fewItems = 1000;
const onlyNames = { maxArrayLength: 0, depth: 0, customInspect: false } as const;

/**
 * O(values in it). A proxy is refused by Node.
 * @throws {DataCloneError} where there is a port in it
 * @throws what a getter in it throws
 */
export function refusePorts(value: object): void {
  const found: object[] = [value];
  let count = 0;
  let seen: Set<object> | null = null;
  for (let one = found.pop(); one !== undefined; one = found.pop()) {
    if (ArrayBuffer.isView(one) || types.isProxy(one)) continue;
    if (++count > fewObjects) {
      seen ??= new Set();
      if (seen.has(one)) continue;
      seen.add(one);
    }
    if (Array.isArray(one)) pushItems(found, one);
    else if (isOrdinary(one)) pushProperties(found, one);
    else pushParts(found, one);
  }
}

function isOrdinary(object: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(object);
  return prototype === Object.prototype || prototype === null;
}

function pushItems(found: object[], items: readonly unknown[]): void {
  const { length } = items;
  if (length > mostDense || !hasOnlyItems(items)) return pushProperties(found, items);
  for (let i = 0; i < length; i++) push(found, items[i]);
}

/** Whether it has no properties beside its items, which would be cloned too. May say no where it has none: where its end is a hole. */
function hasOnlyItems(items: readonly unknown[]): boolean {
  const { length } = items;
  // The platform lists names alone nowhere else; the keys of 100,000 numbers take as long as their clone.
  if (length > fewItems && inspect(items, onlyNames) === `[ ... ${length} more items ]`) return true;
  // Names come after all items.
  const last = Object.keys(items).at(-1);
  return last === undefined || last === String(length - 1);
}

function pushProperties(found: object[], object: object): void {
  for (const key of Object.keys(object)) push(found, (object as Record<string, unknown>)[key]);
}

/** What cloning keeps of an object: its own properties that are listed, entries, and what caused an error. */
function pushParts(found: object[], object: object): void {
  if (object instanceof MessagePort)
    throw new DOMException('expected values without a MessagePort, which nobody transfers, got one', 'DataCloneError');
  if (types.isMap(object)) {
    Map.prototype.forEach.call(object, (value, key) => {
      push(found, key);
      push(found, value);
    });
  } else if (types.isSet(object)) Set.prototype.forEach.call(object, (value) => push(found, value));
  else if (types.isNativeError(object)) push(found, Object.getOwnPropertyDescriptor(object, 'cause')?.value);
  else if (!types.isAnyArrayBuffer(object)) pushProperties(found, object);
}

function push(found: object[], value: unknown): void {
  if (typeof value === 'object' && value !== null) found.push(value);
}
