import { expect, it } from 'vitest';
import { askForStack } from '../../src/foundation/stack-room.ts';

const way = { seen: 0 };

/** Goes down to the end of the stack, and asks at each level on the way back. @returns how many levels were refused */
function refusedLevels(): number {
  let refused = 0;
  const down = (): void => {
    try {
      down();
    } catch {
      // The end.
    }
    try {
      askForStack(way);
    } catch {
      refused++;
    }
  };
  down();
  return refused;
}

it('refuses where the stack is about to end, and nowhere else', () => {
  expect(() => askForStack(way)).not.toThrow();
  const refused = refusedLevels();
  expect(refused).toBeGreaterThan(20);
  expect(refused).toBeLessThan(5000);
});

it('refuses as much once V8 has compiled it', () => {
  for (let i = 0; i < 200_000; i++) askForStack(way);
  const refused = refusedLevels();
  expect(refused).toBeGreaterThan(20);
  expect(refused).toBeLessThan(2000);
});
