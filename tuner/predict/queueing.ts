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

/**
 * Mean wait over (mean service × (ca² + cs²)/2); infinite when the load cannot be carried.
 * @param full the load if all batches were full, in erlangs: who waits for a server that takes all that wait
 *   does not wait for one after the other. Default: servers take one at a time.
 */
export function waitFactor(servers: number, load: number, full = load): number {
  return load >= servers ? Infinity : erlangC(servers, load) / (servers - full);
}

/** Mean calls in a batch that takes all that came while the one before ran: of a Poisson count the mean of those above 0. @param load of one server, in erlangs */
export function collectedIn(load: number): number {
  return load > 1e-6 ? load / -Math.expm1(-load) : 1;
}
