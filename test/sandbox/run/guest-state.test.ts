import { expect, it } from 'vitest';
import { stateFunction } from '../../../src/sandbox/run/guest-state.ts';
import type { TakenState } from '../../../src/sandbox/run/instance-state.ts';

it.each([0, 2, 1e9])('a snapshot is taken whole, though it says of itself that it has %i bytes', (length) => {
  const snapshot = Object.defineProperty(Uint8Array.of(1, 2, 3), 'length', { value: length });
  const state = stateFunction({ kind: 'own', snapshot: 0, restore: 1 }, {}, [() => snapshot, () => {}], 1);
  expect((state(undefined) as TakenState).snapshot).toEqual(
    new Uint8Array(new SharedArrayBuffer(3)).map((_, i) => i + 1),
  );
});
