/**
 * Who has a call: one word a slot of shared memory, moved by compare-and-swap from both sides.
 *
 *                ┌─ host ──▶ taken        back with the host, nobody runs it: aborted, waited too long, stolen
 *   free ─▶ queued
 *                └─ worker ─▶ running ─┬─ worker ─▶ done         its answer comes, or its worker has ended
 *                                      └─ host ───▶ condemned    it overran: its worker does nothing more
 *
 * A word is a generation and one of these states. The generation is that of the call which has the slot,
 * so whoever speaks of a call that has left it finds another word, and its swap fails.
 */

export const callState = { free: 0, queued: 1, running: 2, done: 3, taken: 4, condemned: 5 } as const;
export type CallState = (typeof callState)[keyof typeof callState];

const stateBits = 3;
/** Generations fit beside the state, and beside the index of a slot in an id, in 31 bits. */
const generations = 1 << 20;

export function wordOf(generation: number, state: CallState): number {
  return (generation << stateBits) | state;
}

export function stateOf(word: number): CallState {
  return (word & ((1 << stateBits) - 1)) as CallState;
}

export function generationOf(word: number): number {
  return word >>> stateBits;
}

export function nextGeneration(generation: number): number {
  return (generation + 1) % generations;
}

/** True when the call was in state `from` and is now in `to`. */
export function swapClaim(
  claims: Int32Array,
  slot: number,
  generation: number,
  from: CallState,
  to: CallState,
): boolean {
  const before = wordOf(generation, from);
  return Atomics.compareExchange(claims, slot, before, wordOf(generation, to)) === before;
}

/** How far a call had come whose worker has ended. */
export function stageOf(state: CallState, entered: boolean): 'queue' | 'start' | 'execute' | 'return' {
  if (state === callState.done) return 'return';
  if (state === callState.queued || state === callState.taken) return 'queue';
  return entered ? 'execute' : 'start';
}
