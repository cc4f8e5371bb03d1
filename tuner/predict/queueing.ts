/**
 * Waiting in an open system. The present wait is measured, so only ratios of waits are needed, and
 * in a ratio the coefficients of variation of Allen and Cunneen's formula cancel.
 * @see Allen 1990, "Probability, Statistics, and Queueing Theory", §5.3 (Allen–Cunneen, Erlang C)
 */

/** Probability that an arrival waits, M/M/servers. @param load in erlangs, below `servers` */
export function erlangC(servers: number, load: number): number {
  let blocking = 1;
  for (let n = 1; n <= servers; n++) blocking = (load * blocking) / (n + load * blocking);
  const free = 1 - load / servers;
  return blocking / (blocking + free * (1 - blocking));
}

/** Mean wait over (mean service × (ca² + cs²)/2); infinite when the load cannot be carried. */
export function waitFactor(servers: number, load: number): number {
  return load >= servers ? Infinity : erlangC(servers, load) / (servers - load);
}
