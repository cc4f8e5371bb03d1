/**
 * One value a process, also where the package was loaded more than once (two versions in a tree, source
 * beside its build): what two copies must agree on would otherwise be known to one of them only.
 */

/** @param key what is shared, and the form it has: another form takes another key */
export function processWide<T extends object>(key: string, make: () => T): T {
  const shared = globalThis as { [symbol: symbol]: T | undefined };
  const symbol = Symbol.for(`sandtune.${key}`);
  return (shared[symbol] ??= make());
}
