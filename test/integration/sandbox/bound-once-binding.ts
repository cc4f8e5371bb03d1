/** A binding that binds the first instance of its thread, when the sandbox starts, and never ends with another. */

/** Outside of any module, because a module of a binding is evaluated anew for each instance. */
const thread = globalThis as { isBound?: boolean };

export function bind() {
  while (thread.isBound);
  thread.isBound = true;
  return { f: () => 1 };
}
