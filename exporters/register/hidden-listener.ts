/**
 * A listener of signals that a program does not see among its own: packages such as signal-exit end the process
 * where theirs is the only one. It is counted by `listenerCount`, by which Node itself knows whether to go on listening.
 */

/** `hidden` is left out wherever the listeners of `host` are listed. */
export function hideListener(host: NodeJS.Process, hidden: (signal: NodeJS.Signals) => void): void {
  for (const method of ['listeners', 'rawListeners'] as const) {
    const all = host[method].bind(host);
    host[method] = (event: string | symbol) => all(event).filter((one) => one !== hidden);
  }
}
