/**
 * Signals that many calls share. A platform's signal takes time in proportion to its listeners for each
 * one that is added or removed, so n calls under one signal (a server's shutdown) would cost n². Here a
 * signal has one listener, however many calls stand behind it.
 *
 *   signal ── 'abort' ──▶ Relay ──▶ each call that listens
 *
 * What only emits 'abort', an event emitter or an event target that keeps nothing of it, is a signal as well,
 * as it is to piscina: what reads the signal of a call gets an AbortSignal that fires when that does.
 */

/** An event emitter that emits 'abort'. */
export interface AbortEmitter {
  once(event: 'abort', listener: () => void): unknown;
  off(event: 'abort', listener: () => void): unknown;
}

/** What may cancel a call. */
export type CallSignal = AbortSignal | AbortEmitter;

/** What hears of an abort. It may be the object of a call itself, which saves a closure. */
export interface AbortListener {
  handleEvent(): void;
}

const relays = new WeakMap<AbortSignal, Relay>();
const ofEmitters = new WeakMap<CallSignal, AbortController>();
/** Takes the listener off the emitter that a signal was made of. */
const leaveEmitter = new WeakMap<AbortSignal, () => void>();

/** Checks the shape, so that signals of other realms and stand-ins pass. */
export function isCallSignal(value: unknown): value is CallSignal {
  if (typeof value !== 'object' || value === null) return false;
  if ('addEventListener' in value) {
    const { aborted, addEventListener, removeEventListener } = value as Partial<AbortSignal>;
    return (
      (aborted === undefined || typeof aborted === 'boolean') &&
      typeof addEventListener === 'function' &&
      typeof removeEventListener === 'function'
    );
  }
  const { once, off } = value as Partial<AbortEmitter>;
  return typeof once === 'function' && typeof off === 'function';
}

/** The signal itself, or one that fires when what is given next emits 'abort'. @throws what that throws */
export function abortSignalOf(signal: CallSignal): AbortSignal {
  const isTarget = 'addEventListener' in signal;
  // One that does not say whether it has fired could not be asked afterwards.
  if (isTarget && typeof signal.aborted === 'boolean') return signal;
  const known = ofEmitters.get(signal);
  if (known) return known.signal;
  const controller = new AbortController();
  const fired = () => {
    // An emitter may emit again, which aborts only the calls that were made since.
    ofEmitters.delete(signal);
    controller.abort();
  };
  if (isTarget) signal.addEventListener('abort', fired, { once: true });
  else signal.once('abort', fired);
  ofEmitters.set(signal, controller);
  leaveEmitter.set(controller.signal, () => {
    ofEmitters.delete(signal);
    if (isTarget) signal.removeEventListener('abort', fired);
    else signal.off('abort', fired);
  });
  return controller.signal;
}

/**
 * Calls `listener.handleEvent()` when the signal fires, once, until it is ignored again. O(1)
 * @throws what the signal throws when it is listened to
 */
export function listenToAbort(signal: AbortSignal, listener: AbortListener): void {
  let relay = relays.get(signal);
  if (!relay) {
    relay = new Relay(signal);
    relays.set(signal, relay);
  }
  relay.add(listener);
}

/** Never throws: a signal that is not the platform's may, and is then left as it is. O(1) */
export function ignoreAbort(signal: AbortSignal, listener: AbortListener): void {
  relays.get(signal)?.delete(listener);
}

/** The one listener of a signal. The signal has it only while somebody listens. */
class Relay {
  readonly #signal: AbortSignal;
  #listeners = new Set<AbortListener>();

  constructor(signal: AbortSignal) {
    this.#signal = signal;
  }

  add(listener: AbortListener): void {
    if (this.#listeners.size === 0) this.#signal.addEventListener('abort', this.#fired);
    this.#listeners.add(listener);
  }

  delete(listener: AbortListener): void {
    if (this.#listeners.delete(listener) && this.#listeners.size === 0) this.#leave();
  }

  /** A function, since a stand-in for a signal may know no listener that is an object. */
  readonly #fired = (): void => {
    const heard = this.#listeners;
    // Those who come meanwhile listen for the next time.
    this.#listeners = new Set();
    this.#leave();
    for (const listener of heard) listener.handleEvent();
  };

  #leave(): void {
    try {
      this.#signal.removeEventListener('abort', this.#fired);
      leaveEmitter.get(this.#signal)?.();
    } catch {
      // The signal goes on holding the relay, behind which nobody stands.
    }
  }
}
