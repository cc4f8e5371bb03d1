/**
 * Finds the ports in a value before Node clones it. One that is open is refused by Node itself, for nobody lists it to
 * be transferred; to clone one that was closed ends the whole process (Node 20 to 26: a segmentation fault).
 */

import { types } from 'node:util';
import { MessagePort } from 'node:worker_threads';

/** So many objects are looked into before it is kept which ones have been: those of most values are few, and make no circle. */
const fewObjects = 256;
/** V8 keeps no longer array with a place for each item: what is longer is mostly holes. */
const mostDense = 2 ** 25;

/**
 * O(values in it). Of an object what getters give is not looked at, so that they are asked once; a proxy is refused by Node.
 * @throws {DataCloneError} where there is a port in it
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
  if (items.length > mostDense) return pushProperties(found, items);
  for (let i = 0; i < items.length; i++) push(found, items[i]);
}

function pushProperties(found: object[], object: object): void {
  for (const key of Object.keys(object)) push(found, Object.getOwnPropertyDescriptor(object, key)?.value);
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
