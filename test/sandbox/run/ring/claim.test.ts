import fc from 'fast-check';
import { expect, it } from 'vitest';
import {
  type CallState,
  callState,
  generationOf,
  nextGeneration,
  stateOf,
  swapClaim,
  wordOf,
} from '../../../../src/sandbox/run/ring/claim.ts';

const { free, queued, running, done, taken, condemned } = callState;
/** What each side may do with a call. */
const moves: readonly (readonly [side: 'host' | 'worker', from: CallState, to: CallState])[] = [
  ['host', queued, taken],
  ['worker', queued, running],
  ['worker', running, done],
  ['host', running, condemned],
];
const generation = fc.integer({ min: 0, max: 2 ** 20 - 1 });

it('a word gives back its generation and its state', () => {
  fc.assert(
    fc.property(generation, fc.constantFrom(...Object.values(callState)), (one, state) => {
      const word = wordOf(one, state);
      expect(word | 0).toBe(word);
      expect([generationOf(word), stateOf(word)]).toEqual([one, state]);
      expect(generationOf(wordOf(nextGeneration(one), state))).not.toBe(one);
    }),
  );
});

it('of all that want a call one gets it, whatever their order: it is run or taken back, done or condemned', () => {
  fc.assert(
    fc.property(generation, fc.array(fc.constantFrom(...moves), { maxLength: 12 }), (one, wanted) => {
      const claims = new Int32Array(new SharedArrayBuffer(4));
      claims[0] = wordOf(one, queued);
      let state: CallState = queued;
      for (const [, from, to] of wanted) {
        expect(swapClaim(claims, 0, one, from, to)).toBe(from === state);
        if (from === state) state = to;
        expect(stateOf(claims[0] as number)).toBe(state);
      }
    }),
  );
});

it('whoever is late finds a slot that has another call, and changes nothing', () => {
  fc.assert(
    fc.property(generation, fc.constantFrom(...moves), (one, [, from, to]) => {
      const next = wordOf(nextGeneration(one), from);
      const claims = new Int32Array(new SharedArrayBuffer(4));
      claims[0] = next;
      expect(swapClaim(claims, 0, one, from, to)).toBe(false);
      expect(claims[0]).toBe(next);
      expect(wordOf(one, free)).not.toBe(next);
    }),
  );
});
