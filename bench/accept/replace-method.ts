/** Takes something away from the product within a process of the acceptance: a method gives way to another. */

/** @param make gets the method as it was, to be called with a `this` */
export function replaceMethod<T extends object, K extends keyof T>(
  prototype: T,
  name: K,
  make: (before: T[K]) => T[K],
): void {
  prototype[name] = make(prototype[name]);
}
