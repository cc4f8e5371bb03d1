/**
 * Counts a call in while it runs, and keeps the most that ever ran at once.
 * @param shared 8 bytes: how many run, and the most that ever did; undefined where nobody counts
 * @returns counts it out again
 */
export function countedIn(shared: SharedArrayBuffer | undefined): () => void {
  if (!shared) return () => {};
  const counts = new Int32Array(shared);
  const now = Atomics.add(counts, 0, 1) + 1;
  let most = Atomics.load(counts, 1);
  while (now > most) most = Atomics.compareExchange(counts, 1, most, now) === most ? now : Atomics.load(counts, 1);
  return () => {
    Atomics.sub(counts, 0, 1);
  };
}
